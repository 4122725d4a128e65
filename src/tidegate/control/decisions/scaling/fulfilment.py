"""Whether what was set has come about: activities end, and cooldowns begin.

What began at a time that is still to come was begun before the clock was set back. It begins now: nothing is
waited for longer than it is long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tidegate.control.decisions.scaling import texts
from tidegate.control.decisions.scaling.snapshot import ServiceView
from tidegate.domain.scaling import Cooldown, ScalableTarget, ScalingActivity
from tidegate.domain.scaling.activity import FAILED, OVERRIDDEN, SUCCESSFUL, UNFULFILLED

# AWS does not say when it gives up. Tasks that have not come up by then wait for room or for an image.
FULFILLED_WITHIN = timedelta(minutes=30)


def settled(
    activities: Sequence[ScalingActivity], service: ServiceView | None, now: datetime
) -> tuple[ScalingActivity, ...]:
    """The open activities, ended where they are fulfilled, overridden, or too old."""
    return tuple(_settled(activity, service, now) for activity in activities)


def _settled(activity: ScalingActivity, service: ServiceView | None, now: datetime) -> ScalingActivity:
    count = activity.desired_count
    if activity.ended_at is not None or count is None:
        return activity
    activity = replace(activity, started_at=min(activity.started_at, now))
    if service is None:
        message = texts.failed_count(count, texts.NO_SERVICE)
        return replace(activity, status_code=FAILED, status_message=message, ended_at=now)
    if service.desired != count:
        return replace(activity, status_code=OVERRIDDEN, ended_at=now)
    if service.running == count:
        message = texts.fulfilled(count)
        return replace(activity, status_code=SUCCESSFUL, status_message=message, ended_at=now)
    if now - activity.started_at >= FULFILLED_WITHIN:
        message = texts.unfulfilled(count)
        return replace(activity, status_code=UNFULFILLED, status_message=message, ended_at=now)
    return activity


def begun(target: ScalableTarget, activities: Sequence[ScalingActivity], now: datetime) -> ScalableTarget:
    """The target with its cooldowns begun where their activities have come to an end."""
    ended = {activity.number: activity.status_code for activity in activities if activity.ended_at}
    return replace(
        target,
        out_cooldown=_begun(target.out_cooldown, ended, now),
        in_cooldown=_begun(target.in_cooldown, ended, now),
    )


def _begun(cooldown: Cooldown | None, ended: dict[int, str], now: datetime) -> Cooldown | None:
    if cooldown is not None and cooldown.began_at is not None:
        return replace(cooldown, began_at=min(cooldown.began_at, now))
    if cooldown is None or cooldown.activity not in ended:
        return cooldown
    # What was overridden took no effect that there would be to wait for.
    if ended[cooldown.activity] not in (SUCCESSFUL, UNFULFILLED):
        return None
    return replace(cooldown, began_at=now)


def is_cooling(cooldown: Cooldown | None, now: datetime) -> bool:
    """Whether the effect of an activity is still to be waited for."""
    if cooldown is None:
        return False
    return cooldown.began_at is None or now < cooldown.began_at + cooldown.length
