"""The file of a series store: SQLite, one thread that writes and one that reads."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from tidegate.control.store.series.chunks import DamagedChunkError, Points, add, packed, unpacked
from tidegate.control.store.series.head import Delta
from tidegate.control.store.series.tiers import NEXT, Tier, aligned
from tidegate.control.store.side_files import connected, used_bytes
from tidegate.domain.cloudwatch import Metric, Summary

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL, flushed INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS chunks (
    series INTEGER NOT NULL, tier INTEGER NOT NULL, start INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (series, tier, start)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS chunks_by_age ON chunks (tier, start);
CREATE TABLE IF NOT EXISTS sources (
    name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (position INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""
_PUT = "INSERT OR REPLACE INTO chunks (series, tier, start, body) VALUES (?, ?, ?, ?)"
_VERSION = 1

# (series, where it begins, seconds, what was seen): one sample in the log.
Entry = tuple[int, int, int, Summary]
# (id, metric, unit, up to where in the log its chunks are, where its newest point begins)
StoredSeries = tuple[int, Metric, str, int, int]
Key = tuple[Metric, str]

_log_body = msgspec.msgpack.Decoder(list[Entry])
_key = msgspec.msgpack.Decoder(tuple[Metric, str])

_log = structlog.get_logger(__name__)


class UnknownSeriesFileError(Exception):
    """The file was written by a newer version."""


class SeriesFile:
    """`path` None: in memory, for tests; then one connection reads and writes. Raises sqlite3.Error."""

    def __init__(self, path: Path | None) -> None:
        self.is_instant = path is None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writer = connected(path)
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise UnknownSeriesFileError(f"{path} is of version {version}; this one knows {_VERSION}")
        self._writer.executescript(_SCHEMA)
        self._writer.execute(f"PRAGMA user_version = {_VERSION}")
        self._reader = self._writer if path is None else connected(path)

    def load(self) -> list[StoredSeries]:
        rows = self._writer.execute("SELECT id, key, flushed, last_at FROM series")
        return [(id_, *_key.decode(key), flushed, last_at) for id_, key, flushed, last_at in rows]

    def log(self) -> Iterator[tuple[int, list[Entry]]]:
        """What is in the log, in order."""
        for position, body in self._writer.execute("SELECT position, body FROM log ORDER BY position"):
            yield position, _log_body.decode(zlib.decompress(body))

    def sources(self) -> dict[str, int]:
        """The newest sequence of each source."""
        return dict(self._writer.execute("SELECT name, sequence FROM sources"))

    def append(
        self,
        position: int,
        entries: Sequence[Entry],
        *,
        new: Iterable[tuple[int, Key, int]],
        sources: Iterable[tuple[str, int, int]],
    ) -> None:
        """Add to the log, with the series that it is the first to name (id, key, newest point) and the
        sources that it came from (name, sequence, when)."""
        body = zlib.compress(msgspec.msgpack.encode(entries), 1)
        with _transaction(self._writer):
            self._writer.executemany(
                "INSERT OR IGNORE INTO series (id, key, last_at) VALUES (?, ?, ?)",
                [(id_, msgspec.msgpack.encode(key), at) for id_, key, at in new],
            )
            self._writer.execute("INSERT INTO log (position, body) VALUES (?, ?)", (position, body))
            self._writer.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", sources)

    def flush(self, deltas: Iterable[tuple[int, int, Delta]], cut_before: int) -> None:
        """Merge points into chunks: (series, its newest point, points); and cut the log."""
        with _transaction(self._writer):
            for id_, last_at, delta in deltas:
                for tier, points in delta.by_tier():
                    self._merge(id_, tier, points)
                self._writer.execute(
                    "UPDATE series SET flushed = ?, last_at = ? WHERE id = ?", (delta.through, last_at, id_)
                )
            self._writer.execute("DELETE FROM log WHERE position < ?", (cut_before,))

    def read(
        self, ids: Sequence[int], tiers: Iterable[Tier], begin: int, end: int
    ) -> tuple[list[int], list[tuple[Tier, int, Summary]]]:
        """How far each series' chunks are, and their points between `begin` and `end`."""
        with _transaction(self._reader):
            flushed = [self._flushed(id_) for id_ in ids]
            points = [point for id_ in ids for tier in tiers for point in self._points(id_, tier, begin, end)]
        return flushed, points

    def grow_old(self, tier: Tier, before: int, chunks_max: int) -> int:
        """Turn chunks that end before `before` into the next tier's, or into nothing; how many were."""
        rows = self._writer.execute(
            "SELECT series, start, body FROM chunks WHERE tier = ? AND start <= ? ORDER BY start LIMIT ?",
            (tier.number, before - tier.chunk_seconds, chunks_max),
        ).fetchall()
        with _transaction(self._writer):
            for id_, start, body in rows:
                self._retire(id_, tier, start, body)
        return len(rows)

    def oldest(self, tier: Tier) -> int | None:
        """Where the tier's oldest chunk begins."""
        row = self._writer.execute("SELECT MIN(start) FROM chunks WHERE tier = ?", (tier.number,)).fetchone()
        found: int | None = row[0]
        return found

    def forget_sources(self, before: int) -> list[str]:
        """Remove sources of which nothing came since; their names."""
        with _transaction(self._writer):
            rows = self._writer.execute("SELECT name FROM sources WHERE at < ?", (before,)).fetchall()
            self._writer.execute("DELETE FROM sources WHERE at < ?", (before,))
        return [name for (name,) in rows]

    def forget(self, ids: Iterable[int]) -> None:
        """Remove series with all that they have."""
        with _transaction(self._writer):
            for id_ in ids:
                self._writer.execute("DELETE FROM chunks WHERE series = ?", (id_,))
                self._writer.execute("DELETE FROM series WHERE id = ?", (id_,))

    def used_bytes(self) -> int:
        """What the file holds, without the pages that wait for new content."""
        return used_bytes(self._writer)

    def close(self) -> None:
        if self._reader is not self._writer:
            self._reader.close()
        self._writer.close()

    def _merge(self, id_: int, tier: Tier, points: Points) -> None:
        by_chunk: dict[int, Points] = {}
        for at, summary in points.items():
            by_chunk.setdefault(aligned(at, tier.chunk_seconds), {})[at] = summary
        for start, new in by_chunk.items():
            row = self._writer.execute(
                "SELECT body FROM chunks WHERE series = ? AND tier = ? AND start = ?",
                (id_, tier.number, start),
            ).fetchone()
            known = {} if row is None else _content(id_, start, row[0])
            for at, summary in new.items():
                add(known, at, summary)
            self._writer.execute(_PUT, (id_, tier.number, start, packed(start, known)))

    def _retire(self, id_: int, tier: Tier, start: int, body: bytes) -> None:
        coarser = NEXT.get(tier)
        if coarser is not None:
            points: Points = {}
            for at, summary in _content(id_, start, body).items():
                add(points, aligned(at, coarser.seconds), summary)
            self._merge(id_, coarser, points)
        self._writer.execute(
            "DELETE FROM chunks WHERE series = ? AND tier = ? AND start = ?", (id_, tier.number, start)
        )

    def _flushed(self, id_: int) -> int:
        row = self._reader.execute("SELECT flushed FROM series WHERE id = ?", (id_,)).fetchone()
        return int(row[0]) if row else 0

    def _points(self, id_: int, tier: Tier, begin: int, end: int) -> Iterator[tuple[Tier, int, Summary]]:
        rows = self._reader.execute(
            "SELECT start, body FROM chunks WHERE series = ? AND tier = ? AND start >= ? AND start < ?",
            (id_, tier.number, aligned(begin, tier.chunk_seconds), end),
        )
        for start, body in rows:
            for at, summary in _content(id_, start, body).items():
                if begin <= at < end:
                    yield tier, at, summary


def _content(id_: int, start: int, body: bytes) -> Points:
    """A chunk's points. One that is damaged has none: it must not keep all others from being written."""
    try:
        return unpacked(start, body)
    except DamagedChunkError as error:
        _log.error("metrics of some hours are damaged on disk", series=id_, start=start, reason=str(error))
        return {}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
