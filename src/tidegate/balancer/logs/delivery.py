"""Delivers logs: follows what HAProxy writes, and makes an object of it for every interval.

Nothing is lost and nothing twice, whenever this dies. Lines count as delivered once the objects that hold
them are whole, and the journal says how far that is. Before the first object of a batch is put in place, the
journal says which lines the batch has and what its objects are called: who finds such a batch after a crash
makes it again from the same lines, over the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from tidegate.balancer.decisions.access_log.objects import Destination, interval_end
from tidegate.balancer.logs import journal
from tidegate.balancer.logs.batch import Batch
from tidegate.balancer.logs.book import Book
from tidegate.balancer.logs.follow import Follower, Position
from tidegate.balancer.logs.journal import Journal, Sealed

REQUESTS, CHECKS = "access.log", "health.log"
_CHUNK_BYTES = 1024 * 1024
# Of raw lines, in one batch: after a crash they must still be there, and are rendered again.
BATCH_BYTES_MAX = 16 * 1024 * 1024

_log = structlog.get_logger(__name__)


class Buckets(Protocol):
    def put(self, place: Destination, content: bytes) -> None:
        """Make an object; it is whole, or not there. Raises OSError."""
        ...


class Delivery:
    """`raw`: the folder of the files that are followed; `edge`: the balancer's document; `unique` gives eight
    characters for objects' names."""

    def __init__(
        self,
        *,
        raw: Path,
        edge: Path,
        journal_path: Path,
        buckets: Buckets,
        interval_seconds: int,
        unique: Callable[[], str],
        now: float,
        batch_bytes_max: int = BATCH_BYTES_MAX,
    ) -> None:
        self._files = {name: Follower(raw / name) for name in (REQUESTS, CHECKS)}
        self._book = Book(edge)
        self._journal_path = journal_path
        self._buckets = buckets
        self._interval_seconds = interval_seconds
        self._unique = unique
        self._batch_bytes_max = batch_bytes_max
        self._journal = journal.load(journal_path)
        self._end = interval_end(now, interval_seconds)
        self._begin_batch()
        self._book.load()
        for name, follower in self._files.items():
            follower.seek(self._journal.delivered.get(name, Position()))
        if self._journal.sealed is not None:
            self._make_again(self._journal.sealed)

    @property
    def segments_lost(self) -> int:
        """How many files were rotated away before they were read."""
        return sum(follower.segments_lost for follower in self._files.values())

    def step(self, now: float) -> bool:
        """Take what has come, and make objects when it is time; whether more may be there already."""
        if self._book.has_changed():
            # What was written under the old document goes where that says.
            self._take_all()
            self._book.load()
        is_full = self._take()
        if is_full or now >= self._end:
            self._deliver()
            self._end = interval_end(now, self._interval_seconds)
        return is_full

    def finish(self) -> None:
        """Deliver all that has come."""
        self._take_all()
        self._deliver()
        for follower in self._files.values():
            follower.close()

    def _begin_batch(self) -> None:
        self._batch, self._bytes = Batch(self._book), 0

    def _take_all(self) -> None:
        while self._take():
            self._deliver()

    def _take(self, until: Mapping[str, Position] | None = None) -> bool:
        """Read into the batch what there is, or what there is until there; whether the batch is full."""
        for name, follower in self._files.items():
            bound = None if until is None else until.get(name, Position())
            if bound == Position():
                continue
            while self._bytes < self._batch_bytes_max or until is not None:
                content = follower.read(min(_CHUNK_BYTES, self._batch_bytes_max), bound)
                if not content:
                    break
                self._bytes += len(content)
                self._add(name, content)
        return self._bytes >= self._batch_bytes_max

    def _add(self, name: str, content: bytes) -> None:
        if name == REQUESTS:
            self._batch.add_requests(content)
        else:
            self._batch.add_checks(content)

    def _deliver(self) -> None:
        sealed = Sealed(until=self._positions(), end=self._end, unique=self._unique())
        if sealed.until == self._journal.delivered:
            return
        if self._batch.lines:
            self._write(replace(self._journal, sealed=sealed))
        self._put(sealed)

    def _make_again(self, sealed: Sealed) -> None:
        self._take(sealed.until)
        self._put(sealed)

    def _put(self, sealed: Sealed) -> None:
        """Make the batch's objects; they are whole before the journal says so."""
        if self._batch.lines_lost:
            _log.error("lines of logs could not be rendered", lines=self._batch.lines_lost)
        for place, content in self._batch.objects(sealed.end, sealed.unique):
            try:
                self._buckets.put(place, content)
            except OSError as error:
                # The others are not held up.
                _log.error("a log is lost", bucket=place.bucket, key=place.key, error=str(error))
        self._write(Journal(delivered=self._positions()))
        self._begin_batch()

    def _positions(self) -> dict[str, Position]:
        return {name: follower.position for name, follower in self._files.items()}

    def _write(self, state: Journal) -> None:
        journal.save(self._journal_path, state)
        self._journal = state
