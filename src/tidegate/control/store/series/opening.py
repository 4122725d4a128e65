"""Opens the file of metrics. A region must not stay away because its metrics are damaged."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import msgspec
import structlog

from tidegate.control.store.series.file import SeriesFile
from tidegate.control.store.series.store import SeriesStore
from tidegate.domain.time import Clock

_log = structlog.get_logger(__name__)


def open_series(path: Path, clock: Clock) -> SeriesStore:
    """The store, loaded. A damaged file is put aside, for whoever can make something of it, and a new one
    begun. Raises UnknownSeriesFileError, and sqlite3.OperationalError where the disk refuses."""
    try:
        return _loaded(path, clock)
    except (sqlite3.DatabaseError, zlib.error, msgspec.MsgspecError) as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        aside = path.with_name(f"{path.name}.damaged-{int(clock.now().timestamp())}")
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        _log.error(
            "the file of metrics is damaged: a new one is begun", kept_as=str(aside), reason=str(error)
        )
        return _loaded(path, clock)


def _loaded(path: Path, clock: Clock) -> SeriesStore:
    file = SeriesFile(path)
    store = SeriesStore(file, clock)
    try:
        store.load()
    except BaseException:
        file.close()
        raise
    return store
