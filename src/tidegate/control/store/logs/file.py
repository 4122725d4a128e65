"""The file of a log store: SQLite. Every method runs on the thread of its connection's owner.

What changes streams or chunks runs inside `transaction`, so that the store can put many into one commit.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog

from tidegate.control.store.logs.chunks import (
    DamagedChunkError,
    Events,
    events_of,
    joined,
    packed,
    raw_bytes,
)
from tidegate.control.store.side_files import connected, used_bytes
from tidegate.domain.logs import NewEvents, event_size

# Small chunks are merged until they are as large as this; unpacked bytes.
CHUNK_BYTES = 64 * 1024
# In the schema too.
_SMALL_BYTES = 32 * 1024
_SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (
    id INTEGER PRIMARY KEY, grp TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    first_at INTEGER, last_at INTEGER, ingested_at INTEGER,
    next INTEGER NOT NULL DEFAULT 0, position INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (grp, name)
);
CREATE INDEX IF NOT EXISTS streams_by_event ON streams (grp, COALESCE(last_at, created_at), name);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, grp TEXT NOT NULL, stream INTEGER NOT NULL, first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    size INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_of_group ON chunks (grp, first_at, last_at, stream, first);
CREATE INDEX IF NOT EXISTS chunks_of_stream ON chunks (stream, first_at, last_at, first);
CREATE INDEX IF NOT EXISTS chunks_small ON chunks (stream, id) WHERE size < 32768;
"""
_VERSION = 1
_PUT = (
    "INSERT INTO chunks (id, grp, stream, first_at, last_at, first, count, bytes, size, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_log = structlog.get_logger(__name__)


class UnknownLogFileError(Exception):
    """The file was written by a newer version."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """Which bytes of a log that is being shipped a batch of events is."""

    begin: int
    end: int


class StreamRow(NamedTuple):
    """Times are Unix milliseconds; those of events are None while it has none."""

    id: int
    name: str
    created_at: int
    first_at: int | None
    last_at: int | None
    ingested_at: int | None
    bytes: int


# (id, group, its first event's number, how many it has, unpacked bytes, body)
_Small = tuple[int, str, int, int, int, bytes]
_STREAM = "SELECT id, name, created_at, first_at, last_at, ingested_at, bytes FROM streams "


class LogFile:
    """`path` None: in memory, for tests; then one connection reads and writes. Raises sqlite3.Error."""

    def __init__(self, path: Path | None) -> None:
        self.is_instant = path is None
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writer = connected(path)
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise UnknownLogFileError(f"{path} is of version {version}; this one knows {_VERSION}")
        self._writer.executescript(_SCHEMA)
        self._writer.execute(f"PRAGMA user_version = {_VERSION}")
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        # By stream: up to which of its chunks nothing can be merged; and which chunks are damaged.
        self._settled: dict[int, int] = {}
        self._damaged: set[int] = set()

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection on which this thread reads."""
        if self.is_instant:
            return self._writer
        if not hasattr(self._readers, "connection"):
            self._readers.connection = connected(self._path)
            self._opened.append(self._readers.connection)
        connection: sqlite3.Connection = self._readers.connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it is durable when it ends, or nothing of it is kept."""
        self._writer.execute("BEGIN")
        try:
            yield
        except BaseException:
            # A full disk has rolled it back already.
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")

    def add_stream(self, group: str, name: str, now: int) -> bool:
        """False where there is one of that name."""
        added = self._writer.execute(
            "INSERT OR IGNORE INTO streams (grp, name, created_at) VALUES (?, ?, ?)", (group, name, now)
        )
        return added.rowcount == 1

    def append(
        self, group: str, name: str, events: NewEvents, now: int, shipment: Shipment | None = None
    ) -> int | None:
        """Up to where its log has come with it; None where there is no such stream. A shipment of which
        anything was kept before is not kept: it ends where that does, or behind it."""
        row = self._writer.execute(
            "SELECT id, next, position FROM streams WHERE grp = ? AND name = ?", (group, name)
        ).fetchone()
        if row is None:
            return None
        id_, following, position = row
        if shipment is not None:
            if shipment.begin < position:
                return int(position)
            position = shipment.end
        ats = [at for at, _ in events]
        chunk = Events(ats, [now] * len(ats), [message for _, message in events])
        if not ats:
            self._writer.execute("UPDATE streams SET position = ? WHERE id = ?", (position, id_))
            return int(position)
        size = self._put(None, group, id_, following, chunk)
        self._writer.execute(
            "UPDATE streams SET first_at = MIN(COALESCE(first_at, ?1), ?1), last_at = "
            "MAX(COALESCE(last_at, ?2), ?2), ingested_at = ?3, next = ?4, position = ?5, bytes = bytes + ?6 "
            "WHERE id = ?7",
            (min(ats), max(ats), now, following + len(ats), position, size, id_),
        )
        return int(position)

    def stream(self, group: str, name: str) -> StreamRow | None:
        row = self.reader.execute(_STREAM + "WHERE grp = ? AND name = ?", (group, name)).fetchone()
        return None if row is None else StreamRow(*row)

    def streams_by_name(
        self, group: str, prefix: str, after: str | None, size: int, *, descending: bool
    ) -> list[StreamRow]:
        """Those whose names begin so, after that one in the order asked for."""
        order, sign = ("DESC", "<") if descending else ("ASC", ">")
        bound = f"AND name {sign} ?4 " if after is not None else ""
        rows = self.reader.execute(
            f"{_STREAM}WHERE grp = ?1 AND name >= ?2 AND SUBSTR(name, 1, ?3) = ?2 {bound}"
            f"ORDER BY name {order} LIMIT ?5",
            (group, prefix, len(prefix), after, size),
        )
        return [StreamRow(*row) for row in rows]

    def streams_by_event(
        self, group: str, after: tuple[int, str] | None, size: int, *, descending: bool
    ) -> list[StreamRow]:
        """In the order of their last events; one that has none stands where it was made."""
        order, sign = ("DESC", "<") if descending else ("ASC", ">")
        at, name = after or (0, "")
        bound = f"AND (COALESCE(last_at, created_at), name) {sign} (?2, ?3) " if after is not None else ""
        rows = self.reader.execute(
            f"{_STREAM}WHERE grp = ?1 {bound}"
            f"ORDER BY COALESCE(last_at, created_at) {order}, name {order} LIMIT ?4",
            (group, at, name, size),
        )
        return [StreamRow(*row) for row in rows]

    def stream_names(self, ids: Sequence[int]) -> dict[int, str]:
        return dict(
            self.reader.execute(
                "SELECT id, name FROM streams WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(ids),),
            )
        )

    def stored_bytes(self, groups: Sequence[str]) -> dict[str, int]:
        """What the events of each group count for; groups without any are left out."""
        return dict(
            self.reader.execute(
                "SELECT grp, SUM(bytes) FROM streams WHERE grp IN (SELECT value FROM json_each(?)) "
                "GROUP BY grp",
                (json.dumps(groups),),
            )
        )

    def groups(self) -> list[str]:
        """The ids under which streams are kept."""
        return [group for (group,) in self._writer.execute("SELECT DISTINCT grp FROM streams")]

    def remove_stream(self, group: str, name: str, chunks_max: int) -> bool | None:
        """Remove a stream, chunks first; whether nothing is left. None where there is none."""
        row = self._writer.execute(
            "SELECT id FROM streams WHERE grp = ? AND name = ?", (group, name)
        ).fetchone()
        if row is None:
            return None
        if self._remove_chunks("stream = ?", row, chunks_max) == chunks_max:
            return False
        self._writer.execute("DELETE FROM streams WHERE id = ?", row)
        return True

    def remove_group(self, group: str, chunks_max: int) -> bool:
        """Remove what is kept of a group, chunks first; whether nothing is left."""
        if self._remove_chunks("grp = ?", (group,), chunks_max) == chunks_max:
            return False
        self._writer.execute("DELETE FROM streams WHERE grp = ?", (group,))
        return True

    def expire(self, group: str, before: int, chunks_max: int) -> bool:
        """Remove the chunks of a group whose events are all older; whether it is done."""
        return self._remove_chunks("grp = ? AND last_at < ?", (group, before), chunks_max) < chunks_max

    def drop_oldest(self, chunks_max: int) -> int:
        """Remove those chunks that came first; how many."""
        return self._remove_chunks("1", (), chunks_max)

    def remove_idle_streams(self, group: str, before: int) -> None:
        """Remove streams of which nothing is left and to which nothing came since."""
        self._writer.execute(
            "DELETE FROM streams WHERE grp = ? AND bytes = 0 AND COALESCE(ingested_at, created_at) < ?",
            (group, before),
        )

    def fragmented(self, chunks_min: int) -> list[int]:
        """The streams that have so many small chunks of which it is not known that they cannot be merged."""
        rows = self._writer.execute(
            f"SELECT stream FROM chunks WHERE size < {_SMALL_BYTES} GROUP BY stream HAVING COUNT(*) >= ?",
            (chunks_min,),
        ).fetchall()
        found = [stream for (stream,) in rows]
        self._settled = {stream: self._settled[stream] for stream in found if stream in self._settled}
        return [
            stream
            for stream in found
            if stream not in self._settled or len(self._small(stream, chunks_min)) == chunks_min
        ]

    def merge(self, stream: int, chunks_max: int) -> None:
        """Make larger chunks of a stream's small ones, as far as they follow on each other."""
        rows = self._small(stream, chunks_max)
        run: list[_Small] = []
        merged = 0
        for row in rows:
            follows = run and run[-1][2] + run[-1][3] == row[2] and sum(r[4] for r in run) < CHUNK_BYTES
            if not follows or row[0] in self._damaged:
                merged += self._merge(stream, run)
                run = []
            if row[0] not in self._damaged:
                run.append(row)
        merged += self._merge(stream, run)
        if rows and not merged:
            self._settled[stream] = rows[-1][0]

    def used_bytes(self) -> int:
        """What the file holds, without the pages that wait for new content."""
        return used_bytes(self._writer)

    def close(self) -> None:
        for connection in (*self._opened, self._writer):
            connection.close()

    def _put(self, id_: int | None, group: str, stream: int, first: int, chunk: Events) -> int:
        """The bytes that its events count for."""
        body, size = packed(chunk)
        counted = sum(map(event_size, chunk.messages))
        first_at, last_at = min(chunk.ats), max(chunk.ats)
        row = (id_, group, stream, first_at, last_at, first, len(chunk.ats), counted, size, body)
        self._writer.execute(_PUT, row)
        return counted

    def _small(self, stream: int, chunks_max: int) -> list[_Small]:
        return self._writer.execute(
            "SELECT id, grp, first, count, size, body FROM chunks "
            f"WHERE stream = ? AND id > ? AND size < {_SMALL_BYTES} ORDER BY id LIMIT ?",
            (stream, self._settled.get(stream, 0), chunks_max),
        ).fetchall()

    def _merge(self, stream: int, run: list[_Small]) -> bool:
        """Whether anything has changed, be it that a chunk is now known to be damaged."""
        if len(run) < 2:
            return False
        parts = []
        for row in run:
            try:
                parts.append(events_of(raw_bytes(row[5])))
            except DamagedChunkError as error:
                _log.error("log events are damaged on disk", stream=stream, reason=str(error))
                self._damaged.add(row[0])
        if len(parts) < len(run):
            # The next look at the stream goes round them.
            return True
        id_, group, first = run[0][:3]
        marks = ", ".join("?" * len(run))
        self._writer.execute(f"DELETE FROM chunks WHERE id IN ({marks})", [row[0] for row in run])
        # Under the first one's id: those that came first are dropped first.
        self._put(id_, group, stream, first, joined(parts))
        return True

    def _remove_chunks(self, condition: str, values: tuple[object, ...], chunks_max: int) -> int:
        rows = self._writer.execute(
            f"DELETE FROM chunks WHERE id IN (SELECT id FROM chunks WHERE {condition} ORDER BY id LIMIT ?) "
            "RETURNING stream, bytes",
            (*values, chunks_max),
        ).fetchall()
        self._writer.executemany(
            "UPDATE streams SET bytes = MAX(0, bytes - ?) WHERE id = ?", [(size, id_) for id_, size in rows]
        )
        return len(rows)
