"""One pass over one scalable target.

Theory of operation. A pass looks at the whole target and decides at most one move of each kind, in this
order: what was set before is fulfilled or not, schedules that are due change the bounds, bounds that the
API has set take effect, and last the policies act within the bounds. Everything that a later pass must
know is in the plan and is committed together: the count, the activity, the cooldown, the datapoint that
the policy has acted upon, the next run of a schedule. So a pass that is cut off before its commit has
done nothing, one that is cut off after it has done everything, and looking again changes nothing.

An alarm is looked at as it stands: a policy acts once for each new datapoint of an alarm that is in
ALARM, which is once in a period, as long as it stays there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tidegate.control.decisions.scaling import texts
from tidegate.control.decisions.scaling.choice import Choice, chosen
from tidegate.control.decisions.scaling.fulfilment import FULFILLED_WITHIN, begun, is_cooling, settled
from tidegate.control.decisions.scaling.progress import Progress
from tidegate.control.decisions.scaling.schedule_runs import after_registration, after_schedules
from tidegate.control.decisions.scaling.snapshot import PolicyView, ScalingSnapshot, ServiceView
from tidegate.control.decisions.scaling.wishes import Wish, wishes_of
from tidegate.domain.scaling import Cooldown, ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPlan:
    """What should change. `desired`: the service's count; None where it has none. `activities`: those that
    are new, whose ids the controller gives, and those that were open, as they are now. `policies`,
    `actions`: those that changed. `next_look`: when time alone may change the plan."""

    target: ScalableTarget
    desired: int | None
    activities: tuple[ScalingActivity, ...] = ()
    policies: tuple[ScalingPolicy, ...] = ()
    actions: tuple[ScheduledAction, ...] = ()
    next_look: datetime | None = None


def plan(snapshot: ScalingSnapshot, now: datetime) -> ScalingPlan:
    """The next step of a target; when there is none, a plan that changes nothing."""
    activities = settled(snapshot.open_activities, snapshot.service, now)
    progress = Progress(
        target=begun(snapshot.target, activities, now),
        desired=snapshot.service.desired if snapshot.service else None,
        activities=activities,
    )
    progress = after_schedules(progress, snapshot, now)
    progress = after_registration(progress, now)
    progress = _after_policies(progress, snapshot, now)
    return ScalingPlan(
        target=progress.target,
        desired=progress.desired,
        activities=progress.activities,
        policies=progress.policies,
        actions=progress.actions,
        next_look=_next_look(progress, snapshot, now),
    )


def _after_policies(progress: Progress, snapshot: ScalingSnapshot, now: datetime) -> Progress:
    if snapshot.service is None or progress.desired is None:
        return progress
    target, service = progress.target, replace(snapshot.service, desired=progress.desired)
    cooldown = _out_cooldown(target, service)
    is_out_cooling = is_cooling(cooldown, now)
    # While a scale-out cools down only a larger one is followed, and it adds the difference: both count
    # from the same number of tasks.
    base = cooldown.from_count if cooldown is not None and is_out_cooling else service.running
    wishes = [
        wish
        for view in snapshot.policies
        for wish in wishes_of(view, running=service.running, out_base=base, now=now)
    ]
    choice = chosen(
        wishes,
        snapshot.policies,
        target,
        service,
        is_out_cooling=is_out_cooling,
        is_in_cooling=is_cooling(target.in_cooldown, now) or _is_going_out(target),
    )
    if choice is None or choice.count is None:
        return _untold(progress, choice, snapshot, now)
    return _scaled(progress, choice.wish, (base, choice.count), snapshot, now)


def _out_cooldown(target: ScalableTarget, service: ServiceView) -> Cooldown | None:
    """The cooldown of the last scale-out, unless something else has moved the count since: then what the
    scale-out added is no longer what is there."""
    cooldown = target.out_cooldown
    return cooldown if cooldown is not None and cooldown.to_count == service.desired else None


def _is_going_out(target: ScalableTarget) -> bool:
    """Whether tasks of a scale-out are still on their way: the metric says nothing of them yet."""
    return target.out_cooldown is not None and target.out_cooldown.began_at is None


def _scaled(
    progress: Progress, wish: Wish, counts: tuple[int, int], snapshot: ScalingSnapshot, now: datetime
) -> Progress:
    """With the count that a policy wishes for, the activity that says so, and the cooldown that follows."""
    progress = progress.moved(counts[1], texts.by_policy(wish.alarm.name, wish.policy.name), now)
    cooldown = Cooldown(
        activity=progress.target.activities,
        from_count=counts[0],
        to_count=counts[1],
        length=wish.cooldown * snapshot.cooldown_scale,
    )
    # A scale-out ends the wait after a scale-in, and the other way round: there is one to wait for.
    target = replace(
        progress.target,
        out_cooldown=cooldown if wish.is_out else None,
        in_cooldown=None if wish.is_out else cooldown,
    )
    return replace(progress, target=target, policies=_acted(snapshot, now))


def _acted(snapshot: ScalingSnapshot, now: datetime) -> tuple[ScalingPolicy, ...]:
    """Every policy that had a say, with the datapoint upon which it is not to act again."""
    return tuple(
        replace(view.policy, datapoint_at=newest, told=None)
        for view in snapshot.policies
        if (newest := _newest(view, now)) is not None
    )


def _newest(view: PolicyView, now: datetime) -> datetime | None:
    """The newest datapoint of its alarms. One that is still to come, since the clock was set back, hides none
    that is measured by the clock as it is now."""
    moments = [alarm.newest.at for alarm in view.alarms if alarm.newest]
    return max((moment for moment in moments if moment <= now), default=max(moments, default=None))


def _untold(progress: Progress, choice: Choice | None, snapshot: ScalingSnapshot, now: datetime) -> Progress:
    """With the reason for not scaling, once for as long as it lasts, and without those that are over."""
    policies = []
    for view in snapshot.policies:
        told = view.policy.told
        if not view.alarms:
            told = None
        elif choice is not None and choice.reason is not None and choice.wish.policy is view.policy:
            told = f"{choice.wish.alarm.name} {choice.reason}"
            if told != view.policy.told:
                cause = texts.by_policy(choice.wish.alarm.name, view.policy.name)
                progress = progress.not_scaled(choice.reason, cause, now)
        if told != view.policy.told:
            policies.append(replace(view.policy, told=told))
    return replace(progress, policies=tuple(policies))


def _next_look(progress: Progress, snapshot: ScalingSnapshot, now: datetime) -> datetime | None:
    """The earliest instant at which time alone changes the plan."""
    changed = {action.arn: action for action in progress.actions}
    moments = [changed.get(action.arn, action).next_at for action in snapshot.actions]
    moments += [one.started_at + FULFILLED_WITHIN for one in progress.activities if one.ended_at is None]
    if any(view.alarms for view in snapshot.policies):
        for cooldown in (progress.target.out_cooldown, progress.target.in_cooldown):
            if cooldown is not None and cooldown.began_at is not None:
                moments.append(cooldown.began_at + cooldown.length)
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
