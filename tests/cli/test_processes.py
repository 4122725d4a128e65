from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.cli import processes


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_a_remembered_process_is_found_while_it_runs(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    written = processes.write(tmp_path, "control", sleeper.pid, restarts=2)
    assert processes.read(tmp_path, "control") == written
    assert (written.pid, written.restarts) == (sleeper.pid, 2)
    assert 0 <= written.uptime_seconds < 60
    sleeper.kill()
    sleeper.wait()
    assert processes.read(tmp_path, "control") is None


def test_another_process_with_the_same_pid_is_not_mistaken_for_it(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    written = processes.write(tmp_path, "control", sleeper.pid)
    earlier = f"{written.pid} {written.started - 1} 0\n"
    (tmp_path / "run" / "control.pid").write_text(earlier)
    assert processes.read(tmp_path, "control") is None


@pytest.mark.parametrize("content", ["", "text", "1 2", "a b c"])
def test_a_broken_pid_file_names_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "control.pid").write_text(content)
    assert processes.read(tmp_path, "control") is None


def test_a_zombie_counts_as_gone(sleeper: subprocess.Popen[bytes]) -> None:
    process = processes.ProcessId(sleeper.pid, processes.start_time(sleeper.pid) or 0)
    sleeper.kill()
    deadline = time.monotonic() + 5
    while process.is_alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process.is_alive
    # Nobody is hit by a signal to it.
    process.signal(signal.SIGKILL)


def test_what_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        processes.stop(processes.write(tmp_path, "x", stubborn.pid), 0.1)
        assert stubborn.wait(5) == -signal.SIGKILL


def test_a_process_is_found_by_a_whole_argument(tmp_path: Path) -> None:
    marker = str(tmp_path / "haproxy.cfg")
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", marker]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert [found.pid for found in processes.naming(marker)] == [process.pid]
        assert processes.naming(marker[:-1]) == []
        process.kill()


def test_haproxys_processes_are_the_balancers_descendants(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run(['sleep', '60'])"
    with subprocess.Popen([sys.executable, "-c", code]) as balancer:
        processes.write(tmp_path, "balancer", balancer.pid)
        deadline = time.monotonic() + 5
        while not (found := processes.process_ids(tmp_path, "haproxy")) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(found) == 1
        for pid in (*found, balancer.pid):
            processes.stop(processes.ProcessId(pid, processes.start_time(pid) or 0), 1)
