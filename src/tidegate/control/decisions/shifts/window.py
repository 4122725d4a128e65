"""Which time guards look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.domain.shift import Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    begin: datetime
    end: datetime


def windows(shift: Shift, now: datetime) -> tuple[Window, Window]:
    """Of the group and of the baseline: the same, within the present step. A baseline that gets nothing in
    this step is looked at in the time before it."""
    reach = timedelta(seconds=shift.window_seconds)
    mine = Window(begin=max(shift.step_began_at, now - reach), end=now)
    has_requests = any(
        group.weight for group in shift.weights if group.target_group_arn == shift.baseline_arn
    )
    if has_requests:
        return mine, mine
    return mine, Window(begin=shift.step_began_at - reach, end=shift.step_began_at)
