"""Which tasks may be protected from scale-in, and until when."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.decisions.task_protection import (
    Refusal,
    protected,
    refusal_to_change,
    refusal_to_protect,
    refusal_to_show,
    unprotected,
)
from tidegate.domain.ecs import Task
from tidegate.testing.builders import a_service, a_task
from tidegate.testing.clock import EPOCH

WEB = a_service(desired=2)


def a_protected(number: int) -> Task:
    return protected(a_task(number, of=WEB), EPOCH, 1)


def test_protection_lasts_its_minutes_from_now_on_and_begins_anew_each_time() -> None:
    task = a_protected(1)
    assert task.is_protected(EPOCH + timedelta(seconds=59))
    assert not task.is_protected(EPOCH + timedelta(seconds=60))
    assert protected(task, EPOCH, 60).is_protected(EPOCH + timedelta(minutes=59))
    assert not unprotected(task).is_protected(EPOCH)


def test_only_a_services_task_is_protected_or_says_whether_it_is() -> None:
    expected = Refusal("TASK_NOT_VALID", "The task is not part of a service.")
    assert refusal_to_show(a_task()) == refusal_to_change(a_task()) == expected
    assert refusal_to_show(a_task(of=WEB)) is refusal_to_change(a_task(of=WEB)) is None


def test_a_task_that_is_stopping_shows_its_protection_but_keeps_it() -> None:
    task = a_task(of=WEB, last_status="DEACTIVATING")
    assert refusal_to_show(task) is None
    assert refusal_to_change(task) == Refusal("TASK_NOT_VALID", "The task is stopping or has stopped.")


def test_as_many_tasks_are_protected_as_the_service_wants() -> None:
    tasks = [a_protected(1), a_task(2, of=WEB), a_task(3, of=WEB)]
    assert refusal_to_protect(tasks[1], WEB, tasks, EPOCH) is None
    tasks[1] = a_protected(2)
    assert refusal_to_protect(tasks[2], WEB, tasks, EPOCH) == Refusal(
        "DEPLOYMENT_BLOCKED", "The service would have 3 protected tasks, and its desired count is 2."
    )
    assert refusal_to_protect(tasks[1], WEB, tasks, EPOCH) is None


def test_protection_that_has_ended_and_tasks_that_stop_take_no_place() -> None:
    stopping = protected(a_task(1, of=WEB, last_status="STOPPING"), EPOCH, 60)
    tasks = [stopping, a_protected(2), a_task(3, of=WEB)]
    assert refusal_to_protect(tasks[2], WEB, tasks, EPOCH) is None
    assert refusal_to_protect(tasks[2], a_service(desired=1), tasks, EPOCH) is not None
    later = EPOCH + timedelta(minutes=1)
    assert refusal_to_protect(tasks[2], a_service(desired=1), tasks, later) is None


def test_a_service_that_is_being_deleted_protects_nothing() -> None:
    leaving = a_service(desired=2, status="DRAINING")
    assert refusal_to_protect(a_task(of=WEB), leaving, [], EPOCH) is not None
