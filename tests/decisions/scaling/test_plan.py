"""A pass over one scalable target: what it decides, and that looking again decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tidegate.control.decisions.scaling import PolicyView, ScalingPlan, ScalingSnapshot, plan
from tidegate.control.decisions.scaling.snapshot import AlarmView, Datapoint, ServiceView
from tidegate.domain.scaling import NotScaledReason, ScalingPolicy, SuspendedState
from tidegate.domain.scaling.policy import EXACT, StepAdjustment
from tidegate.testing.builders import after
from tidegate.testing.clock import EPOCH
from tidegate.testing.scaling import (
    a_scalable_target,
    a_snapshot,
    a_step_policy,
    a_tracking_policy,
    alarmed,
    an_action,
    minutes,
    quiet,
)


def following(
    snapshot: ScalingSnapshot, made: ScalingPlan, *, running: int | None = None, **service: Any
) -> ScalingSnapshot:
    """The world after a plan is committed; everything that it asks for is running unless told otherwise."""
    policies = {policy.arn: policy for policy in made.policies}
    actions = {action.arn: action for action in made.actions}
    desired = service.pop("desired", made.desired)
    numbered = (replace(one, id=one.id or str(one.number)) for one in made.activities)
    return replace(
        snapshot,
        target=made.target,
        service=ServiceView(desired=desired, running=desired if running is None else running, **service),
        policies=[
            replace(view, policy=policies.get(view.policy.arn, view.policy)) for view in snapshot.policies
        ],
        actions=[actions.get(action.arn, action) for action in snapshot.actions],
        open_activities=[one for one in numbered if one.ended_at is None],
    )


def again(snapshot: ScalingSnapshot, view: PolicyView) -> ScalingSnapshot:
    """The world with other alarms, the policies' memories kept."""
    known: dict[str, ScalingPolicy] = {one.policy.arn: one.policy for one in snapshot.policies}
    return replace(snapshot, policies=[replace(view, policy=known.get(view.policy.arn, view.policy))])


def reasons(made: ScalingPlan) -> list[str]:
    return [reason.code for activity in made.activities for reason in activity.reasons]


def assert_still(snapshot: ScalingSnapshot, now: datetime) -> None:
    made = plan(snapshot, now)
    assert made.desired == (snapshot.service.desired if snapshot.service else None)
    assert made.target == snapshot.target
    assert (made.policies, made.actions) == ((), ())
    assert list(made.activities) == list(snapshot.open_activities)


def test_a_high_metric_scales_out_and_says_why() -> None:
    made = plan(a_snapshot(alarmed(a_tracking_policy(), 90), desired=4), EPOCH)
    assert made.desired == 6
    (activity,) = made.activities
    assert activity.description == "Setting desired count to 6."
    assert activity.cause == "monitor alarm cpu-high in state ALARM triggered policy cpu"
    assert activity.status_code == "InProgress"
    assert activity.status_message == (
        "Successfully set desired count to 6. Waiting for change to be fulfilled by ecs."
    )


def test_an_activity_is_successful_once_the_tasks_run_and_not_before() -> None:
    snapshot = a_snapshot(alarmed(a_tracking_policy(), 90), desired=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH), running=5)
    assert_still(snapshot, after(30))
    running = replace(snapshot, service=ServiceView(desired=6, running=6))
    made = plan(running, after(40))
    (activity,) = made.activities
    assert (activity.status_code, activity.ended_at) == ("Successful", after(40))
    assert activity.status_message == (
        "Successfully set desired count to 6. Change successfully fulfilled by ecs."
    )
    assert made.target.out_cooldown is not None
    assert made.target.out_cooldown.began_at == after(40)
    assert_still(following(running, made), after(41))


def test_a_policy_acts_once_for_a_datapoint() -> None:
    policy = a_tracking_policy(out=0)
    snapshot = a_snapshot(alarmed(policy, 90), desired=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH))
    snapshot = following(snapshot, plan(snapshot, after(10)))
    assert_still(snapshot, after(20))
    made = plan(again(snapshot, alarmed(policy, 90, at=after(60))), after(60))
    assert made.desired == 9


def test_while_a_scale_out_cools_down_only_a_larger_one_is_followed_and_adds_the_difference() -> None:
    policy = a_tracking_policy(out=300)
    snapshot = a_snapshot(alarmed(policy, 90), desired=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH))
    snapshot = following(snapshot, plan(snapshot, after(10)))
    same = again(snapshot, alarmed(policy, 90, at=after(60)))
    assert plan(same, after(60)).desired == 6
    assert plan(again(snapshot, alarmed(policy, 105, at=after(60))), after(60)).desired == 7
    assert plan(same, after(60)).next_look == after(310)
    assert plan(same, after(310)).desired == 9


def test_a_larger_step_in_the_cooldown_adds_the_difference() -> None:
    policy = a_step_policy("steps", (0, 10, 2), (10, None, 3))
    snapshot = a_snapshot(alarmed(policy, 55, threshold=50, at=EPOCH), desired=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH))
    assert snapshot.target.out_cooldown is not None
    assert snapshot.target.out_cooldown.length == minutes(5)
    snapshot = following(snapshot, plan(snapshot, after(5)))
    assert plan(again(snapshot, alarmed(policy, 55, threshold=50, at=after(60))), after(60)).desired == 6
    assert plan(again(snapshot, alarmed(policy, 65, threshold=50, at=after(60))), after(60)).desired == 7


def test_a_low_metric_scales_in_and_then_waits() -> None:
    policy = a_tracking_policy(back=120)
    snapshot = a_snapshot(alarmed(policy, 30, side="low"), desired=8)
    made = plan(snapshot, EPOCH)
    assert made.desired == 4
    snapshot = following(snapshot, made)
    snapshot = following(snapshot, plan(snapshot, after(5)))
    lower = again(snapshot, alarmed(policy, 15, side="low", at=after(60)))
    assert plan(lower, after(60)).desired == 4
    assert plan(lower, after(125)).desired == 1


def test_what_the_high_moments_of_a_load_that_swings_need_stays() -> None:
    """5 and 25 requests a second by turns, 10 a task: three tasks, whatever the newest datapoint says."""
    view = alarmed(a_tracking_policy(target=600), 100, side="low")
    (alarm,) = view.alarms
    assert alarm.newest is not None
    swinging = replace(view, alarms=[replace(alarm, newest=replace(alarm.newest, highest=500))])
    assert plan(a_snapshot(view, desired=3), EPOCH).desired == 1
    assert reasons(plan(a_snapshot(swinging, desired=3), EPOCH)) == ["AutoScalingAnticipatedFlapping"]


def test_a_scale_out_does_not_wait_for_a_scale_in_and_ends_its_cooldown() -> None:
    policy = a_tracking_policy(back=3600)
    snapshot = a_snapshot(alarmed(policy, 30, side="low"), desired=8)
    snapshot = following(snapshot, plan(snapshot, EPOCH))
    made = plan(again(snapshot, alarmed(policy, 90, at=after(60))), after(60))
    assert made.desired == 6
    assert made.target.in_cooldown is None


def test_nothing_is_taken_away_while_the_tasks_of_a_scale_out_are_on_their_way() -> None:
    policy = a_tracking_policy()
    snapshot = a_snapshot(alarmed(policy, 90), desired=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH), running=4)
    assert plan(again(snapshot, alarmed(policy, 10, side="low", at=after(60))), after(60)).desired == 6


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        (
            a_snapshot(alarmed(a_tracking_policy(), 90), desired=10),
            NotScaledReason(code="AlreadyAtMaxCapacity", max_capacity=10),
        ),
        (
            a_snapshot(alarmed(a_tracking_policy(), 10, side="low"), desired=1),
            NotScaledReason(code="AlreadyAtMinCapacity", min_capacity=1),
        ),
        (
            a_snapshot(alarmed(a_tracking_policy(), 50, side="low"), desired=4),
            NotScaledReason(code="AutoScalingAnticipatedFlapping"),
        ),
        (
            a_snapshot(alarmed(a_tracking_policy(), 10, side="low"), desired=4, is_deploying=True),
            NotScaledReason(code="TargetServicePutResourceAsUnscalable"),
        ),
        (
            a_snapshot(alarmed(a_step_policy("s", (0, None, 4), kind=EXACT), 1), desired=4),
            NotScaledReason(code="AlreadyAtDesiredCapacity", current_capacity=4),
        ),
    ],
)
def test_not_scaling_is_told_once_with_its_reason(snapshot: ScalingSnapshot, reason: NotScaledReason) -> None:
    made = plan(snapshot, EPOCH)
    (activity,) = made.activities
    assert activity.reasons == (reason,)
    assert activity.status_code == "Failed"
    assert activity.description == "Attempting to scale due to alarm triggered"
    assert snapshot.service is not None
    assert made.desired == snapshot.service.desired
    kept = replace(following(snapshot, made), service=snapshot.service)
    assert_still(kept, after(60))


def test_a_reason_is_told_again_once_the_alarm_has_been_quiet() -> None:
    policy = a_tracking_policy()
    snapshot = a_snapshot(alarmed(policy, 90), desired=10)
    snapshot = following(snapshot, plan(snapshot, EPOCH))
    snapshot = again(snapshot, quiet(policy))
    snapshot = following(snapshot, plan(snapshot, after(60)))
    made = plan(again(snapshot, alarmed(policy, 90, at=after(120))), after(120))
    assert reasons(made) == ["AlreadyAtMaxCapacity"]


def test_scale_out_goes_on_during_a_deployment() -> None:
    assert (
        plan(a_snapshot(alarmed(a_tracking_policy(), 90), desired=4, is_deploying=True), EPOCH).desired == 6
    )


@pytest.mark.parametrize(
    ("suspended", "value", "side"),
    [
        (SuspendedState(dynamic_scaling_out=True), 90, "high"),
        (SuspendedState(dynamic_scaling_in=True), 10, "low"),
    ],
)
def test_what_is_suspended_stays_still(suspended: SuspendedState, value: float, side: str) -> None:
    view = alarmed(a_tracking_policy(), value, side=side)
    assert_still(a_snapshot(view, desired=4, target=a_scalable_target(suspended=suspended)), EPOCH)


def test_of_several_policies_the_largest_scale_out_is_followed() -> None:
    first, second = alarmed(a_tracking_policy("cpu"), 90), alarmed(a_tracking_policy("memory"), 120)
    low = alarmed(a_step_policy("steps", (None, 0, -3)), 10, threshold=20)
    made = plan(a_snapshot(first, second, low, desired=4), EPOCH)
    assert made.desired == 8
    assert "policy memory" in made.activities[0].cause


def test_scaling_in_needs_every_tracking_policy_and_leaves_the_most() -> None:
    cpu, memory = a_tracking_policy("cpu"), a_tracking_policy("memory")
    low = alarmed(cpu, 15, side="low")
    assert_still(a_snapshot(low, quiet(memory), desired=8), EPOCH)
    both = a_snapshot(low, alarmed(memory, 30, side="low"), desired=8)
    assert plan(both, EPOCH).desired == 4
    out_only = a_tracking_policy("memory", disable_scale_in=True)
    assert plan(a_snapshot(low, quiet(out_only), desired=8), EPOCH).desired == 2


def test_step_scaling_in_does_not_ask_target_tracking() -> None:
    step = alarmed(a_step_policy("steps", (None, 0, -3)), 10, threshold=20)
    assert plan(a_snapshot(step, quiet(a_tracking_policy()), desired=8), EPOCH).desired == 5


def test_policies_stay_within_the_bounds_and_come_back_to_them_first() -> None:
    high, low = alarmed(a_tracking_policy(), 1e9), alarmed(a_tracking_policy(), 0, side="low")
    target = a_scalable_target(2, 6)
    for view, desired, expected in ((high, 4, 6), (low, 4, 2), (high, 1, 2), (low, 9, 6), (low, 1, 1)):
        assert plan(a_snapshot(view, desired=desired, target=target), EPOCH).desired == expected


def test_a_service_goes_to_zero_only_where_the_minimum_and_the_metric_are_zero() -> None:
    target = a_scalable_target(0, 6)
    for value, expected in ((0, 0), (1, 1)):
        view = alarmed(a_tracking_policy(), value, side="low")
        assert plan(a_snapshot(view, desired=4, target=target), EPOCH).desired == expected


def test_an_alarm_without_a_datapoint_moves_nothing() -> None:
    view = alarmed(a_tracking_policy(), 90)
    blind = replace(view, alarms=[replace(alarm, newest=None) for alarm in view.alarms])
    assert_still(a_snapshot(blind, desired=4), EPOCH)


def test_registered_bounds_take_effect_once() -> None:
    for bounds, expected, cause in (
        ((3, 9), 3, "minimum capacity was set to 3"),
        ((0, 1), 1, "maximum capacity was set to 1"),
    ):
        snapshot = a_snapshot(desired=2, target=a_scalable_target(*bounds, is_bounds_new=True))
        made = plan(snapshot, EPOCH)
        assert made.desired == expected
        assert made.activities[0].cause == cause
        assert_still(following(snapshot, made, running=2), after(1))
        # What a user sets afterwards is left alone.
        assert plan(following(snapshot, made, desired=20), after(1)).desired == 20


def test_a_schedule_sets_the_bounds_and_then_the_count() -> None:
    action = an_action(min_capacity=5, max_capacity=8)
    snapshot = a_snapshot(desired=2, actions=[action])
    made = plan(snapshot, EPOCH)
    assert (made.target.min_capacity, made.target.max_capacity, made.desired) == (5, 8, 5)
    first, second = made.activities
    assert first.description == "Setting min capacity to 5 and max capacity to 8"
    assert first.cause == "scheduled action name night was triggered"
    assert first.status_message == "Successfully set min capacity to 5 and max capacity to 8"
    assert second.description == "Setting desired count to 5."
    assert second.cause == "minimum capacity was set to 5"
    assert made.next_look is not None
    assert made.actions[0].next_at == after(24 * 3600)
    assert_still(following(snapshot, made, running=2), after(1))


def test_a_schedule_that_was_missed_runs_once_and_keeps_its_beat() -> None:
    snapshot = a_snapshot(desired=2, actions=[an_action(schedule="rate(1 hour)", min_capacity=3)])
    made = plan(snapshot, after(5 * 3600 + 60))
    assert made.desired == 3
    assert [activity.description for activity in made.activities] == [
        "Setting min capacity to 3",
        "Setting desired count to 3.",
    ]
    assert made.actions[0].next_at == after(6 * 3600)


def test_schedules_run_in_the_order_in_which_they_were_due() -> None:
    late = an_action("a", min_capacity=2, max_capacity=2, next_at=after(-10))
    early = an_action("b", min_capacity=7, max_capacity=7, next_at=after(-20))
    made = plan(a_snapshot(desired=1, actions=[late, early]), EPOCH)
    assert (made.target.min_capacity, made.desired) == (2, 2)
    assert [activity.status_code for activity in made.activities] == [
        "Successful",
        "Overridden",
        "Successful",
        "InProgress",
    ]


def test_what_comes_due_while_schedules_are_suspended_is_passed_over() -> None:
    target = a_scalable_target(suspended=SuspendedState(scheduled_scaling=True))
    snapshot = a_snapshot(desired=2, target=target, actions=[an_action(min_capacity=5)])
    made = plan(snapshot, EPOCH)
    assert (made.desired, made.activities) == (2, ())
    resumed = replace(following(snapshot, made), target=a_scalable_target())
    assert plan(resumed, after(60)).desired == 2


def test_a_schedule_that_turns_the_bounds_round_fails_and_says_so() -> None:
    made = plan(a_snapshot(desired=2, actions=[an_action(min_capacity=50)]), EPOCH)
    assert made.target.min_capacity == 1
    (activity,) = made.activities
    assert activity.status_code == "Failed"
    assert activity.status_message == (
        "Failed to set min capacity to 50. Reason: Maximum capacity cannot be less than minimum capacity"
    )


def test_a_one_time_schedule_has_no_other_run() -> None:
    snapshot = a_snapshot(desired=2, actions=[an_action(schedule="at(2026-01-01T00:00:00)", max_capacity=1)])
    made = plan(snapshot, EPOCH)
    assert made.desired == 1
    assert made.actions[0].next_at is None
    assert_still(following(snapshot, made, running=2), after(60))


def test_a_clock_that_was_far_ahead_holds_no_schedule_back() -> None:
    ahead = an_action(
        schedule="rate(1 day)", min_capacity=5, next_at=after(366 * 86400), last_at=after(365 * 86400)
    )
    made = plan(a_snapshot(desired=2, actions=[ahead]), EPOCH)
    assert made.actions[0].next_at == after(86400)
    assert made.desired == 2


def test_a_clock_that_is_corrected_a_little_runs_nothing_twice() -> None:
    snapshot = a_snapshot(desired=2, actions=[an_action(min_capacity=5)])
    snapshot = following(snapshot, plan(snapshot, EPOCH), desired=9)
    assert plan(snapshot, after(-30)).desired == 9
    assert_still(replace(snapshot, open_activities=()), after(-30))


def test_without_a_service_schedules_still_set_the_bounds() -> None:
    snapshot = replace(a_snapshot(actions=[an_action(min_capacity=5)]), service=None)
    made = plan(snapshot, EPOCH)
    assert (made.target.min_capacity, made.desired, len(made.activities)) == (5, None, 1)


def test_an_activity_ends_overridden_unfulfilled_or_failed() -> None:
    snapshot = a_snapshot(alarmed(a_tracking_policy(), 90), desired=4)
    open_one = following(snapshot, plan(snapshot, EPOCH), running=4)
    by_user = replace(open_one, service=ServiceView(desired=5, running=4))
    gone = replace(open_one, service=None)
    for world, now, status in (
        (by_user, after(5), "Overridden"),
        (open_one, after(1800), "Unfulfilled"),
        (gone, after(5), "Failed"),
    ):
        made = plan(world, now)
        assert [one.status_code for one in made.activities] == [status]
        cooldown = made.target.out_cooldown
        assert (cooldown.began_at if cooldown else None) == (now if status == "Unfulfilled" else None)


def test_cooldowns_may_be_shortened() -> None:
    snapshot = a_snapshot(alarmed(a_tracking_policy(), 90), desired=4, cooldown_scale=0.1)
    cooldown = plan(snapshot, EPOCH).target.out_cooldown
    assert cooldown is not None
    assert cooldown.length == timedelta(seconds=30)


def test_a_clock_that_is_set_back_holds_no_policy_back() -> None:
    """What was acted upon, and what cools down, is an hour ahead then: as if it were still to come."""
    policy = a_tracking_policy(out=300)
    snapshot = a_snapshot(alarmed(policy, 90, at=after(3600)), desired=4)
    snapshot = following(snapshot, plan(snapshot, after(3670)))
    snapshot = following(snapshot, plan(snapshot, after(3680)))
    assert snapshot.target.out_cooldown is not None
    assert snapshot.target.out_cooldown.began_at == after(3680)
    # The alarm is not evaluated yet by the clock as it is now: its datapoint is the one that was acted upon.
    made = plan(snapshot, after(80))
    assert made.desired == 6
    assert made.target.out_cooldown is not None
    assert made.target.out_cooldown.began_at == after(80), "it waits for its length, and no longer"
    assert made.next_look == after(380)
    snapshot = following(snapshot, made)
    assert_still(snapshot, after(90))
    evaluated = again(snapshot, alarmed(policy, 90, at=after(360)))
    assert plan(evaluated, after(370)).desired == 6
    made = plan(evaluated, after(380))
    assert made.desired == 9
    assert_still(following(evaluated, made, running=6), after(390))


def test_a_policy_of_two_alarms_acts_once_on_a_datapoint_after_the_clock_was_set_back() -> None:
    policy = a_step_policy()
    assert policy.step is not None
    step = replace(
        policy.step, cooldown_seconds=0, steps=(StepAdjustment(lower=0, upper=None, adjustment=2),)
    )
    policy = replace(policy, step=step, datapoint_at=after(3600))
    alarms = tuple(
        AlarmView(name=name, threshold=0, newest=Datapoint(at=at, value=90))
        # The first is not evaluated yet by the clock as it is now.
        for name, at in (("a", after(3600)), ("b", after(60)))
    )
    snapshot = a_snapshot(PolicyView(policy=policy, alarms=alarms), desired=4)
    made = plan(snapshot, after(130))
    assert made.desired is not None
    assert made.desired > 4
    later = plan(following(snapshot, made), after(131))
    assert (later.desired, later.policies) == (made.desired, ())


def test_an_activity_that_is_open_when_the_clock_is_set_back_is_given_its_time_and_no_more() -> None:
    snapshot = a_snapshot(alarmed(a_tracking_policy(), 90, at=after(7200)), desired=4)
    snapshot = following(snapshot, plan(snapshot, after(7270)), running=4)
    snapshot = following(snapshot, plan(snapshot, EPOCH), running=4)
    assert [one.started_at for one in snapshot.open_activities] == [EPOCH]
    made = plan(snapshot, after(1800))
    assert [(one.status_code, one.ended_at) for one in made.activities] == [("Unfulfilled", after(1800))]
