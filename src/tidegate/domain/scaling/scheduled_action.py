"""Scheduled actions: bounds that change at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledAction:
    """`schedule` as it was given; its times are those of `timezone`, UTC where None. `begins_at`,
    `ends_at`: the span within which it runs. `next_at`: its next run; None when there is none left."""

    arn: str
    name: str
    resource_id: str
    schedule: str
    created_at: datetime
    timezone: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    min_capacity: int | None = None
    max_capacity: int | None = None
    next_at: datetime | None = None
    last_at: datetime | None = None
