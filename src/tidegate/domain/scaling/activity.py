"""Scaling activities: what was done to a target, or was not done, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

IN_PROGRESS = "InProgress"
SUCCESSFUL = "Successful"
OVERRIDDEN = "Overridden"
UNFULFILLED = "Unfulfilled"
FAILED = "Failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScaledReason:
    code: str
    max_capacity: int | None = None
    min_capacity: int | None = None
    current_capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingActivity:
    """`number`: the activities of a target are numbered from 1. `desired_count`: what it sets; None where
    it sets no count. `reasons`: there are some where it did not scale."""

    id: str
    resource_id: str
    number: int
    description: str
    cause: str
    started_at: datetime
    ended_at: datetime | None = None
    status_code: str = IN_PROGRESS
    status_message: str = ""
    desired_count: int | None = None
    reasons: tuple[NotScaledReason, ...] = ()
