"""`tidegate instance`: what is listed, and what a kill says and leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.test_main import SETTINGS
from typer.testing import CliRunner, Result

from tidegate.cli import processes, settings
from tidegate.cli.commands.instance import app
from tidegate.cli.places import Places


def instance(*words: str, data_dir: Path) -> Result:
    return CliRunner().invoke(app, [words[0], "--data-dir", str(data_dir), *words[1:]])


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    settings.save(tmp_path, SETTINGS)
    return tmp_path


def test_a_list_where_nothing_was_started_fails_with_what_to_do(tmp_path: Path) -> None:
    done = instance("ls", data_dir=tmp_path / "none")
    assert done.exit_code == 1
    assert "nothing was started in" in done.output


def test_an_empty_list_says_so_beside_its_output(data_dir: Path) -> None:
    done = instance("ls", data_dir=data_dir)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no instances yet" in done.stderr


def test_an_instance_is_killed_once(data_dir: Path) -> None:
    agent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Places(data_dir).instance("i-1").mkdir(parents=True)
    processes.write(data_dir, "agent-i-1", agent.pid)
    assert instance("ls", data_dir=data_dir).stdout == f"i-1  running  agent pid {agent.pid}\n"
    assert instance("kill", "i-1", data_dir=data_dir).stdout == "killed i-1\n"
    assert agent.wait(5) == -9
    assert instance("ls", data_dir=data_dir).stdout == "i-1  killed\n"
    assert instance("kill", "i-1", data_dir=data_dir).stdout == "i-1 was killed already\n"


def test_an_instance_that_ended_is_not_killed(data_dir: Path) -> None:
    Places(data_dir).instance("i-1").mkdir(parents=True)
    (Places(data_dir).instance("i-1") / "ended").touch()
    assert instance("kill", "i-1", data_dir=data_dir).stdout == "i-1 was ended already\n"
    assert not Places(data_dir).killed("i-1").exists()
