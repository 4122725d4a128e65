"""Unhealthy tasks, draining instances, scaling in and deletion: who goes, when, and with which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.decisions.placement import demand_of
from tidegate.control.decisions.services import plan
from tidegate.testing.builders import GROUP_ARN, a_container_instance, a_definition, a_service
from tidegate.testing.scheduling import ServicePlay

UNHEALTHY = f"Task failed ELB health checks in (target-group {GROUP_ARN})"


def test_an_unhealthy_task_is_replaced_before_it_is_stopped() -> None:
    play = ServicePlay.running(2)
    sick = min(play.states)
    play.states[sick] = "unhealthy"
    decided = play.pass_()
    assert (len(decided.starts), decided.replaced, decided.stops) == (1, 1, ())
    assert not play.pass_().stops
    play.work()
    (stop,) = play.pass_().stops
    assert (stop.task_arn, stop.reason, stop.has_targets) == (sick, UNHEALTHY, True)
    assert [task.arn for task in play.tasks.values() if task.has_failed_checks] == [sick]


@pytest.mark.parametrize("group_arn", [None, GROUP_ARN])
def test_a_task_whose_container_is_unhealthy_is_replaced_whatever_its_target_says(
    group_arn: str | None,
) -> None:
    play = ServicePlay.running(2, is_checked=True, group_arn=group_arn)
    assert play.healths is not None
    sick = min(play.healths)
    play.healths[sick] = "UNHEALTHY"
    decided = play.pass_()
    assert (len(decided.starts), decided.replaced, decided.stops) == (1, 1, ())
    play.work()
    (stop,) = play.pass_().stops
    assert (stop.task_arn, stop.reason) == (sick, "Task failed container health checks")


@pytest.mark.parametrize("group_arn", [None, GROUP_ARN])
@pytest.mark.parametrize("health", ["UNKNOWN", "UNHEALTHY"])
def test_a_new_task_counts_only_once_its_health_check_has_passed(health: str, group_arn: str | None) -> None:
    play = ServicePlay.running(1, is_checked=True, group_arn=group_arn, health_check_grace_period_seconds=600)
    assert play.healths is not None
    old = min(play.healths)
    play.deploy(2)
    play.pass_()
    play.work()
    new = next(arn for arn in play.healths if arn != old)
    play.healths[new] = health
    play.now += timedelta(seconds=100)
    assert not play.pass_().stops
    play.healths[new] = "HEALTHY"
    assert [stop.task_arn for stop in play.pass_().stops] == [old]


def test_a_health_that_is_not_known_costs_no_task() -> None:
    play = ServicePlay.running(2, is_checked=True)
    play.healths = {}
    decided = play.pass_()
    assert (decided.starts, decided.stops) == ((), ())


def test_why_a_task_is_unhealthy_is_told_once_for_each_target() -> None:
    play = ServicePlay.running(2)
    sick = min(play.states)
    play.states[sick] = "unhealthy"
    task = play.tasks[sick]
    expected = (
        f"(task {task.id}) (instance i-1) (port {task.ports[0].host_port}) is unhealthy in "
        f"(target-group {GROUP_ARN}) due to (reason Health checks failed)."
    )
    assert play.pass_().events == (expected,)
    assert play.pass_().events == ()


def test_within_the_grace_period_bad_health_is_ignored() -> None:
    play = ServicePlay.running(0, health_check_grace_period_seconds=60)
    play.service = replace(play.service, desired_count=1)
    play.pass_()
    play.work()
    play.states = dict.fromkeys(play.states, "unhealthy")
    play.now += timedelta(seconds=59)
    decided = play.pass_()
    assert not decided.starts
    assert decided.next_look == play.now + timedelta(seconds=1)
    play.now += timedelta(seconds=1)
    assert len(play.pass_().starts) == 1


def test_a_task_whose_target_is_unused_is_replaced_after_a_minute_or_the_grace_period() -> None:
    for grace, seconds in ((0, 60), (100, 100)):
        play = ServicePlay.running(0, health_check_grace_period_seconds=grace)
        play.service = replace(play.service, desired_count=1)
        play.pass_()
        play.work()
        play.states = dict.fromkeys(play.states, "unused")
        decided = play.pass_()
        assert (decided.starts, decided.next_look) == ((), play.now + timedelta(seconds=seconds))
        play.now += timedelta(seconds=seconds)
        decided = play.pass_()
        assert (len(decided.starts), decided.replaced) == (1, 1)
        assert ["is unhealthy in" in text for text in decided.events] == [True]


def test_a_task_that_served_and_is_unused_is_no_last_resort() -> None:
    play = ServicePlay.running(1, minimum=50, maximum=100)
    play.states = dict.fromkeys(play.states, "unused")
    play.now += timedelta(seconds=60)
    assert [stop.reason for stop in play.pass_().stops] == [UNHEALTHY]


def test_an_unused_target_counts_as_a_failure_of_its_deployment() -> None:
    play = ServicePlay.running(1)
    play.deploy(2)
    play.pass_()
    new = next(task.arn for task in play.live if task.deployment_id == "ecs-svc/2")
    play.work()
    play.states[new] = "unused"
    play.now += timedelta(seconds=60)
    play.pass_()
    play.work()
    play.pass_()
    primary = play.service.primary
    assert primary is not None
    assert primary.failures == 1


def test_with_no_room_under_the_maximum_an_unhealthy_task_goes_before_its_replacement_comes() -> None:
    play = ServicePlay.running(2, minimum=50, maximum=100)
    sick = min(play.states)
    play.states[sick] = "unhealthy"
    decided = play.pass_()
    assert not decided.starts
    assert [stop.task_arn for stop in decided.stops] == [sick]
    assert not play.pass_().stops


def test_with_no_room_unhealthy_tasks_go_one_after_the_other() -> None:
    play = ServicePlay.running(4, minimum=25, maximum=100)
    sick = set(sorted(play.states)[:3])
    play.states |= dict.fromkeys(sick, "unhealthy")
    for _ in range(4):
        play.pass_()
        leaving = [task.arn for task in play.live if task.desired_status == "STOPPED"]
        assert len(leaving) <= 1
        for arn in leaving:
            play.end(arn)
    assert not sick & {task.arn for task in play.live}


@pytest.mark.parametrize("minimum", [50, 100])
def test_when_all_are_unhealthy_the_last_one_that_answers_stays_until_another_is_healthy(
    minimum: int,
) -> None:
    """On a machine that is too busy to answer probes: the load balancer fails open to them."""
    demand = demand_of(a_definition())
    full = [a_container_instance(number, cpu=demand.cpu, memory_mib=demand.memory_mib) for number in (1, 2)]
    play = ServicePlay(a_service(desired=2, minimum=minimum, maximum=200), instances=full)
    play.until_rest()
    old = set(play.states)
    play.states = dict.fromkeys(play.states, "unhealthy")
    assert len(play.pass_().stops) == 1
    play.end(next(task.arn for task in play.live if task.desired_status == "STOPPED"))
    assert len(play.pass_().starts) == 1
    assert not play.pass_().stops
    play.until_rest()
    assert not old & {task.arn for task in play.live}
    assert play.healthy == 2


def test_a_sick_new_task_that_fills_the_maximum_makes_room_for_the_next() -> None:
    play = ServicePlay.running(1)
    play.deploy(2)
    play.pass_()
    play.work()
    new = next(arn for arn, task in play.tasks.items() if task.deployment_id == "ecs-svc/2")
    play.states[new] = "unhealthy"
    decided = play.pass_()
    assert [stop.task_arn for stop in decided.stops] == [new]
    assert play.healthy == 1


def test_an_unhealthy_task_goes_first_where_no_instance_has_room_for_its_replacement() -> None:
    play = ServicePlay.running(1)
    (task,) = play.live
    play.instances = [a_container_instance(1, memory_mib=0)]
    play.states[task.arn] = "unhealthy"
    assert [stop.task_arn for stop in play.pass_().stops] == [task.arn]


def test_while_launches_are_throttled_an_unhealthy_task_is_left() -> None:
    play = ServicePlay.running(1)
    (task,) = play.live
    play.states[task.arn] = "unhealthy"
    waiting = replace(play.service.deployments[0], next_start_at=play.now + timedelta(seconds=40))
    play.service = replace(play.service, deployments=(waiting,))
    decided = play.pass_()
    assert not decided.starts
    assert not decided.stops
    assert decided.next_look == play.now + timedelta(seconds=40)


def test_scaling_in_takes_from_the_fullest_zone_and_keeps_the_rest_spread() -> None:
    play = ServicePlay.running(6)
    play.service = replace(play.service, desired_count=3)
    decided = play.pass_()
    stopped = {stop.task_arn for stop in decided.stops}
    assert len(stopped) == 3
    zones = [task.availability_zone for arn, task in play.tasks.items() if arn not in stopped]
    assert sorted(zones) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert {stop.reason for stop in decided.stops} == {"Scaling activity initiated by (deployment ecs-svc/1)"}


def test_scaling_in_takes_what_does_not_run_yet_first() -> None:
    play = ServicePlay.running(2)
    play.service = replace(play.service, desired_count=3)
    play.pass_()
    pending = next(task.arn for task in play.live if task.last_status == "PENDING")
    play.service = replace(play.service, desired_count=2)
    (stop,) = play.pass_().stops
    assert stop.task_arn == pending
    assert play.tasks[pending].last_status == "STOPPING"


def test_scaling_to_zero_stops_all() -> None:
    play = ServicePlay.running(3)
    play.service = replace(play.service, desired_count=0)
    assert len(play.pass_().stops) == 3


def test_a_draining_instance_is_emptied_as_replacements_become_healthy() -> None:
    play = ServicePlay.running(2)
    victim = min(play.live, key=lambda task: task.arn)
    play.instances = [
        replace(row, status="DRAINING") if row.arn == victim.container_instance_arn else row
        for row in play.instances
    ]
    decided = play.pass_()
    assert len(decided.starts) == 1
    assert not decided.stops
    assert victim.container_instance_arn != decided.starts[0].container_instance_arn
    play.work()
    (stop,) = play.pass_().stops
    assert stop.task_arn == victim.arn


def test_a_pending_task_on_a_draining_instance_goes_at_once() -> None:
    play = ServicePlay.running(0)
    play.service = replace(play.service, desired_count=1)
    play.pass_()
    (pending,) = play.live
    play.instances = [
        replace(row, status="DRAINING") if row.arn == pending.container_instance_arn else row
        for row in play.instances
    ]
    decided = play.pass_()
    assert [stop.task_arn for stop in decided.stops] == [pending.arn]
    assert len(decided.starts) == 1


def test_a_stopped_only_task_is_replaced_while_it_drains_even_where_the_maximum_is_one() -> None:
    play = ServicePlay.running(1, minimum=0, maximum=100)
    (task,) = play.live
    play.tasks[task.arn] = replace(
        task, desired_status="STOPPED", last_status="DEACTIVATING", stop_code="UserInitiated"
    )
    assert len(play.pass_().starts) == 1


def test_a_deleted_service_stops_its_tasks_and_is_inactive_when_they_are_gone() -> None:
    play = ServicePlay.running(2)
    play.service = replace(play.service, status="DRAINING", desired_count=0)
    assert len(play.pass_().stops) == 2
    assert play.pass_().service.status == "DRAINING"
    play.work()
    service = play.pass_().service
    assert (service.status, service.deployments, service.deleted_at) == ("INACTIVE", (), play.now)


def test_what_finds_no_place_is_told_once_and_tried_again() -> None:
    play = ServicePlay.running(0)
    play.instances = [a_container_instance(1, memory_mib=200)]
    play.service = replace(play.service, desired_count=2)
    decided = play.pass_()
    assert len(decided.starts) == 1
    assert decided.events == (
        "was unable to place a task because no container instance met all of its requirements. "
        f"The closest matching (container-instance {1:032x}) has insufficient memory available. "
        "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
    )
    again = play.pass_()
    assert again.events == ()
    assert again.next_look == play.now + timedelta(seconds=5)


def test_a_service_without_a_load_balancer_counts_a_task_as_healthy_after_40_seconds() -> None:
    play = ServicePlay.running(0, group_arn=None)
    play.service = replace(play.service, desired_count=1)
    play.pass_()
    play.work()
    decided = plan(play.snapshot(), play.now)
    assert decided.next_look == play.now + timedelta(seconds=40)
    play.now += timedelta(seconds=40)
    assert play.pass_().healthy


def test_a_steady_state_is_told_again_after_six_hours() -> None:
    play = ServicePlay.running(1)
    assert play.pass_().events == ()
    play.now += timedelta(hours=6)
    assert play.pass_().events == ("has reached a steady state.",)
