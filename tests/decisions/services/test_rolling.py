"""A rolling deployment, pass by pass: within the window, healthy before stopped, and always to an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.control.decisions.services import plan
from tidegate.control.decisions.services.window import bounds
from tidegate.testing.builders import a_container_instance
from tidegate.testing.scheduling import ServicePlay

MOVING_WINDOWS = [(100, 200), (50, 200), (50, 150), (50, 100), (0, 100), (0, 200), (75, 125)]


def test_a_new_service_starts_all_its_tasks_at_once() -> None:
    play = ServicePlay.running(0)
    play.service = replace(play.service, desired_count=4)
    assert len(play.pass_().starts) == 4


def test_at_100_and_200_percent_four_start_beside_four_and_then_four_stop() -> None:
    play = ServicePlay.running(4)
    play.deploy(2)
    play.pass_()
    assert play.counts == (4, 4, 0)
    play.work()
    play.pass_()
    assert play.counts == (4, 0, 4)
    assert all(task.last_status == "DEACTIVATING" for task in play.live if task.desired_status == "STOPPED")


def test_old_tasks_stop_only_as_new_ones_become_healthy() -> None:
    play = ServicePlay.running(4)
    play.deploy(2)
    play.pass_()
    new = [arn for arn, task in play.tasks.items() if task.deployment_id == "ecs-svc/2"]
    play.work()
    play.states.update(dict.fromkeys(new[1:], "initial"))
    play.pass_()
    assert play.counts == (4, 3, 1)


def test_at_50_and_100_percent_half_stop_before_half_start() -> None:
    play = ServicePlay.running(4, minimum=50, maximum=100)
    play.deploy(2)
    play.pass_()
    assert play.counts == (0, 2, 2)
    play.pass_()
    assert play.counts == (0, 2, 2)
    play.work()
    play.pass_()
    assert play.counts == (2, 2, 0)


def test_at_50_and_150_percent_of_three_one_starts_as_one_stops() -> None:
    play = ServicePlay.running(3, minimum=50, maximum=150)
    play.deploy(2)
    play.pass_()
    assert play.counts == (1, 2, 1)


def test_at_0_and_100_percent_all_may_stop_first() -> None:
    play = ServicePlay.running(10, minimum=0, maximum=100)
    play.deploy(2)
    play.pass_()
    assert play.counts == (0, 0, 10)


@pytest.mark.parametrize(("desired", "minimum", "maximum"), [(1, 50, 100), (1, 100, 150), (2, 75, 100)])
def test_a_window_that_allows_nothing_is_told_once(desired: int, minimum: int, maximum: int) -> None:
    play = ServicePlay.running(desired, minimum=minimum, maximum=maximum)
    play.deploy(2)
    first, second = play.pass_(), play.pass_()
    assert first.events == (
        "was unable to stop or start tasks during a deployment because of the service deployment "
        "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
    )
    assert not first.starts
    assert not first.stops
    assert second.events == ()


def test_a_finished_deployment_is_completed_and_then_steady() -> None:
    play = ServicePlay.running(2)
    play.deploy(2)
    play.until_rest()
    assert play.told[-2:] == [
        "(deployment ecs-svc/2) deployment completed.",
        "has reached a steady state.",
    ]
    (deployment,) = play.service.deployments
    assert deployment.rollout_state == "COMPLETED"
    assert deployment.rollout_state_reason == "ECS deployment ecs-svc/2 completed."


def test_a_deployment_of_no_tasks_completes_at_once() -> None:
    play = ServicePlay.running(0)
    play.deploy(2)
    assert play.pass_().service.deployments[0].rollout_state == "COMPLETED"


def test_the_old_deployment_is_listed_until_its_last_task_has_stopped() -> None:
    play = ServicePlay.running(1)
    play.deploy(2)
    play.pass_()
    play.work()
    play.pass_()
    assert [d.status for d in play.service.deployments] == ["PRIMARY", "ACTIVE"]
    play.work()
    play.pass_()
    assert [d.id for d in play.service.deployments] == ["ecs-svc/2"]


def test_a_third_deployment_replaces_the_second_while_it_runs() -> None:
    play = ServicePlay.running(3)
    play.deploy(2)
    play.pass_()
    play.deploy(3)
    play.until_rest()
    assert {task.deployment_id for task in play.live} == {"ecs-svc/3"}


def test_pending_tasks_are_on_their_way_and_not_started_again() -> None:
    play = ServicePlay.running(0)
    play.service = replace(play.service, desired_count=2)
    assert len(play.pass_().starts) == 2
    assert not play.pass_().starts


@pytest.mark.parametrize("probed", [0, 1, 2])
def test_a_balancer_that_has_not_probed_yet_costs_no_task(probed: int) -> None:
    """It came back a moment ago: targets are initial but for the first, and a deployment is under way."""
    play = ServicePlay.running(3)
    play.deploy(2)
    play.pass_()
    play.work()
    healthy = sorted(play.states)[:probed]
    play.states = dict.fromkeys(play.states, "initial") | dict.fromkeys(healthy, "healthy")
    assert not play.pass_().stops


def test_a_steady_service_stays_steady_while_its_balancer_comes_back() -> None:
    play = ServicePlay.running(2)
    play.states = dict.fromkeys(play.states, "initial")
    decided = play.pass_()
    assert decided.service.steady_at is not None
    assert decided.events == ()


def test_unhealthy_old_tasks_serve_until_a_new_one_is_healthy() -> None:
    """All fail their probes, so that the load balancer sends requests to all of them."""
    play = ServicePlay.running(2)
    play.states = dict.fromkeys(play.states, "unhealthy")
    old = set(play.states)
    play.deploy(2)
    decided = play.pass_()
    assert (len(decided.starts), decided.stops) == (2, ())
    assert not play.pass_().stops
    play.work()
    assert {stop.task_arn for stop in play.pass_().stops} == old


def test_where_there_is_no_room_beside_them_unhealthy_old_tasks_go_one_by_one_and_the_last_one_stays() -> (
    None
):
    play = ServicePlay.running(3, minimum=50, maximum=100)
    play.states = dict.fromkeys(play.states, "unhealthy")
    old = set(play.states)
    play.deploy(2)
    for _ in range(4):
        play.pass_()
        leaving = [task.arn for task in play.live if task.desired_status == "STOPPED"]
        assert len(leaving) <= 1
        for arn in leaving:
            play.end(arn)
    assert len(old & {task.arn for task in play.live}) == 1
    play.until_rest()
    assert play.counts == (3, 0, 0)


def test_one_missing_place_costs_one_task_whether_old_or_new() -> None:
    play = ServicePlay.running(2, minimum=50)
    play.deploy(2)
    play.states = dict.fromkeys(play.states, "unhealthy")
    play.pass_()
    new = next(arn for arn, task in play.tasks.items() if task.deployment_id == "ecs-svc/2")
    play.tasks[new] = replace(play.tasks[new], last_status="RUNNING", started_at=play.now)
    play.states[new] = "unhealthy"
    play.now += timedelta(seconds=50)
    assert [stop.task_arn for stop in play.pass_().stops] == [new]


def test_a_failed_deployment_leaves_what_answers_on_a_draining_instance() -> None:
    play = ServicePlay.running(2)
    play.deploy(2, rollout_state="FAILED")
    play.states = dict.fromkeys(play.states, "unhealthy")
    play.instances = [replace(row, status="DRAINING") for row in play.instances]
    assert not play.pass_().stops


def test_an_unhealthy_only_task_goes_first_where_no_instance_has_room_beside_it() -> None:
    play = ServicePlay.running(1)
    (task,) = play.live
    play.instances = [a_container_instance(1, memory_mib=0)]
    play.states[task.arn] = "unhealthy"
    play.deploy(2)
    assert [stop.task_arn for stop in play.pass_().stops] == [task.arn]


@pytest.mark.parametrize("minimum", [0, 100])
def test_an_unhealthy_old_task_goes_at_once_where_others_serve_or_the_minimum_is_zero(minimum: int) -> None:
    play = ServicePlay.running(2, minimum=minimum)
    sick = min(play.states)
    play.states = dict.fromkeys(play.states, "unhealthy" if minimum == 0 else "healthy")
    play.states[sick] = "unhealthy"
    play.deploy(2)
    assert sick in {stop.task_arn for stop in play.pass_().stops}


def test_an_old_task_that_never_served_or_fails_its_own_health_check_is_no_last_resort() -> None:
    play = ServicePlay.running(2, is_checked=True)
    assert play.healths is not None
    never, failing = sorted(play.states)
    play.tasks[never] = replace(play.tasks[never], healthy_at=None)
    play.healths[failing] = "UNHEALTHY"
    play.states = dict.fromkeys(play.states, "unhealthy")
    play.deploy(2)
    assert {stop.task_arn for stop in play.pass_().stops} == {never, failing}


@settings(max_examples=60, deadline=None)
@given(
    desired=st.integers(1, 6),
    window=st.sampled_from(MOVING_WINDOWS),
    states=st.lists(st.sampled_from(["healthy", "unhealthy"]), min_size=6, max_size=6),
)
def test_a_deployment_over_tasks_of_any_health_leaves_one_that_answers_and_reaches_its_end(
    desired: int, window: tuple[int, int], states: list[str]
) -> None:
    play = ServicePlay.running(desired, minimum=window[0], maximum=window[1])
    lower, upper = bounds(play.service, desired)
    if lower == upper:
        return
    play.states = dict(zip(sorted(play.states), states, strict=False))
    play.deploy(2)

    def somebody_answers(at: ServicePlay) -> None:
        serving = [
            task for task in at.live if task.desired_status == "RUNNING" and task.healthy_at is not None
        ]
        assert serving or not lower

    play.until_rest(after_each=somebody_answers)
    assert play.counts == (desired, 0, 0)


@settings(max_examples=60, deadline=None)
@given(desired=st.integers(0, 12), window=st.sampled_from(MOVING_WINDOWS))
def test_a_deployment_never_leaves_the_window_and_reaches_its_end(
    desired: int, window: tuple[int, int]
) -> None:
    minimum, maximum = window
    play = ServicePlay.running(desired, minimum=minimum, maximum=maximum)
    lower, upper = bounds(play.service, desired)
    if lower == upper and desired:
        return
    play.deploy(2)

    def within(at: ServicePlay) -> None:
        assert len(at.live) <= upper
        assert at.healthy >= lower

    play.until_rest(after_each=within)
    assert play.counts == (desired, 0, 0)


@settings(max_examples=40, deadline=None)
@given(desired=st.integers(1, 8), window=st.sampled_from(MOVING_WINDOWS), kept=st.integers(0, 12))
def test_a_plan_that_was_carried_out_half_way_is_followed_by_the_rest(
    desired: int, window: tuple[int, int], kept: int
) -> None:
    """Control dies between two commits: some starts and stops of a plan are lost, none is done twice."""
    play = ServicePlay.running(desired, minimum=window[0], maximum=window[1])
    lower, upper = bounds(play.service, desired)
    if lower == upper:
        return
    play.deploy(2)
    before = dict(play.tasks)
    play.pass_()
    changed = [arn for arn in play.tasks if play.tasks[arn] != before.get(arn)]
    for arn in changed[kept:]:
        if arn in before:
            play.tasks[arn] = before[arn]
        else:
            del play.tasks[arn]
    play.until_rest(after_each=lambda at: _within(at, lower, upper))
    assert play.counts == (desired, 0, 0)


@settings(max_examples=60, deadline=None)
@given(
    desired=st.integers(0, 6),
    window=st.sampled_from(MOVING_WINDOWS),
    states=st.lists(st.sampled_from(["healthy", "initial", "unhealthy"]), min_size=12, max_size=12),
)
def test_planning_an_unchanged_world_again_gives_the_same_plan_and_once_at_rest_an_empty_one(
    desired: int, window: tuple[int, int], states: list[str]
) -> None:
    play = ServicePlay.running(desired, minimum=window[0], maximum=window[1])
    play.deploy(2)
    play.pass_()
    play.work()
    play.states = dict(zip(sorted(play.states), states, strict=False))
    assert plan(play.snapshot(), play.now) == plan(play.snapshot(), play.now)
    for _ in range(6):
        decided = play.pass_()
    assert not decided.starts
    assert not decided.stops
    assert not decided.events


def _within(play: ServicePlay, lower: int, upper: int) -> None:
    assert len(play.live) <= upper
    assert play.healthy >= lower
