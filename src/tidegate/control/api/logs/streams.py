"""Log streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_asked, group_named
from tidegate.control.api.logs.tokens import opened_token, token_of
from tidegate.control.store.logs import LogStoreFailedError, StreamExistsError, StreamRow, UnknownStreamError
from tidegate.domain.logs import LogGroup
from tidegate.wire import Call

_PAGE_SIZE = 50
_TIME_DIGITS_MAX = 18


@honours("logGroupName", "logStreamName")
async def create_log_stream(context: ApiContext, call: Call) -> Mapping[str, Any]:
    group = group_named(context.store.snapshot, call.parameters["logGroupName"])
    try:
        await context.logs.create_stream(group.id, call.parameters["logStreamName"])
    except StreamExistsError as error:
        raise faults.stream_exists() from error
    except LogStoreFailedError as error:
        raise faults.unavailable() from error
    return {}


@honours("logGroupName", "logStreamName")
async def delete_log_stream(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Its events go with it."""
    group = group_named(context.store.snapshot, call.parameters["logGroupName"])
    try:
        await context.logs.remove_stream(group.id, call.parameters["logStreamName"])
    except UnknownStreamError as error:
        raise faults.no_such_stream() from error
    except LogStoreFailedError as error:
        raise faults.unavailable() from error
    return {}


@honours(
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNamePrefix",
    "orderBy",
    "descending",
    "nextToken",
    "limit",
)
async def describe_log_streams(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """In the order of their names, or of their last events."""
    asked = call.parameters
    group = group_asked(context.store.snapshot, asked)
    by_event = asked.get("orderBy") == "LastEventTime"
    prefix = asked.get("logStreamNamePrefix", "")
    if by_event and prefix:
        raise faults.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    scope = repr((group.id, prefix, by_event, asked.get("descending", False)))
    after = opened_token(asked["nextToken"], scope) if "nextToken" in asked else None
    size = asked.get("limit", _PAGE_SIZE)
    rows = await _rows(context, group, asked, after, size + 1)
    page = rows[:size]
    token = token_of(_key(page[-1]), scope) if len(rows) > size else None
    return {"logStreams": [_view(group, row) for row in page], "nextToken": token}


async def _rows(
    context: ApiContext, group: LogGroup, asked: Mapping[str, Any], after: str | None, size: int
) -> list[StreamRow]:
    descending = asked.get("descending", False)
    at, name = (0, "") if after is None else _opened_key(after)
    if asked.get("orderBy") == "LastEventTime":
        place = None if after is None else (at, name)
        return await context.logs.streams_by_event(group.id, after=place, size=size, descending=descending)
    return await context.logs.streams_by_name(
        group.id,
        prefix=asked.get("logStreamNamePrefix", ""),
        after=None if after is None else name,
        size=size,
        descending=descending,
    )


def _key(row: StreamRow) -> str:
    """Where a stream stands in either order."""
    return f"{row.created_at if row.last_at is None else row.last_at}:{row.name}"


def _opened_key(key: str) -> tuple[int, str]:
    """Raises Fault."""
    at, _, name = key.partition(":")
    # SQLite has no numbers of more digits.
    if not (at.isascii() and at.isdigit() and len(at) <= _TIME_DIGITS_MAX):
        raise faults.invalid_token()
    return int(at), name


def _view(group: LogGroup, row: StreamRow) -> dict[str, Any]:
    return {
        "logStreamName": row.name,
        "creationTime": row.created_at,
        "firstEventTimestamp": row.first_at,
        "lastEventTimestamp": row.last_at,
        "lastIngestionTime": row.ingested_at,
        "uploadSequenceToken": upload_token(row.id),
        "arn": f"{group.arn}:log-stream:{row.name}",
        # As CloudWatch has it since it no longer counts them.
        "storedBytes": 0,
    }


def upload_token(number: int) -> str:
    """What older clients send back with their next events; nobody reads it."""
    return f"4{number:055d}"
