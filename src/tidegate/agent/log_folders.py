"""Removes the logs of tasks that are gone: a crash loop leaves some for each of its tasks."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time

import structlog

from tidegate.agent.decisions.log_folders import BYTES_MAX, LogFolder, Need, removable
from tidegate.agent.ledger import Ledger, Record

LOOK_EVERY_SECONDS = 60.0
# In the place of logs that were removed although their container may still be there.
_REMOVED = "removed"

_log = structlog.get_logger(__name__)


def is_removed(folder: Path) -> bool:
    """Whether the logs of a task were removed: whoever can fetch them again does not."""
    return (folder / _REMOVED).exists()


@dataclass(slots=True)
class LogFolders:
    """Runs until cancelled. `has_shipped`: whether nothing of a task waits to be shipped. A folder's own
    time is when its task was last known to have a record."""

    folder: Path
    ledger: Ledger
    has_shipped: Callable[[Record], bool]
    now: Callable[[], float] = time
    bytes_max: int = BYTES_MAX

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except OSError as error:
                _log.warning("logs of tasks that are gone were not removed", error=str(error))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Remove what is too old or too much. Raises OSError."""
        known = {record.payload.id for record in self.ledger.records.values()}
        measured = await asyncio.to_thread(lambda: list(self._measured(known)))
        # A task may have been accepted or forgotten meanwhile.
        records = {record.payload.id: record for record in self.ledger.records.values()}
        is_too_much = sum(size for _, size, _ in measured) > self.bytes_max
        folders = [
            self._folder(records.get(task_id), task_id, size, at, asks=is_too_much)
            for task_id, size, at in measured
        ]
        removed = removable(folders, self.now(), bytes_max=self.bytes_max)
        for one in removed:
            if one.need == Need.SHIPMENT:
                _log.warning("log lines were lost: logs had to make room", task=one.task_id, bytes=one.size)
        for one in removed:
            await asyncio.to_thread(self._remove, one)

    def _measured(self, known: set[str]) -> Iterator[tuple[str, int, float]]:
        """Of each task the bytes of its logs and its folder's time, which is now for one that is known."""
        with suppress(FileNotFoundError):
            for folder in list(self.folder.iterdir()):
                with suppress(FileNotFoundError):
                    if folder.name in known:
                        os.utime(folder, (self.now(), self.now()))
                    size = sum(path.stat().st_size for path in folder.iterdir())
                    yield folder.name, size, folder.stat().st_mtime

    def _folder(self, record: Record | None, task_id: str, size: int, at: float, *, asks: bool) -> LogFolder:
        """`asks`: whether it matters what is shipped, which takes looks at files."""
        if record is None:
            return LogFolder(task_id, size, at, Need.READERS)
        if record.stopped_at is None:
            return LogFolder(task_id, size, at, Need.TASK)
        is_shipped = asks and self.has_shipped(record)
        return LogFolder(task_id, size, record.stopped_at, Need.RECORD if is_shipped else Need.SHIPMENT)

    def _remove(self, removed: LogFolder) -> None:
        folder = self.folder / removed.task_id
        shutil.rmtree(folder, ignore_errors=True)
        if removed.need != Need.READERS:
            folder.mkdir(exist_ok=True)
            (folder / _REMOVED).touch()
