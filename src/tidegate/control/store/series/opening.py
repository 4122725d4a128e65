"""Opens the file of metrics."""

from __future__ import annotations

from pathlib import Path

from tidegate.control.store.series.file import SeriesFile, UnknownSeriesFileError
from tidegate.control.store.series.store import SeriesStore
from tidegate.control.store.side_files import open_or_begin
from tidegate.domain.time import Clock


def open_series(path: Path, clock: Clock) -> SeriesStore:
    """The store, loaded. Raises UnknownSeriesFileError, OSError, and sqlite3.Error where the disk refuses."""

    def loaded(path: Path) -> SeriesStore:
        file = SeriesFile(path)
        store = SeriesStore(file, clock)
        try:
            store.load()
        except BaseException:
            file.close()
            raise
        return store

    now = int(clock.now().timestamp())
    return open_or_begin(path, loaded, now=now, what="metrics", refusal=UnknownSeriesFileError)
