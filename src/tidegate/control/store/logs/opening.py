"""Opens the file of logs."""

from __future__ import annotations

from pathlib import Path

from tidegate.control.store.logs.file import LogFile, UnknownLogFileError
from tidegate.control.store.logs.store import LogStore
from tidegate.control.store.side_files import open_or_begin
from tidegate.domain.time import Clock


def open_logs(path: Path, clock: Clock) -> LogStore:
    """The store. Raises UnknownLogFileError, OSError, and sqlite3.Error where the disk refuses."""
    now = int(clock.now().timestamp())
    file = open_or_begin(path, LogFile, now=now, what="logs", refusal=UnknownLogFileError)
    return LogStore(file, clock)
