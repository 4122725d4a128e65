"""Tasks that are protected from scale-in: what leaves them alone, what does not, and what waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tidegate.control.decisions.services import texts
from tidegate.control.decisions.task_protection import protected
from tidegate.testing.scheduling import ServicePlay


def protect(play: ServicePlay, *arns: str, minutes: int = 60) -> None:
    for arn in arns:
        play.tasks[arn] = protected(play.tasks[arn], play.now, minutes)


def wanted(play: ServicePlay) -> set[str]:
    return {task.arn for task in play.live if task.desired_status == "RUNNING"}


def held(deployment: int, count: int) -> str:
    return (
        f"was unable to reach steady state because (taskSet ecs-svc/{deployment}) was unable to scale in due "
        f"to (reason {count} tasks under protection)"
    )


def test_scale_in_stops_others() -> None:
    for spared in range(3):
        play = ServicePlay.running(3)
        arn = sorted(play.tasks)[spared]
        protect(play, arn)
        play.service = replace(play.service, desired_count=1)
        play.pass_()
        assert wanted(play) == {arn}
        assert play.told == []


def test_scale_in_waits_for_protected_tasks_and_says_so_once() -> None:
    play = ServicePlay.running(3)
    protect(play, *play.tasks)
    play.service = replace(play.service, desired_count=1)
    decided = play.pass_()
    assert decided.stops == ()
    assert decided.next_look == play.now + timedelta(minutes=60)
    assert play.service.steady_at is None
    play.pass_()
    assert play.told == [held(1, 2)]


def test_scale_in_goes_on_when_protection_ends() -> None:
    play = ServicePlay.running(2)
    first, second = sorted(play.tasks)
    protect(play, first, minutes=10)
    protect(play, second, minutes=20)
    play.service = replace(play.service, desired_count=0)
    until = play.pass_().next_look
    assert until == play.now + timedelta(minutes=10)
    play.now = until
    assert [stop.task_arn for stop in play.pass_().stops] == [first]
    play.tasks[second] = replace(play.tasks[second], protected_until=None)
    assert [stop.task_arn for stop in play.pass_().stops] == [second]


def test_a_deployment_starts_new_tasks_and_waits_for_the_protected_old_ones() -> None:
    play = ServicePlay.running(2)
    old = sorted(play.tasks)
    protect(play, old[0], minutes=30)
    play.deploy(2)
    play.pass_()
    play.work()
    play.pass_()
    play.work()
    play.pass_()
    assert play.counts == (2, 1, 0)
    assert old[0] in wanted(play)
    assert play.told == [held(1, 1)]
    assert [d.rollout_state for d in play.service.deployments] == ["IN_PROGRESS", "COMPLETED"]
    play.now += timedelta(minutes=30)
    play.until_rest()
    assert play.counts == (2, 0, 0)
    assert [d.rollout_state for d in play.service.deployments] == ["COMPLETED"]


def test_a_deployment_without_room_beside_protected_tasks_names_them() -> None:
    play = ServicePlay.running(2, minimum=50, maximum=100)
    protect(play, *play.tasks)
    play.deploy(2)
    decided = play.pass_()
    assert (decided.starts, decided.stops) == ((), ())
    assert decided.events == (held(1, 2),)


def test_percentages_that_leave_no_room_are_told_whatever_is_protected() -> None:
    play = ServicePlay.running(2, minimum=100, maximum=125)
    protect(play, min(play.tasks))
    play.deploy(2)
    decided = play.pass_()
    assert (decided.starts, decided.stops, decided.events) == ((), (), (texts.STUCK,))


def test_an_instance_that_cannot_be_emptied_is_no_matter_of_protection() -> None:
    play = ServicePlay.running(2, minimum=100, maximum=100)
    older, newer = sorted(play.tasks)
    play.deploy(2)
    protect(play, older)
    new = replace(play.tasks[newer], deployment_id="ecs-svc/2")
    play.tasks[newer] = new
    play.instances = [
        replace(row, status="DRAINING") if row.arn == new.container_instance_arn else row
        for row in play.instances
    ]
    decided = play.pass_()
    assert (decided.starts, decided.stops, decided.events) == ((), (), (texts.STUCK,))


def test_nothing_is_said_of_protection_while_new_tasks_start() -> None:
    play = ServicePlay.running(1)
    protect(play, *play.tasks)
    play.deploy(2)
    play.pass_()
    assert play.pass_().events == ()


def test_bad_health_stops_a_protected_task() -> None:
    play = ServicePlay.running(2)
    sick = sorted(play.tasks)[0]
    protect(play, *play.tasks)
    play.states[sick] = "unhealthy"
    play.pass_()
    play.work()
    play.states[sick] = "unhealthy"
    assert [stop.task_arn for stop in play.pass_().stops] == [sick]


def test_an_instance_that_is_to_be_emptied_loses_protected_tasks_too() -> None:
    play = ServicePlay.running(1)
    (task,) = play.tasks.values()
    protect(play, task.arn)
    play.instances = [
        replace(row, status="DRAINING") if row.arn == task.container_instance_arn else row
        for row in play.instances
    ]
    play.pass_()
    play.work()
    assert [stop.task_arn for stop in play.pass_().stops] == [task.arn]


def test_the_end_of_a_service_stops_its_protected_tasks() -> None:
    play = ServicePlay.running(2)
    protect(play, *play.tasks)
    play.service = replace(play.service, status="DRAINING", desired_count=0)
    play.pass_()
    assert wanted(play) == set()


def test_after_a_failed_deployment_protected_tasks_stay_and_others_make_up_for_them() -> None:
    play = ServicePlay.running(3)
    first, second, third = sorted(play.tasks)
    protect(play, first, second)
    play.deploy(2)
    failed = replace(play.service.deployments[0], rollout_state="FAILED")
    play.service = replace(play.service, desired_count=1, deployments=(failed, *play.service.deployments[1:]))
    play.pass_()
    assert wanted(play) == {first, second}
    assert third not in wanted(play)
    assert play.told == []


def test_a_second_look_at_a_service_that_waits_changes_nothing() -> None:
    play = ServicePlay.running(2)
    protect(play, *play.tasks)
    play.service = replace(play.service, desired_count=1)
    play.pass_()
    again = play.pass_()
    assert (again.starts, again.stops, again.events) == ((), (), ())
    assert again.service == play.service
