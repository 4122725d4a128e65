"""Opens the file of metrics. A region must not stay away because its metrics are damaged."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import structlog

from tidegate.control.store.series.file import SeriesFile, UnknownSeriesFileError
from tidegate.control.store.series.store import SeriesStore
from tidegate.domain.time import Clock

_log = structlog.get_logger(__name__)


# Another has it, or the disk or the memory is at its end: a new file would fare no better.
_NOT_THE_FILES_FAULT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def open_series(path: Path, clock: Clock) -> SeriesStore:
    """The store, loaded. A file that cannot be read is put aside, for whoever can make something of it, and a
    new one begun. Raises UnknownSeriesFileError, OSError, and sqlite3.Error where the disk refuses."""
    try:
        return _loaded(path, clock)
    except (UnknownSeriesFileError, OSError):
        raise
    except Exception as error:
        if isinstance(error, sqlite3.Error) and _code(error) in _NOT_THE_FILES_FAULT:
            raise
        aside = _put_aside(path, int(clock.now().timestamp()))
        _log.error(
            "the file of metrics cannot be read: a new one is begun", kept_as=str(aside), reason=str(error)
        )
        return _loaded(path, clock)


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


def _loaded(path: Path, clock: Clock) -> SeriesStore:
    file = SeriesFile(path)
    store = SeriesStore(file, clock)
    try:
        store.load()
    except BaseException:
        file.close()
        raise
    return store
