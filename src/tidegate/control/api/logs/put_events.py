"""PutLogEvents: what is too old or too new of a batch is left out and named, the rest kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_named
from tidegate.control.api.logs.streams import upload_token
from tidegate.control.store.logs import LogStoreFailedError, PartlyKeptError, Shipment, UnknownStreamError
from tidegate.domain.logs import event_size
from tidegate.fleet.log_shipments import shipment_of
from tidegate.wire import Call

BATCH_BYTES_MAX = 1024 * 1024
_SPAN_MAX = timedelta(hours=24)
_PAST_MAX = timedelta(days=14)
_FUTURE_MAX = timedelta(hours=2)


@honours("logGroupName", "logStreamName", "logEvents", "sequenceToken")
async def put_log_events(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Durable when it is answered. The sequence token means nothing, but what our agents say in it."""
    asked = call.parameters
    group = group_named(context.store.snapshot, asked["logGroupName"])
    ats = [event["timestamp"] for event in asked["logEvents"]]
    _check(ats, [event["message"] for event in asked["logEvents"]])
    rejected, first, end = _rejected(ats, context.clock.now(), group.retention_days)
    events = [(event["timestamp"], event["message"]) for event in asked["logEvents"][first:end]]
    bounds = shipment_of(asked.get("sequenceToken", ""))
    shipment = None if bounds is None else Shipment(*bounds)
    try:
        await context.logs.append(group.id, asked["logStreamName"], events, shipment)
    except UnknownStreamError as error:
        raise faults.no_such_stream() from error
    except PartlyKeptError as error:
        raise faults.partly_kept(error.position) from error
    except LogStoreFailedError as error:
        raise faults.unavailable() from error
    return {"nextSequenceToken": upload_token(0), "rejectedLogEventsInfo": rejected or None}


def _check(ats: Sequence[int], messages: Sequence[str]) -> None:
    """Raises Fault."""
    sizes = [event_size(message) for message in messages]
    largest, total = max(sizes), sum(sizes)
    if largest > BATCH_BYTES_MAX:
        raise faults.invalid(f"Log event too large: {largest} bytes exceeds limit of {BATCH_BYTES_MAX}")
    if total > BATCH_BYTES_MAX:
        raise faults.invalid(f"Upload too large: {total} bytes exceeds limit of {BATCH_BYTES_MAX}")
    if any(later < earlier for earlier, later in pairwise(ats)):
        raise faults.invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if ats[-1] - ats[0] > _SPAN_MAX / timedelta(milliseconds=1):
        raise faults.invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )


def _rejected(
    ats: Sequence[int], now: datetime, retention_days: int | None
) -> tuple[dict[str, int], int, int]:
    """What is said of the events that are left out, and from where to where the others are."""
    found = {}
    too_old = bisect_left(ats, _milliseconds(now - _PAST_MAX))
    expired = 0
    if retention_days is not None:
        expired = bisect_left(ats, _milliseconds(now - timedelta(days=retention_days)))
    too_new = bisect_left(ats, _milliseconds(now + _FUTURE_MAX) + 1)
    if too_new < len(ats):
        found["tooNewLogEventStartIndex"] = too_new
    if too_old:
        found["tooOldLogEventEndIndex"] = too_old
    if expired:
        found["expiredLogEventEndIndex"] = expired
    return found, max(too_old, expired), too_new


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
