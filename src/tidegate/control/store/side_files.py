"""Opens files of SQLite beside the state. A region must not stay away because its metrics or its logs are
damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import structlog

T = TypeVar("T")

_log = structlog.get_logger(__name__)


# Another has it, or the disk or the memory is at its end: a new file would fare no better.
_NOT_THE_FILES_FAULT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def open_or_begin(
    path: Path, loaded: Callable[[Path], T], *, now: int, what: str, refusal: type[Exception]
) -> T:
    """What is loaded from the file. One that cannot be read is put aside, for whoever can make something of
    it, and a new one begun. Raises `refusal`, OSError, and sqlite3.Error where the disk refuses."""
    try:
        return loaded(path)
    except (refusal, OSError):
        raise
    except Exception as error:
        if isinstance(error, sqlite3.Error) and _code(error) in _NOT_THE_FILES_FAULT:
            raise
        aside = _put_aside(path, now)
        _log.error(
            f"the file of {what} cannot be read: a new one is begun", kept_as=str(aside), reason=str(error)
        )
        return loaded(path)


def connected(path: Path | None) -> sqlite3.Connection:
    """A connection to a file, to memory without; for any thread, one at a time."""
    connection = sqlite3.connect(
        path or ":memory:", isolation_level=None, check_same_thread=False, timeout=30
    )
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def used_bytes(connection: sqlite3.Connection) -> int:
    """What a file holds, without the pages that wait for new content."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _code(error: sqlite3.Error) -> int | None:
    # The extended code's last byte; what Python's own part raises has none.
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _put_aside(path: Path, now: int) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{now}")
    # With its log, which has the newest.
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return aside
