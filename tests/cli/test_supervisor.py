from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tidegate.cli import processes
from tidegate.cli.parts import STOP_SIGNALS, Part, start
from tidegate.cli.supervisor import Supervisor, restart_delay, rotate, stop_signals

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def supervisor(tmp_path: Path, told: list[str]) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path, told.append)
    yield made
    made.abandon_all()
    for name in processes.names(tmp_path):
        process = processes.read(tmp_path, name)
        if process is not None:
            processes.stop(process, 2)


async def until(claim: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        # Other processes tell by files and by their end: there is no event to wait for.
        while not claim():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def pid_of(data_dir: Path, name: str) -> int:
    process = processes.read(data_dir, name)
    return process.pid if process else 0


def test_the_first_restart_is_immediate_and_the_wait_doubles_to_a_bound() -> None:
    delays = [restart_delay(crashes) for crashes in range(9)]
    assert delays == [0.0, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


async def test_what_dies_is_started_again(tmp_path: Path, supervisor: Supervisor, told: list[str]) -> None:
    supervisor.keep(Part(name="control", command=SLEEP))
    await until(lambda: pid_of(tmp_path, "control"))
    first = pid_of(tmp_path, "control")
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path, "control") not in (0, first))
    restarted = processes.read(tmp_path, "control")
    assert restarted is not None
    assert restarted.restarts == 1
    assert told[0].startswith(f"control (pid {first}) died")


async def test_what_keeps_dying_waits_longer_each_time(
    tmp_path: Path, supervisor: Supervisor, told: list[str]
) -> None:
    supervisor.keep(Part(name="control", command=[sys.executable, "-c", "print('why')"]))
    await until(lambda: len(told) == 3)
    assert [line.rsplit("; ", 1)[1] for line in told] == [
        "restart in 0 s",
        "restart in 0.5 s",
        "restart in 1 s",
    ]
    assert (tmp_path / "logs" / "control.log").read_text().count("why\n") == 3


async def test_a_command_that_cannot_be_run_is_told_and_tried_again(
    supervisor: Supervisor, told: list[str]
) -> None:
    supervisor.keep(Part(name="control", command=["/no/such/program"]))
    await until(lambda: len(told) >= 2)
    assert "control could not be started" in told[0]


async def test_what_cannot_be_remembered_is_ended_before_it_is_started_again(
    tmp_path: Path, supervisor: Supervisor, told: list[str]
) -> None:
    started = tmp_path / "started"
    # The pid file cannot be written where a directory has its name.
    (tmp_path / "run" / ".control.pid").mkdir(parents=True)
    code = f"import os, time; open({str(started)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    supervisor.keep(Part(name="control", command=[sys.executable, "-c", code]))
    await until(lambda: len(told) >= 3)
    supervisor.abandon_all()
    pids = started.read_text().split() if started.exists() else []
    assert not [pid for pid in pids if processes.start_time(int(pid)) is not None]


async def test_what_an_earlier_supervisor_left_is_adopted_and_watched(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    left = await asyncio.create_subprocess_exec(*SLEEP)
    processes.write(tmp_path, "balancer", left.pid)
    supervisor.keep(Part(name="balancer", command=SLEEP))
    await until(lambda: supervisor.running == ["balancer"])
    assert pid_of(tmp_path, "balancer") == left.pid
    left.kill()
    await left.wait()
    await until(lambda: pid_of(tmp_path, "balancer") not in (0, left.pid))


async def test_a_part_that_cannot_be_adopted_is_started_afresh(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    left = await asyncio.create_subprocess_exec(*SLEEP)
    processes.write(tmp_path, "control", left.pid)
    supervisor.keep(Part(name="control", command=SLEEP, is_adoptable=False))
    await until(lambda: pid_of(tmp_path, "control") not in (0, left.pid))
    left.kill()
    await left.wait()


async def test_a_part_that_runs_already_is_kept_as_it_is(tmp_path: Path, supervisor: Supervisor) -> None:
    part = Part(name="control", command=SLEEP, is_adoptable=False)
    started = start(tmp_path, part)
    supervisor.keep(part, started)
    await until(lambda: supervisor.running == ["control"])
    assert pid_of(tmp_path, "control") == started.pid
    os.kill(started.pid, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path, "control") not in (0, started.pid))


async def test_a_signal_that_was_held_back_is_heard() -> None:
    heard = asyncio.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    # To this thread: one sent to the process would go to a thread that does not hold it back.
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    stop_signals(heard.set)
    try:
        await asyncio.wait_for(heard.wait(), 5)
    finally:
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)


async def test_keeping_twice_starts_once(tmp_path: Path, supervisor: Supervisor) -> None:
    part = Part(name="agent-i-1", command=SLEEP)
    supervisor.keep(part)
    supervisor.keep(part)
    await until(lambda: pid_of(tmp_path, "agent-i-1"))
    pid = pid_of(tmp_path, "agent-i-1")
    await asyncio.sleep(0.05)
    assert pid_of(tmp_path, "agent-i-1") == pid


async def test_what_is_dropped_is_stopped_and_forgotten(tmp_path: Path, supervisor: Supervisor) -> None:
    supervisor.keep(Part(name="agent-i-1", command=SLEEP))
    await until(lambda: pid_of(tmp_path, "agent-i-1"))
    process = processes.read(tmp_path, "agent-i-1")
    await supervisor.drop("agent-i-1")
    assert process is not None
    assert not process.is_alive
    assert processes.names(tmp_path) == []


async def test_what_is_abandoned_runs_on_and_is_not_restarted(tmp_path: Path, supervisor: Supervisor) -> None:
    supervisor.keep(Part(name="agent-i-1", command=SLEEP))
    await until(lambda: pid_of(tmp_path, "agent-i-1"))
    process = processes.read(tmp_path, "agent-i-1")
    supervisor.abandon_all()
    assert process is not None
    assert process.is_alive
    assert supervisor.running == []


async def test_a_part_is_not_started_while_a_mark_forbids_it(
    tmp_path: Path, supervisor: Supervisor, told: list[str]
) -> None:
    mark = tmp_path / "killed"
    supervisor.keep(Part(name="agent-i-1", command=SLEEP, unless=mark))
    await until(lambda: pid_of(tmp_path, "agent-i-1"))
    mark.touch()
    os.kill(pid_of(tmp_path, "agent-i-1"), signal.SIGKILL)
    await until(lambda: any("is not started" in line for line in told))
    assert pid_of(tmp_path, "agent-i-1") == 0


async def test_a_part_gets_its_environment_and_its_descriptors(supervisor: Supervisor) -> None:
    reader, writer = os.pipe()
    code = f"import os; os.write({writer}, os.environ['AWS_REGION'].encode())"
    supervisor.keep(
        Part(
            name="control",
            command=[sys.executable, "-c", code],
            environment={"AWS_REGION": "eu-west-1"},
            descriptors=(writer,),
        )
    )
    assert await asyncio.to_thread(os.read, reader, 100) == b"eu-west-1"
    supervisor.abandon_all()
    os.close(reader)
    os.close(writer)


def test_a_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "control.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        rotate(log, 1000)
        assert log.stat().st_size == 400
        rotate(log, 100)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "control.log.1").read_bytes() == b"old\n" * 100


@contextmanager
def files_of_at_most(bytes_max: int) -> Iterator[None]:
    """As on a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_log_that_cannot_be_copied_stays_whole_and_half_a_copy_goes(tmp_path: Path) -> None:
    log = tmp_path / "control.log"
    log.write_bytes(b"old\n" * 2000)
    with files_of_at_most(4096), pytest.raises(OSError, match="too large"):
        rotate(log, 1000)
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("control.log", 8000)]
