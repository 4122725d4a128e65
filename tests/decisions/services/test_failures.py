"""Failed launches, throttling, the circuit breaker and roll-back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.domain.ecs import CircuitBreaker, Deployment, Service, Task
from tidegate.testing.scheduling import ServicePlay

NEVER_RAN = {"code": "TaskFailedToStart", "reason": "CannotPullContainerError: no such image"}
CRASHED = {"code": "EssentialContainerExited", "reason": "Essential container in task exited"}
BREAKER = CircuitBreaker(enable=True, rollback=False)
ROLLBACK = CircuitBreaker(enable=True, rollback=True)


def test_launches_that_never_ran_are_counted_and_the_first_two_are_retried_at_once() -> None:
    play = broken(1)
    for failed in (1, 2):
        fail_new(play, **NEVER_RAN)
        assert len(play.pass_().starts) == 1
        assert primary(play).failed_tasks == failed


def test_from_the_third_failure_on_launches_wait_twice_as_long_each_time() -> None:
    play = broken(1)
    waits = []
    for _ in range(6):
        fail_new(play, **NEVER_RAN)
        decided = play.pass_()
        if not decided.starts:
            assert decided.next_look == primary(play).next_start_at
            waits.append((decided.next_look - play.now).total_seconds())
            play.now = decided.next_look
            play.pass_()
    assert waits == [5, 10, 20, 40]
    assert play.told.count("is unable to consistently start tasks successfully.") == 1


def test_a_batch_that_fails_one_by_one_is_one_round() -> None:
    play = broken(8)
    for _ in range(8):
        fail_new(play, only=1, **NEVER_RAN)
        play.pass_()
    assert primary(play).start_delay_seconds == 5


def test_while_launches_fail_a_pass_starts_no_more_than_do_run() -> None:
    play = broken(8)
    fail_new(play, **NEVER_RAN)
    play.pass_()
    play.now += timedelta(seconds=6)
    assert len(play.pass_().starts) == 1


def test_one_task_that_runs_ends_the_row_of_failures() -> None:
    play = broken(1)
    for _ in range(3):
        fail_new(play, **NEVER_RAN)
        play.pass_()
    play.now += timedelta(seconds=10)
    play.pass_()
    play.work()
    play.pass_()
    assert primary(play).failed_tasks == 0
    assert primary(play).next_start_at is None


def test_a_task_that_has_long_run_does_not_hide_that_new_launches_fail() -> None:
    play = ServicePlay.running(1)
    play.service = replaced(play, desired_count=4)
    play.pass_()
    fail_new(play, **NEVER_RAN)
    play.now += timedelta(seconds=1)
    play.pass_()
    assert primary(play).failed_tasks == 3


def test_a_new_deployment_starts_without_waiting() -> None:
    play = broken(1)
    for _ in range(4):
        fail_new(play, **NEVER_RAN)
        play.pass_()
    play.deploy(3)
    assert len(play.pass_().starts) == 1


@pytest.mark.parametrize("end", [NEVER_RAN, CRASHED], ids=["never ran", "crashed before it was healthy"])
def test_the_breaker_trips_at_its_threshold(end: dict[str, str]) -> None:
    play = broken(1, breaker=BREAKER)
    for _ in range(2):
        fail_new(play, **end)
        play.now += timedelta(minutes=20)
        play.pass_()
    assert primary(play).rollout_state == "IN_PROGRESS"
    fail_new(play, **end)
    play.pass_()
    assert primary(play).rollout_state == "FAILED"
    assert primary(play).rollout_state_reason == "ECS deployment circuit breaker: tasks failed to start."
    assert play.told[-1] == "(deployment ecs-svc/2) deployment failed: tasks failed to start."


def test_a_task_that_never_passes_its_health_check_counts_when_it_is_replaced() -> None:
    play = broken(1, breaker=BREAKER, health_check_grace_period_seconds=30)
    for _ in range(3):
        play.work()
        play.states = {arn: state_of(play, arn) for arn in play.states}
        play.now += timedelta(seconds=31)
        play.pass_()
        play.work()
        play.pass_()
    assert primary(play).rollout_state == "FAILED"


def test_a_failed_deployment_without_rollback_stops_launching_and_keeps_what_serves() -> None:
    play = tripped(BREAKER)
    decided = play.pass_()
    assert not decided.starts
    assert not decided.stops
    assert play.healthy == 1


def test_rollback_returns_to_the_last_completed_deployment() -> None:
    play = tripped(ROLLBACK)
    assert play.told[-2:] == [
        "(deployment ecs-svc/2) deployment failed: tasks failed to start.",
        "rolling back to deployment ecs-svc/1.",
    ]
    back = primary(play)
    assert back.task_definition_arn.endswith("web:1")
    assert play.service.task_definition_arn == back.task_definition_arn
    assert back.rollout_state == "IN_PROGRESS"
    assert back.rollout_state_reason == (
        "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
    )
    play.until_rest()
    assert primary(play).rollout_state == "COMPLETED"


def test_rollback_finds_a_completed_deployment_whose_tasks_are_gone() -> None:
    play = ServicePlay.running(2, minimum=0, maximum=100, breaker=ROLLBACK)
    play.deploy(2)
    for _ in range(8):
        play.pass_()
        for arn in [
            arn for arn, task in play.tasks.items() if task.last_status in ("DEACTIVATING", "STOPPING")
        ]:
            play.end(arn)
        fail_new(play, **NEVER_RAN)
        play.now += timedelta(minutes=20)
    assert primary(play).rollback_from == "ecs-svc/2"


def test_a_rollback_that_fails_is_not_rolled_back() -> None:
    play = tripped(ROLLBACK)
    for task in play.live:
        play.end(task.arn, **CRASHED)
    for _ in range(4):
        play.pass_()
        fail_new(play, **NEVER_RAN)
        play.now += timedelta(minutes=20)
    play.pass_()
    assert primary(play).rollback_from == "ecs-svc/2"
    assert primary(play).rollout_state == "FAILED"
    assert len([text for text in play.told if text.startswith("rolling back")]) == 1


def test_without_a_completed_deployment_there_is_nothing_to_return_to() -> None:
    play = ServicePlay.running(0, breaker=ROLLBACK)
    play.service = replaced(play, desired_count=1, last_completed=None)
    play.deploy(2)
    play.service = replaced(play, deployments=play.service.deployments[:1])
    play.pass_()
    for _ in range(3):
        fail_new(play, **NEVER_RAN)
        play.now += timedelta(minutes=20)
        play.pass_()
    assert primary(play).rollout_state == "FAILED"
    assert not any(text.startswith("rolling back") for text in play.told)


@pytest.mark.parametrize("code", ["TerminationNotice", "UserInitiated", "ServiceSchedulerInitiated"])
def test_lost_hosts_users_and_schedulers_are_nobodys_failure(code: str) -> None:
    play = broken(3, breaker=BREAKER)
    fail_new(play, code=code, reason="not its own doing")
    play.pass_()
    assert primary(play).failed_tasks == primary(play).failures == 0


def test_a_task_that_was_healthy_and_then_exits_is_only_replaced() -> None:
    play = ServicePlay.running(1, breaker=BREAKER)
    play.deploy(2)
    play.until_rest()
    fail_new(play, **CRASHED)
    assert len(play.pass_().starts) == 1
    assert primary(play).failures == 0


def test_an_end_is_counted_once() -> None:
    play = broken(1)
    fail_new(play, **NEVER_RAN)
    play.pass_()
    play.pass_()
    assert primary(play).failed_tasks == 1


def broken(desired: int, **more: object) -> ServicePlay:
    """A steady service whose next deployment's tasks have just been started."""
    play = ServicePlay.running(desired, **more)
    play.deploy(2)
    play.pass_()
    return play


def tripped(breaker: CircuitBreaker) -> ServicePlay:
    play = broken(1, breaker=breaker)
    for _ in range(3):
        fail_new(play, **NEVER_RAN)
        play.now += timedelta(minutes=20)
        play.pass_()
    return play


def fail_new(play: ServicePlay, *, only: int | None = None, code: str, reason: str) -> None:
    """The PRIMARY deployment's wanted tasks end; those that crash have run."""
    wanted = [t for t in play.live if t.deployment_id == primary(play).id and t.desired_status == "RUNNING"]
    for task in wanted[:only]:
        if code == "EssentialContainerExited" and task.started_at is None:
            play.tasks[task.arn] = task_started(play, task.arn)
        play.end(task.arn, code, reason)


def state_of(play: ServicePlay, arn: str) -> str:
    return "healthy" if play.tasks[arn].deployment_id == "ecs-svc/1" else "unhealthy"


def task_started(play: ServicePlay, arn: str) -> Task:
    return replace(play.tasks[arn], last_status="RUNNING", started_at=play.now)


def replaced(play: ServicePlay, **changes: object) -> Service:
    return replace(play.service, **changes)


def primary(play: ServicePlay) -> Deployment:
    assert play.service.primary is not None
    return play.service.primary
