"""Scheduled actions that are due: the bounds change, and the desired count is brought within them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tidegate.control.decisions.scaling import texts
from tidegate.control.decisions.scaling.progress import Progress
from tidegate.control.decisions.scaling.schedules import Span, next_run, parse
from tidegate.control.decisions.scaling.snapshot import ScalingSnapshot
from tidegate.domain.scaling import ScheduledAction

# A clock that is corrected by more than this was wrong when the next run was worked out. By less, the run
# that has been is not to be run again.
_CLOCK_CORRECTED_BY = timedelta(hours=1)


def after_schedules(progress: Progress, snapshot: ScalingSnapshot, now: datetime) -> Progress:
    """With every due action run, in the order in which they were due. What came due several times while
    nobody looked runs once; what comes due while schedules are suspended is passed over."""
    actions = [_on_this_clock(action, snapshot, now) for action in snapshot.actions]
    due = [action for action in actions if action.next_at is not None and action.next_at <= now]
    for action in sorted(due, key=lambda action: (str(action.next_at), action.name)):
        if not progress.target.suspended.scheduled_scaling:
            progress = _run(progress, action, now)
    changed = [_advanced(action, snapshot, now) if action in due else action for action in actions]
    return replace(progress, actions=tuple(a for a in changed if a not in snapshot.actions))


def after_registration(progress: Progress, now: datetime) -> Progress:
    """With the desired count within bounds that the API has set since the last look."""
    if not progress.target.is_bounds_new:
        return progress
    progress = replace(progress, target=replace(progress.target, is_bounds_new=False))
    return _within_bounds(progress, now)


def _run(progress: Progress, action: ScheduledAction, now: datetime) -> Progress:
    target = progress.target
    minimum = target.min_capacity if action.min_capacity is None else action.min_capacity
    maximum = target.max_capacity if action.max_capacity is None else action.max_capacity
    what, cause = texts.bounds(action.min_capacity, action.max_capacity), texts.by_schedule(action.name)
    if minimum > maximum:
        message = f"Failed to set {what}. Reason: Maximum capacity cannot be less than minimum capacity"
        return progress.told(f"Setting {what}", cause, message, now, is_done=False)
    target = replace(target, min_capacity=minimum, max_capacity=maximum)
    progress = replace(progress, target=target)
    progress = progress.told(f"Setting {what}", cause, f"Successfully set {what}", now, is_done=True)
    return _within_bounds(progress, now)


def _within_bounds(progress: Progress, now: datetime) -> Progress:
    target, desired = progress.target, progress.desired
    if desired is None:
        return progress
    if desired < target.min_capacity:
        return progress.moved(target.min_capacity, texts.minimum_set(target.min_capacity), now)
    if desired > target.max_capacity:
        return progress.moved(target.max_capacity, texts.maximum_set(target.max_capacity), now)
    return progress


def _advanced(action: ScheduledAction, snapshot: ScalingSnapshot, now: datetime) -> ScheduledAction:
    """The action with its next run after now."""
    zone = snapshot.zone_of(action.timezone or "UTC")
    # Its runs are counted from where the last one was due, else each would be as late as the last look.
    since = action.next_at or action.created_at
    span = Span(created_at=since, begins_at=action.begins_at, ends_at=action.ends_at)
    found = next_run(parse(action.schedule), zone, span, after=now)
    return replace(action, next_at=found, last_at=now)


def _on_this_clock(action: ScheduledAction, snapshot: ScalingSnapshot, now: datetime) -> ScheduledAction:
    """The action as it would be had the clock always been right."""
    seen_at = action.last_at or action.created_at
    if seen_at - now <= _CLOCK_CORRECTED_BY:
        return action
    zone = snapshot.zone_of(action.timezone or "UTC")
    span = Span(created_at=now, begins_at=action.begins_at, ends_at=action.ends_at)
    return replace(action, next_at=next_run(parse(action.schedule), zone, span, after=now), last_at=now)
