"""FilterLogEvents: the events of a group that match a pattern, in the order of time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_asked
from tidegate.control.api.logs.tokens import event_id, opened_token, place_of, token_of
from tidegate.control.decisions.log_patterns import InvalidPatternError, LogPattern, parse_pattern
from tidegate.control.store.logs import LogQuery, StreamRow
from tidegate.domain.logs import TIMES_END, LogEvent, LogGroup
from tidegate.wire import Call, answer_of

_EVENTS_MAX = 10_000
_STREAMS_PAGE = 1000
# What a token is good for, beside the group.
_SCOPE = ("logStreamNames", "logStreamNamePrefix", "startTime", "endTime", "filterPattern")


@honours(
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNames",
    "logStreamNamePrefix",
    "startTime",
    "endTime",
    "filterPattern",
    "nextToken",
    "limit",
    "interleaved",
    only={"unmask": (False,), "startFromHead": (True,)},
)
async def filter_log_events(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """A page may be empty and have a next one: looking through what does not match takes time too."""
    asked = call.parameters
    group = group_asked(context.store.snapshot, asked)
    if "logStreamNames" in asked and "logStreamNamePrefix" in asked:
        raise faults.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
    pattern = _pattern(asked.get("filterPattern", ""))
    scope = repr([group.id, *(asked.get(member) for member in _SCOPE)])
    after = place_of(opened_token(asked["nextToken"], scope)) if "nextToken" in asked else None
    streams = await _streams(context, group, asked)
    query = LogQuery(
        group=group.id,
        streams=None if streams is None else tuple(row.id for row in streams),
        begin=min(asked.get("startTime", 0), TIMES_END),
        # Events of that very millisecond are still wanted.
        end=min(asked.get("endTime", TIMES_END), TIMES_END) + 1,
        after=after,
        events_max=asked.get("limit", _EVENTS_MAX),
        matches=None if pattern.matches_all else pattern.matches,
        needles=pattern.needles,
    )
    page = await context.logs.page(query)
    names = {row.id: row.name for row in streams or ()}
    missing = {event.place.stream for event in page.events} - names.keys()
    names |= await context.logs.stream_names(missing)
    members = {
        # On a thread: there may be ten thousand, which would hold the loop.
        "events": await asyncio.to_thread(_views, page.events, names),
        # As CloudWatch has it, whose documents call this member deprecated.
        "searchedLogStreams": [],
        "nextToken": None if page.reached is None else token_of(event_id(page.reached), scope),
    }
    return answer_of(len(page.events), members)


def _pattern(text: str) -> LogPattern:
    try:
        return parse_pattern(text)
    except InvalidPatternError as error:
        raise faults.invalid(f"Invalid filter pattern: {error}") from error


async def _streams(context: ApiContext, group: LogGroup, asked: Mapping[str, Any]) -> list[StreamRow] | None:
    """Those that are asked for; None: all. Raises Fault."""
    if "logStreamNames" in asked:
        found = [await context.logs.stream(group.id, name) for name in set(asked["logStreamNames"])]
        rows = [row for row in found if row is not None]
        if len(rows) < len(found):
            raise faults.no_such_stream()
        return rows
    if "logStreamNamePrefix" not in asked:
        return None
    rows, after = [], None
    while True:
        page = await context.logs.streams_by_name(
            group.id, prefix=asked["logStreamNamePrefix"], after=after, size=_STREAMS_PAGE
        )
        rows += page
        if len(page) < _STREAMS_PAGE:
            return rows
        after = page[-1].name


def _views(events: list[LogEvent], names: Mapping[int, str]) -> list[dict[str, Any]]:
    return [_view(event, names.get(event.place.stream, "")) for event in events]


def _view(event: LogEvent, stream: str) -> dict[str, Any]:
    return {
        "logStreamName": stream,
        "timestamp": event.place.at,
        "message": event.message,
        "ingestionTime": event.ingested_at,
        "eventId": event_id(event.place),
    }
