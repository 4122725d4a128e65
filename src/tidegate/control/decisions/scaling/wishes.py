"""What each policy wishes for while its alarms are in ALARM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.control.decisions.scaling.snapshot import AlarmView, Datapoint, PolicyView
from tidegate.control.decisions.scaling.steps import chosen_step, stepped_count
from tidegate.control.decisions.scaling.tracking import scaled_in, scaled_out
from tidegate.domain.scaling import ScalingPolicy
from tidegate.domain.scaling.policy import DEFAULT_COOLDOWN_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A policy's count, not yet within the bounds. `is_out`: it asks for more tasks, else for fewer."""

    policy: ScalingPolicy
    alarm: AlarmView
    count: int
    is_out: bool

    @property
    def cooldown(self) -> timedelta:
        policy = self.policy
        if policy.step is not None:
            seconds = policy.step.cooldown_seconds
        elif policy.tracking is None:
            seconds = None
        elif self.is_out:
            seconds = policy.tracking.scale_out_cooldown_seconds
        else:
            seconds = policy.tracking.scale_in_cooldown_seconds
        return timedelta(seconds=DEFAULT_COOLDOWN_SECONDS if seconds is None else seconds)


def wishes_of(view: PolicyView, *, running: int, out_base: int, now: datetime) -> Iterator[Wish]:
    """One wish for each alarm that has a datapoint upon which the policy has not acted. `out_base`: the
    count that a scale-out starts from: while the last one cools down, what that one started from."""
    for alarm in view.alarms:
        if alarm.newest is None or not _is_new(alarm.newest, view.policy.datapoint_at, now):
            continue
        if view.policy.tracking is not None:
            yield _tracked(view.policy, alarm, alarm.newest, running, out_base)
        elif view.policy.step is not None:
            yield from _stepped(view.policy, alarm, alarm.newest.value, running, out_base)


def _is_new(seen: Datapoint, acted_at: datetime | None, now: datetime) -> bool:
    """Whether a policy has not acted upon a datapoint, nor on a later one. Where it has acted upon one that
    is still to come, the clock was set back since: only what is measured by the clock as it is now is new."""
    if acted_at is None:
        return True
    return seen.at <= now and (acted_at > now or seen.at > acted_at)


def is_high(policy: ScalingPolicy, alarm: AlarmView) -> bool:
    """Whether an alarm of a target tracking policy is the one for too high a metric."""
    return bool(policy.alarms) and alarm.name == policy.alarms[0].name


def _tracked(policy: ScalingPolicy, alarm: AlarmView, seen: Datapoint, running: int, out_base: int) -> Wish:
    assert policy.tracking is not None
    target, is_out = policy.tracking.target_value, is_high(policy, alarm)
    if is_out:
        count = scaled_out(out_base, seen.value, target)
    else:
        # A load that swings has low moments: what its high ones need stays.
        highest = seen.value if seen.highest is None else max(seen.value, seen.highest)
        count = scaled_in(running, highest, target)
    return Wish(policy=policy, alarm=alarm, count=count, is_out=is_out)


def _stepped(
    policy: ScalingPolicy, alarm: AlarmView, value: float, running: int, out_base: int
) -> Iterator[Wish]:
    assert policy.step is not None
    step = chosen_step(policy.step.steps, value - alarm.threshold)
    if step is None:
        return
    count = stepped_count(policy.step, step, out_base)
    is_out = count > out_base
    if not is_out:
        count = stepped_count(policy.step, step, running)
    yield Wish(policy=policy, alarm=alarm, count=count, is_out=is_out)
