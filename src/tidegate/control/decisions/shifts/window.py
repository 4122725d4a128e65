"""Which time guards look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.control.decisions.comparison import GroupSeen
from tidegate.domain.shift import Shift

# Of the requests that a step's own rate promises: with fewer its group has nearly stopped getting any.
_SILENCE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    begin: datetime
    end: datetime


def newest(shift: Shift, now: datetime) -> Window:
    """The end of the present step, where trouble shows first."""
    reach = timedelta(seconds=shift.window_seconds)
    return Window(begin=max(shift.step_began_at, now - reach), end=now)


def whole_step(shift: Shift, seen: GroupSeen, window: Window) -> Window | None:
    """Where that has too few requests, the whole step so far. None: it has enough, or is the step."""
    if seen.requests >= shift.requests_min or window.begin <= shift.step_began_at:
        return None
    return Window(begin=shift.step_began_at, end=window.end)


def is_silent(seen: GroupSeen, window: Window, step: GroupSeen, whole: Window) -> bool:
    """Whether the newest time had far fewer requests than the whole step's rate promises: what went well
    before says nothing of it."""
    share = (window.end - window.begin) / (whole.end - whole.begin)
    return seen.requests < step.requests * share * _SILENCE


def baselines(shift: Shift, window: Window) -> Window:
    """Of the baseline: the same. One that gets nothing in this step is looked at in the time before it."""
    has_requests = any(
        group.weight for group in shift.weights if group.target_group_arn == shift.baseline_arn
    )
    if has_requests:
        return window
    reach = timedelta(seconds=shift.window_seconds)
    return Window(begin=shift.step_began_at - reach, end=shift.step_began_at)
