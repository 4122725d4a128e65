"""Pages of events: chunks walked over in the order of time, those that overlap merged.

Theory of operation. A heap holds every chunk that the walk has reached, by the place of its next event. A
chunk is taken apart only when that place is the first of all, and only as many of its events are held as its
share of the room for them; what comes behind them waits until it is taken apart again. Of a chunk in which
the page begins the times alone are unpacked before, to know its place. So a page costs what it has, however
many streams were written to at once.

With the signs of places turned round the same walk goes backwards. A page ends with its last event, or when
its time is up: then just before the place that is the heap's first, up to which everything has been said.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from tidegate.control.store.logs.chunks import DamagedChunkError, Events, events_of, raw_bytes, times_of
from tidegate.domain.logs import LogEvent, Place, event_size

_log = structlog.get_logger(__name__)

# A page of at most 1 MB, as CloudWatch's.
PAGE_BYTES_MAX = 1024 * 1024
# What an event that is held takes beside its text.
_HELD_OVERHEAD_BYTES = 300
# Beyond every stream and number; tokens have room for it.
_BEYOND = 10**18 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Events of a group from `begin` to before `end` (Unix milliseconds), of these streams alone where they
    are given.

    `after`: only those that come after it in the direction asked for; `before` it with `is_backward`.
    `matches` None: all. `needles`: what is in the UTF-8 of every text that matches. `held_bytes_max`: what
    events may take that are held for a page before it has reached them.
    """

    group: str
    begin: int
    end: int
    streams: Sequence[int] | None = None
    after: Place | None = None
    is_backward: bool = False
    events_max: int = 10_000
    matches: Callable[[str], bool] | None = None
    needles: tuple[bytes, ...] = ()
    held_bytes_max: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LogPage:
    """`events` in the direction asked for. `reached`: where the next page goes on; None: this is the last."""

    events: list[LogEvent]
    reached: Place | None


T = TypeVar("T")

# (id, stream, first_at, last_at, its first event's number, how many it has)
_Meta = tuple[int, int, int, int, int, int]
# (at, stream, number), all three negative on the way back.
_Key = tuple[int, int, int]
# (place, ingested_at, message)
_Entry = tuple[_Key, int, str]


@dataclass(slots=True)
class _Source:
    """A chunk that the walk has reached: its next events, the last of them first, and where those begin that
    are not held (None: there are no more)."""

    meta: _Meta
    rest: _Key | None
    held: list[_Entry] = field(default_factory=list)

    @property
    def place(self) -> _Key | None:
        return self.held[-1][0] if self.held else self.rest


def read_page(connection: sqlite3.Connection, query: LogQuery, is_time_up: Callable[[], bool]) -> LogPage:
    """One page; `is_time_up` is asked before each event and each chunk that is taken apart, but the first."""
    # In one transaction: what is merged or dropped meanwhile is still there for it.
    connection.execute("BEGIN")
    try:
        return _page(_Walk(connection, query), query.events_max, is_time_up)
    finally:
        connection.execute("COMMIT")


def _page(walk: _Walk, events_max: int, is_time_up: Callable[[], bool]) -> LogPage:
    events: list[LogEvent] = []
    size = 0
    for event in walk.events(is_time_up):
        size += event_size(event.message)
        if events and (len(events) >= events_max or size > PAGE_BYTES_MAX):
            return LogPage(events, events[-1].place)
        events.append(event)
    return LogPage(events, walk.stopped_at)


class _Walk:
    def __init__(self, connection: sqlite3.Connection, query: LogQuery) -> None:
        self._connection = connection
        self._query = query
        self._sign = -1 if query.is_backward else 1
        self._begins = _beginning(query)
        self._heap: list[tuple[_Key, _Source]] = []
        self.stopped_at: Place | None = None

    def events(self, is_time_up: Callable[[], bool]) -> Iterator[LogEvent]:
        matches, sign, heap, is_under_way = self._query.matches, self._sign, self._heap, False
        metas = self._metas()
        coming = next(metas, None)
        while True:
            while coming is not None and (not heap or self._edge(coming)[0] <= heap[0][0][0]):
                self._reach(coming)
                coming = next(metas, None)
            if not heap:
                return
            place, source = heap[0]
            if is_under_way and is_time_up():
                self.stopped_at = self._before(place)
                return
            if not source.held:
                self._take_apart(source, place)
                # The page is no further if the chunk's event is yet to come.
                is_under_way = is_under_way or not source.held
                self._settle(source)
                continue
            (at, stream, number), ingested_at, message = source.held.pop()
            self._settle(source)
            is_under_way = True
            if matches is None or matches(message):
                yield LogEvent(Place(sign * at, sign * stream, sign * number), ingested_at, message)

    def _reach(self, meta: _Meta) -> None:
        """Put a chunk into the heap, unless none of its events are wanted."""
        edge: _Key | None = self._edge(meta)
        if edge is not None and edge <= self._begins:
            ats = self._unpacked(meta, lambda body: times_of(body, meta[5]))
            edge = min(self._places(meta, ats or (), self._begins), default=None)
        if edge is not None:
            heapq.heappush(self._heap, (edge, _Source(meta, edge)))

    def _settle(self, source: _Source) -> None:
        """Let the heap's first take the place of its next event, or leave it."""
        place = source.place
        if place is None:
            heapq.heappop(self._heap)
        else:
            heapq.heapreplace(self._heap, (place, source))

    def _take_apart(self, source: _Source, place: _Key) -> None:
        """Hold the chunk's events from that place on, as many as there is room for."""
        source.rest = None
        events = self._unpacked(source.meta, self._events_of)
        if events is None:
            return
        room, first = self._query.held_bytes_max // len(self._heap), source.meta[4]
        for key in sorted(self._places(source.meta, events.ats, place)):
            number = self._sign * key[2] - first
            if room <= 0 and source.held:
                source.rest = key
                break
            message = events.messages[number]
            source.held.append((key, events.ingested_ats[number], message))
            room -= len(message) + _HELD_OVERHEAD_BYTES
        source.held.reverse()

    def _events_of(self, body: bytes) -> Events | None:
        """None where a word is missing that all have that are wanted."""
        raw = raw_bytes(body)
        return events_of(raw) if all(needle in raw for needle in self._query.needles) else None

    def _unpacked(self, meta: _Meta, unpack: Callable[[bytes], T]) -> T | None:
        """None where the chunk is damaged."""
        (body,) = self._connection.execute("SELECT body FROM chunks WHERE id = ?", meta[:1]).fetchone()
        try:
            return unpack(body)
        except DamagedChunkError as error:
            _log.error("log events are damaged on disk", stream=meta[1], reason=str(error))
            return None

    def _places(self, meta: _Meta, ats: Sequence[int], place: _Key) -> list[_Key]:
        """Those of a chunk's events that are wanted, from a place on."""
        sign, begin, end = self._sign, self._query.begin, self._query.end
        stream, first = sign * meta[1], meta[4]
        found = [
            (sign * at, stream, sign * number) for number, at in enumerate(ats, first) if begin <= at < end
        ]
        return [key for key in found if key >= place]

    def _edge(self, meta: _Meta) -> _Key:
        """No event of the chunk comes before this place, and one has its time."""
        _, stream, first_at, last_at, first, count = meta
        return (first_at, stream, first) if self._sign > 0 else (-last_at, -stream, -(first + count - 1))

    def _before(self, key: _Key) -> Place:
        """The last place before it, in the direction asked for."""
        at, stream, number = (self._sign * part for part in key)
        if self._query.is_backward:
            return Place(at, stream, number + 1)
        # Streams are counted from 1, events from 0.
        return Place(at, stream, number - 1) if number else Place(at, stream - 1, _BEYOND)

    def _metas(self) -> Iterator[_Meta]:
        query = self._query
        begin, end = query.begin, query.end
        if query.after is not None and query.is_backward:
            # Of that very millisecond only if anything comes before the place in it.
            end = min(end, query.after.at + (query.after > Place(query.after.at)))
        elif query.after is not None:
            begin = query.after.at
        order = "last_at DESC, id DESC" if query.is_backward else "first_at, id"
        condition, value = _scope(query)
        yield from self._connection.execute(
            f"SELECT id, stream, first_at, last_at, first, count FROM chunks WHERE {condition} "
            f"AND first_at < ? AND last_at >= ? ORDER BY {order}",
            (value, end, begin),
        )


def _beginning(query: LogQuery) -> _Key:
    """The first place that may be wanted."""
    if query.after is None:
        return (1 - query.end if query.is_backward else query.begin, -_BEYOND, -_BEYOND)
    at, stream, number = query.after
    return (-at, -stream, 1 - number) if query.is_backward else (at, stream, number + 1)


def _scope(query: LogQuery) -> tuple[str, str]:
    if query.streams is None:
        return "grp = ?", query.group
    # Of variables a statement may have but so many.
    return "stream IN (SELECT value FROM json_each(?))", json.dumps(query.streams)
