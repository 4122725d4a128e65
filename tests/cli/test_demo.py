"""Two demos do not get in each other's way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.cli import processes
from tidegate.cli.demo.stage import StageError, claimed


def test_a_directory_is_claimed_by_one_demo_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo"), pytest.raises(StageError, match="name another --data-dir"):
        claimed(tmp_path / "demo").__enter__()
    with claimed(tmp_path / "demo"):
        pass
    assert list(tmp_path.iterdir()) == [], "a lock is left behind"


def test_demos_in_two_directories_play_side_by_side(tmp_path: Path) -> None:
    with claimed(tmp_path / "one"), claimed(tmp_path / "two"):
        pass


def demo(data_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegate.cli.main", "demo", "--check", "--runtime", "process"]
    command += ["--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_installation_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "mine" / "settings.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    running = subprocess.Popen(["sleep", "60"])
    processes.write(tmp_path / "mine", "balancer", running.pid)
    done = demo(tmp_path / "mine")
    is_running = running.poll() is None
    running.kill()
    running.wait()
    assert done.returncode == 1
    assert "holds an installation that no demo made" in done.stdout
    assert kept.exists()
    assert is_running


def test_a_second_demo_ends_before_it_purges_what_the_first_one_plays_on(tmp_path: Path) -> None:
    kept = tmp_path / "demo" / "settings.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    with claimed(tmp_path / "demo"):
        done = demo(tmp_path / "demo")
    assert done.returncode == 1
    assert "a demo plays in" in done.stdout
    assert kept.exists()
