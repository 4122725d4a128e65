"""How long log events are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.domain.logs import LogGroup

# A stream without events is not kept for longer than this where its group keeps events for ever: its events
# were dropped for want of room, or it never had any.
IDLE_STREAMS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LogUpkeep:
    """`swept`: ids of groups that are gone. `expiring`: from when on events are kept, by the group's id.
    `idle`: groups that keep all, and since when their empty streams must have had something to be kept."""

    swept: tuple[str, ...]
    expiring: Mapping[str, datetime]
    idle: Mapping[str, datetime]


def upkeep(groups: Iterable[LogGroup], kept: Iterable[str], now: datetime) -> LogUpkeep:
    """`kept`: the ids of groups of which streams are kept."""
    found, known = {row.id: row for row in groups}, set(kept)
    return LogUpkeep(
        swept=tuple(sorted(known - found.keys())),
        expiring={
            row.id: now - timedelta(days=row.retention_days)
            for row in found.values()
            if row.id in known and row.retention_days is not None
        },
        idle={
            row.id: now - IDLE_STREAMS_KEPT
            for row in found.values()
            if row.id in known and row.retention_days is None
        },
    )
