"""CloudWatch Logs' nouns: groups, and the events of their streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """`id` tells a group from an earlier one of its name: its streams are kept under it.
    `retention_days` None: for ever."""

    id: str
    name: str
    arn: str
    created_at: datetime
    retention_days: int | None = None
    tags: Tags = field(default_factory=dict)


class Place(NamedTuple):
    """Where an event stands among those of a group: by its time (Unix milliseconds), then by its stream's
    number, then by its number in the stream."""

    at: int
    stream: int = 0
    number: int = 0


class LogEvent(NamedTuple):
    """An event as it is read. Times are Unix milliseconds."""

    place: Place
    ingested_at: int
    message: str


# (Unix milliseconds, text): an event as it is put.
NewEvent = tuple[int, str]
NewEvents = Sequence[NewEvent]

# No event is as late (Unix milliseconds); tokens have room for it.
TIMES_END = 10**14

# What each event counts for beside its text, in limits and in what is stored.
EVENT_OVERHEAD_BYTES = 26


def event_size(message: str) -> int:
    """The bytes that an event counts for."""
    return len(message.encode("utf-8", "surrogatepass")) + EVENT_OVERHEAD_BYTES
