"""Opens a file of SQLite beside the state. A region must not stay away because its metrics or its logs are
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
