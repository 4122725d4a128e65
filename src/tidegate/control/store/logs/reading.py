"""Pages of events: chunks walked over in the order of time, those that overlap merged.

Theory of operation. Chunks come ordered by where they begin; the events of each that are wanted are put into
a heap when the walk reaches its beginning, so that what leaves the heap is in order whatever overlaps. With
the signs of places turned round the same walk goes backwards. A page ends with its last event, or when its
time is up: then with the beginning of the chunk that comes next, before which everything has been said.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from tidegate.control.store.logs.chunks import DamagedChunkError, events_of, raw_bytes
from tidegate.domain.logs import LogEvent, Place, event_size

_log = structlog.get_logger(__name__)

# A page of at most 1 MB, as CloudWatch's.
PAGE_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Events of a group from `begin` to before `end` (Unix milliseconds), of these streams alone where they
    are given.

    `after`: only those that come after it in the direction asked for; `before` it with `is_backward`.
    `matches` None: all. `needles`: what is in the UTF-8 of every text that matches.
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


@dataclass(frozen=True, slots=True)
class LogPage:
    """`events` in the direction asked for. `reached`: where the next page goes on; None: this is the last."""

    events: list[LogEvent]
    reached: Place | None


# (id, stream, first_at, last_at, its first event's number)
_Meta = tuple[int, int, int, int, int]
# (at, stream, number, ingested_at, message), the first three negative on the way back.
_Entry = tuple[int, int, int, int, str]


def read_page(connection: sqlite3.Connection, query: LogQuery, is_time_up: Callable[[], bool]) -> LogPage:
    """One page; `is_time_up` is asked before each chunk but those that the page begins in."""
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
        self.stopped_at: Place | None = None

    def events(self, is_time_up: Callable[[], bool]) -> Iterator[LogEvent]:
        sign = self._sign
        heap: list[tuple[_Entry, Iterator[_Entry]]] = []
        begins_at: int | None = None
        for meta in self._metas():
            edge = sign * (meta[3] if sign < 0 else meta[2])
            yield from self._leaving(heap, edge)
            # Those in which the page begins are all needed: without them there is no way forward.
            begins_at = max(self._start(), edge) if begins_at is None else begins_at
            if edge > begins_at and is_time_up():
                # All of the chunk's own time is left to come: streams are counted from 1.
                self.stopped_at = Place(edge) if sign > 0 else Place(-edge + 1)
                return
            entries = iter(self._entries(meta))
            first = next(entries, None)
            if first is not None:
                heapq.heappush(heap, (first, entries))
        yield from self._leaving(heap, None)

    def _start(self) -> int:
        query = self._query
        if query.after is not None:
            return self._sign * query.after.at
        return -query.end if query.is_backward else query.begin

    def _leaving(self, heap: list[tuple[_Entry, Iterator[_Entry]]], edge: int | None) -> Iterator[LogEvent]:
        """What comes before a chunk that begins there; all where there is none."""
        while heap and (edge is None or heap[0][0][0] < edge):
            entry, entries = heap[0]
            following = next(entries, None)
            if following is None:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (following, entries))
            at, stream, number, ingested_at, message = entry
            sign = self._sign
            yield LogEvent(Place(sign * at, sign * stream, sign * number), ingested_at, message)

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
            f"SELECT id, stream, first_at, last_at, first FROM chunks WHERE {condition} "
            f"AND first_at < ? AND last_at >= ? ORDER BY {order}",
            (value, end, begin),
        )

    def _entries(self, meta: _Meta) -> list[_Entry]:
        """The chunk's events that are wanted, in the direction asked for."""
        id_, stream, _, _, first = meta
        query, sign = self._query, self._sign
        (body,) = self._connection.execute("SELECT body FROM chunks WHERE id = ?", (id_,)).fetchone()
        try:
            raw = raw_bytes(body)
            if not all(needle in raw for needle in query.needles):
                return []
            events = events_of(raw)
        except DamagedChunkError as error:
            _log.error("log events are damaged on disk", stream=stream, reason=str(error))
            return []
        is_wanted = partial(_is_wanted, query)
        found = [
            (sign * at, sign * stream, sign * (first + number), ingested_at, message)
            for number, (at, ingested_at, message) in enumerate(
                zip(events.ats, events.ingested_ats, events.messages, strict=True)
            )
            if is_wanted(Place(at, stream, first + number))
            and (query.matches is None or query.matches(message))
        ]
        found.sort()
        return found


def _is_wanted(query: LogQuery, place: Place) -> bool:
    if not query.begin <= place.at < query.end:
        return False
    if query.after is None:
        return True
    return place < query.after if query.is_backward else place > query.after


def _scope(query: LogQuery) -> tuple[str, str]:
    if query.streams is None:
        return "grp = ?", query.group
    # Of variables a statement may have but so many.
    return "stream IN (SELECT value FROM json_each(?))", json.dumps(query.streams)
