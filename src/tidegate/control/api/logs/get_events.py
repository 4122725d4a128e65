"""GetLogEvents: the events of one stream, forth and back.

A token says a place and a direction. At the end of the stream the token for going on is the one that was
sent: a client that reads to the end stops when it sees that, and one that follows sends it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_asked
from tidegate.control.api.logs.tokens import opened_stream_token, stream_token
from tidegate.control.store.logs import LogQuery, LogStore
from tidegate.domain.logs import TIMES_END, LogEvent, Place
from tidegate.wire import Call, answer_of

_EVENTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Found:
    """Events in the order of time, and between which places they are."""

    events: list[LogEvent]
    before: Place
    after: Place


@honours(
    "logGroupName",
    "logGroupIdentifier",
    "logStreamName",
    "startTime",
    "endTime",
    "nextToken",
    "limit",
    "startFromHead",
    only={"unmask": (False,)},
)
async def get_log_events(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The newest events unless told otherwise, always in the order of time."""
    asked = call.parameters
    group = group_asked(context.store.snapshot, asked)
    begin, end = asked.get("startTime", 0), min(asked.get("endTime", TIMES_END), TIMES_END)
    if "endTime" in asked and begin >= end:
        raise faults.invalid("startTime must be before endTime")
    direction, place = "f" if asked.get("startFromHead") else "b", None
    if "nextToken" in asked:
        direction, place = opened_stream_token(asked["nextToken"])
    stream = await context.logs.stream(group.id, asked["logStreamName"])
    if stream is None:
        raise faults.no_such_stream()
    query = LogQuery(
        group=group.id,
        streams=(stream.id,),
        begin=min(begin, TIMES_END),
        end=end,
        after=place,
        is_backward=direction == "b",
        events_max=asked.get("limit", _EVENTS_MAX),
    )
    found = await _found(context.logs, query)
    members = {
        # On a thread: there may be ten thousand, which would hold the loop.
        "events": await asyncio.to_thread(lambda: [_view(event) for event in found.events]),
        "nextForwardToken": stream_token("f", found.after),
        "nextBackwardToken": stream_token("b", found.before),
    }
    return answer_of(len(found.events), members)


async def _found(logs: LogStore, query: LogQuery) -> _Found:
    page = await logs.page(query)
    events = page.events[::-1] if query.is_backward else page.events
    if events:
        # `f` is for what comes after a place, and `b` for what comes before one.
        return _Found(events, before=events[0].place, after=events[-1].place)
    if page.reached is not None:
        place = page.reached
    elif query.after is not None:
        place = query.after
    else:
        place = Place(query.begin if not query.is_backward else 0)
    return _Found([], before=place, after=place)


def _view(event: LogEvent) -> dict[str, Any]:
    return {
        "timestamp": event.place.at,
        "message": event.message,
        "ingestionTime": event.ingested_at,
    }
