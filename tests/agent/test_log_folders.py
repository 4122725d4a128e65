"""Logs of tasks that are gone: what is removed, in which order, and what never is."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tidegate.agent.decisions.log_folders import KEPT_SECONDS, LogFolder, Need, removable
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.log_folders import LogFolders, is_removed
from tidegate.agent.payload import TaskPayload

NOW = 1_700_000_000.0
OLD = NOW - KEPT_SECONDS - 1


def ids(folders: list[LogFolder]) -> list[str]:
    return [one.task_id for one in folders]


def test_only_logs_of_forgotten_tasks_grow_too_old() -> None:
    folders = [LogFolder(need.name, 1, OLD, need) for need in Need]
    assert ids(removable(folders, NOW)) == ["READERS"]
    assert removable([LogFolder("a", 1, NOW - KEPT_SECONDS, Need.READERS)], NOW) == []


def test_too_many_bytes_take_the_oldest_of_what_is_needed_least() -> None:
    folders = [
        LogFolder("runs", 50, NOW, Need.TASK),
        LogFolder("waits", 10, NOW - 9, Need.SHIPMENT),
        LogFolder("stopped", 10, NOW - 8, Need.RECORD),
        LogFolder("newer", 10, NOW - 1, Need.READERS),
        LogFolder("older", 10, NOW - 2, Need.READERS),
    ]
    assert removable(folders, NOW, bytes_max=40) == []
    assert ids(removable(folders, NOW, bytes_max=39)) == ["older"]
    assert ids(removable(folders, NOW, bytes_max=15)) == ["older", "newer", "stopped"]
    assert ids(removable(folders, NOW, bytes_max=0)) == ["older", "newer", "stopped", "waits"]


@dataclass
class Host:
    """`waiting`: tasks whose lines are not shipped."""

    folder: Path
    ledger: Ledger
    waiting: set[str] = field(default_factory=set)
    now: float = NOW

    def task(self, task_id: str, *, stopped_at: float | None = None, size: int = 10) -> Path:
        """A task with a log of so many bytes; its folder."""
        folder = self.folder / task_id
        folder.mkdir(parents=True)
        (folder / "main.log").write_bytes(bytes(size))
        arn = f"arn:aws:ecs:us-east-1:000000000000:task/c/{task_id}"
        self.ledger.save(Record(payload=TaskPayload(arn=arn), stopped_at=stopped_at))
        os.utime(folder, (OLD, OLD))
        return folder

    def forget(self, folder: Path) -> None:
        self.ledger.forget(f"arn:aws:ecs:us-east-1:000000000000:task/c/{folder.name}")

    async def look(self, bytes_max: int = 1000) -> None:
        folders = LogFolders(
            self.folder,
            self.ledger,
            lambda record: record.payload.id not in self.waiting,
            now=lambda: self.now,
            bytes_max=bytes_max,
        )
        await folders.look()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    ledger = Ledger(tmp_path)
    ledger.load()
    return Host(tmp_path / "logs", ledger)


async def test_a_day_is_counted_from_when_the_task_was_last_known(host: Host) -> None:
    folder = host.task("a", stopped_at=OLD)
    await host.look()
    host.forget(folder)
    host.now += KEPT_SECONDS - 1
    await host.look()
    assert (folder / "main.log").exists()
    host.now += 2
    await host.look()
    assert not folder.exists()


async def test_logs_that_wait_go_last_and_that_is_told(host: Host) -> None:
    host.waiting = {"b"}
    running, waiting, shipped = (host.task("a"), host.task("b", stopped_at=1), host.task("c", stopped_at=2))
    gone = host.task("d", stopped_at=3)
    host.forget(gone)
    with capture_logs() as logged:
        await host.look(bytes_max=10)
    assert not gone.exists()
    assert [is_removed(one) for one in (running, waiting, shipped)] == [False, False, True]
    assert logged == []
    with capture_logs() as logged:
        await host.look(bytes_max=5)
    assert [(one["task"], one["bytes"]) for one in logged] == [("b", 10)]
    assert is_removed(waiting)
    assert (running / "main.log").exists()


async def test_a_host_without_logs_has_nothing_to_remove(host: Host) -> None:
    await host.look(bytes_max=0)
    assert not host.folder.exists()
