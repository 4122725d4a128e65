"""One count from the wishes of all policies, or the reason why none of them is followed.

More tasks before fewer: if any policy wishes for more, the largest wish is followed. For fewer, every
target tracking policy that may scale in has to agree, and the largest of the wishes leaves the most. So a
quiet metric never takes the tasks that a busy one needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.control.decisions.scaling.snapshot import PolicyView, ServiceView
from tidegate.control.decisions.scaling.wishes import Wish, is_high
from tidegate.domain.scaling import NotScaledReason, ScalableTarget

MAXIMUM = "AlreadyAtMaxCapacity"
MINIMUM = "AlreadyAtMinCapacity"
DESIRED = "AlreadyAtDesiredCapacity"
FLAPPING = "AutoScalingAnticipatedFlapping"
UNSCALABLE = "TargetServicePutResourceAsUnscalable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The wish that was looked at, with the count to set, or the reason that is told for not setting one.
    Neither: it waits, as it does while a cooldown lasts."""

    wish: Wish
    count: int | None = None
    reason: NotScaledReason | None = None


def chosen(
    wishes: Sequence[Wish],
    views: Sequence[PolicyView],
    target: ScalableTarget,
    service: ServiceView,
    *,
    is_out_cooling: bool,
    is_in_cooling: bool,
) -> Choice | None:
    """None: no policy wishes for anything that it may have."""
    outs = [wish for wish in wishes if wish.is_out]
    if outs:
        if target.suspended.dynamic_scaling_out:
            return None
        return _out(max(outs, key=_order), target, service, is_cooling=is_out_cooling)
    ins = _agreed([wish for wish in wishes if not wish.is_out], views)
    if not ins or target.suspended.dynamic_scaling_in:
        return None
    return _in(max(ins, key=_order), target, service, is_cooling=is_in_cooling)


def _order(wish: Wish) -> tuple[int, str]:
    # The name makes the choice among equals the same every time.
    return wish.count, wish.policy.name


def _out(wish: Wish, target: ScalableTarget, service: ServiceView, *, is_cooling: bool) -> Choice:
    if service.desired < target.min_capacity:
        return Choice(wish=wish, count=target.min_capacity)
    if service.desired >= target.max_capacity:
        reason = NotScaledReason(code=MAXIMUM, max_capacity=target.max_capacity)
        return Choice(wish=wish, reason=reason)
    count = min(wish.count, target.max_capacity)
    if count > service.desired:
        return Choice(wish=wish, count=count)
    if is_cooling:
        return Choice(wish=wish)
    return Choice(wish=wish, reason=NotScaledReason(code=DESIRED, current_capacity=service.desired))


def _in(wish: Wish, target: ScalableTarget, service: ServiceView, *, is_cooling: bool) -> Choice:
    if service.desired <= target.min_capacity:
        reason = NotScaledReason(code=MINIMUM, min_capacity=target.min_capacity)
        return Choice(wish=wish, reason=reason if service.desired == target.min_capacity else None)
    if service.is_deploying:
        return Choice(wish=wish, reason=NotScaledReason(code=UNSCALABLE))
    if is_cooling:
        return Choice(wish=wish)
    if service.desired > target.max_capacity:
        return Choice(wish=wish, count=target.max_capacity)
    count = max(wish.count, target.min_capacity)
    if count < service.desired:
        return Choice(wish=wish, count=count)
    if wish.policy.tracking is not None:
        return Choice(wish=wish, reason=NotScaledReason(code=FLAPPING))
    return Choice(wish=wish, reason=NotScaledReason(code=DESIRED, current_capacity=service.desired))


def _agreed(ins: Sequence[Wish], views: Sequence[PolicyView]) -> list[Wish]:
    """The wishes for fewer, without those of target tracking unless all of it agrees."""
    tracking = [view for view in views if view.policy.tracking and not view.policy.tracking.disable_scale_in]
    is_agreed = all(any(not is_high(view.policy, alarm) for alarm in view.alarms) for view in tracking)
    return [wish for wish in ins if is_agreed or wish.policy.tracking is None]
