"""What is to be done with a shift now.

A step is over when its bake time is over and every guard holds. A guard that is broken ends the shift at
once, and so does a rule that somebody else has changed: what they wrote stays. Too little data is neither:
the step goes on until there is enough, or until patience is over, and then back, because a group that cannot
be judged is not to keep what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.shifts.guards import BREACHED, Observed, Reading, readings, worst
from tidegate.control.decisions.shifts.steps import weights_at
from tidegate.domain.elbv2 import WeightedTargetGroup
from tidegate.domain.shift import ROLLED_BACK, STOPPED, SUCCEEDED, Shift, ShiftEvent

# Balancers report every five seconds, and looking more often shows a report sooner. Each look reads the
# metrics of the step: in long ones a sixtieth of it is soon enough.
_LOOKS_PER_STEP = 60
_LOOK_SECONDS_MIN, _LOOK_SECONDS_MAX = 2.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlan:
    """The shift as it shall be, and the weights that the rule shall have: None where it is left alone.
    `next_look` None: it is over. `reason`: why, also for doing nothing."""

    shift: Shift
    weights: tuple[WeightedTargetGroup, ...] | None
    next_look: datetime | None
    reason: str


def begin(shift: Shift, now: datetime) -> ShiftPlan:
    """The first step of a new shift."""
    return _enter(shift, 0, now)


def plan(
    shift: Shift, present: Sequence[WeightedTargetGroup] | None, observed: Observed, now: datetime
) -> ShiftPlan:
    """`present`: the groups and weights of the rule as it is; None: it is gone."""
    if not shift.is_open:
        return ShiftPlan(shift=shift, weights=None, next_look=None, reason="it is over")
    interference = _interference(shift, present)
    if interference is not None:
        return _end(shift, STOPPED, interference, None, now)
    found = readings(shift, observed)
    decisive = worst(found)
    if decisive is not None and decisive.state == BREACHED:
        return _end(shift, ROLLED_BACK, _broken(shift, decisive), shift.original, now)
    baked_at = shift.step_began_at + timedelta(seconds=shift.present_step.bake_seconds)
    if now < baked_at:
        return _wait(
            shift, "the step bakes", baked_at if not found else min(baked_at, now + _look_again(shift))
        )
    if decisive is None:
        return _step_on(shift, found, now)
    patience_ends_at = baked_at + timedelta(seconds=shift.patience_seconds)
    if now < patience_ends_at:
        return _wait(shift, decisive.text, min(patience_ends_at, now + _look_again(shift)))
    text = f"no certainty within {shift.patience_seconds} s after the step's time: {decisive.text}"
    return _end(shift, ROLLED_BACK, text, shift.original, now)


def stopped(
    shift: Shift, present: Sequence[WeightedTargetGroup] | None, now: datetime, *, rolls_back: bool
) -> ShiftPlan:
    """By a user's wish, who says what becomes of the weights. Those that somebody else wrote stay."""
    interference = _interference(shift, present)
    if interference is not None:
        return _end(shift, STOPPED, interference, None, now)
    if rolls_back:
        return _end(shift, ROLLED_BACK, "stopped by the user, rolled back", shift.original, now)
    return _end(shift, STOPPED, "stopped by the user; the weights stay as they are", None, now)


def _interference(shift: Shift, present: Sequence[WeightedTargetGroup] | None) -> str | None:
    if present is None:
        return "the rule is gone"
    if tuple(present) == shift.weights:
        return None
    named = {group.target_group_arn for group in present}
    if shift.target_group_arn not in named:
        return "the rule no longer forwards to the target group"
    return f"somebody else changed the weights: {_shown(present)} instead of {_shown(shift.weights)}"


def _step_on(shift: Shift, found: Sequence[Reading], now: datetime) -> ShiftPlan:
    if shift.step + 1 < len(shift.steps):
        return _enter(shift, shift.step + 1, now, found)
    text = f"{shift.present_step.percent} % of the requests go to the target group{_because(found)}"
    return _end(shift, SUCCEEDED, text, None, now)


def _enter(shift: Shift, number: int, now: datetime, found: Sequence[Reading] = ()) -> ShiftPlan:
    step = shift.steps[number]
    weights = weights_at(step.percent, shift.original, shift.target_group_arn, shift.baseline_arn)
    text = f"step {number + 1} of {len(shift.steps)}: {step.percent} % of the requests{_because(found)}"
    entered = replace(
        shift,
        step=number,
        step_began_at=now,
        weights=weights,
        events=(*shift.events, ShiftEvent(at=now, text=text)),
    )
    return ShiftPlan(shift=entered, weights=weights, next_look=now + _look_again(entered), reason=text)


def _end(
    shift: Shift,
    status: str,
    reason: str,
    weights: tuple[WeightedTargetGroup, ...] | None,
    now: datetime,
) -> ShiftPlan:
    ended = replace(
        shift,
        status=status,
        reason=reason,
        ended_at=now,
        weights=shift.weights if weights is None else weights,
        events=(*shift.events, ShiftEvent(at=now, text=f"{_ENDS[status]}: {reason}")),
    )
    return ShiftPlan(shift=ended, weights=weights, next_look=None, reason=reason)


_ENDS = {SUCCEEDED: "done", ROLLED_BACK: "rolled back", STOPPED: "stopped"}


def _look_again(shift: Shift) -> timedelta:
    wanted = shift.present_step.bake_seconds / _LOOKS_PER_STEP
    return timedelta(seconds=min(_LOOK_SECONDS_MAX, max(_LOOK_SECONDS_MIN, wanted)))


def _wait(shift: Shift, reason: str, until: datetime) -> ShiftPlan:
    return ShiftPlan(shift=shift, weights=None, next_look=until, reason=reason)


def _broken(shift: Shift, reading: Reading) -> str:
    return f"a guard is broken at {shift.present_step.percent} % of the requests: {reading.text}"


def _because(found: Sequence[Reading]) -> str:
    return f": {'; '.join(one.text for one in found)}" if found else ""


def _shown(groups: Sequence[WeightedTargetGroup]) -> str:
    return "/".join(str(group.weight) for group in groups)
