"""Reports come at least once, late, repeated and in pieces; the task only ever moves forward."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.decisions.task_reports import ContainerReport, TaskReport, reported_task
from tidegate.domain.ecs import Container, NetworkBinding, Task
from tidegate.domain.ecs.lifecycle import TaskStatus
from tidegate.testing.builders import BEFORE, a_task
from tidegate.testing.clock import EPOCH

LATER = EPOCH + timedelta(seconds=5)
APP = Container(arn="a", name="app", image="web:1")
DB = Container(arn="d", name="db", image="db:1")
BINDING = NetworkBinding(bind_ip="127.80.1.1", container_port=5000, host_port=32769)
PENDING = a_task(last_status="PENDING", containers=(APP, DB))

RUNNING_REPORT = TaskReport(
    status="RUNNING",
    containers=(
        ContainerReport(name="app", status="RUNNING", runtime_id="r1", network_bindings=(BINDING,)),
        ContainerReport(name="db", status="RUNNING", runtime_id="r2"),
    ),
    pull_started_at=BEFORE,
    pull_stopped_at=EPOCH,
)
STOPPED_REPORT = TaskReport(
    status="STOPPED",
    containers=(
        ContainerReport(name="app", status="STOPPED", exit_code=137, reason="OutOfMemoryError: ..."),
        ContainerReport(name="db", status="STOPPED", exit_code=0),
    ),
    execution_stopped_at=EPOCH,
)


def container(task: Task, name: str = "app") -> Container:
    return next(one for one in task.containers if one.name == name)


def test_a_running_report_starts_the_task_and_shows_its_bindings() -> None:
    task = reported_task(PENDING, RUNNING_REPORT, LATER)
    assert (task.last_status, task.started_at) == ("RUNNING", LATER)
    assert (task.pull_started_at, task.pull_stopped_at) == (BEFORE, EPOCH)
    assert container(task).network_bindings == (BINDING,)
    assert container(task, "db").runtime_id == "r2"
    assert task.acknowledged_at == LATER
    assert task.version == PENDING.version + 1


@pytest.mark.parametrize("report", [RUNNING_REPORT, STOPPED_REPORT])
def test_the_same_report_again_changes_nothing(report: TaskReport) -> None:
    task = reported_task(PENDING, report, LATER)
    assert reported_task(task, report, LATER + timedelta(seconds=1)) is task


def test_only_containers_with_a_change_are_in_a_report_and_the_others_stay() -> None:
    running = reported_task(PENDING, RUNNING_REPORT, LATER)
    report = TaskReport(
        status="RUNNING", containers=(ContainerReport(name="db", status="STOPPED", exit_code=0),)
    )
    task = reported_task(running, report, LATER)
    assert container(task) == container(running)
    assert (container(task, "db").last_status, container(task, "db").exit_code) == ("STOPPED", 0)
    assert container(task, "db").runtime_id == "r2"
    assert task.last_status == "RUNNING"


def test_a_report_that_was_overtaken_by_a_newer_one_changes_nothing() -> None:
    stopped = reported_task(reported_task(PENDING, RUNNING_REPORT, EPOCH), STOPPED_REPORT, LATER)
    assert reported_task(stopped, RUNNING_REPORT, LATER) is stopped


def test_an_essential_container_that_exits_stops_the_task_with_awss_words() -> None:
    task = reported_task(reported_task(PENDING, RUNNING_REPORT, EPOCH), STOPPED_REPORT, LATER)
    assert (task.last_status, task.desired_status, task.stopped_at) == ("STOPPED", "STOPPED", LATER)
    assert (task.stop_code, task.stopped_reason) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert task.execution_stopped_at == EPOCH
    assert (container(task).exit_code, container(task).reason) == (137, "OutOfMemoryError: ...")
    assert container(task).network_bindings == ()


def test_a_task_that_never_ran_failed_to_start_for_its_containers_reason() -> None:
    reason = "CannotPullContainerError: no such image"
    report = TaskReport(
        status="STOPPED", containers=(ContainerReport(name="app", status="STOPPED", reason=reason),)
    )
    task = reported_task(PENDING, report, LATER)
    assert (task.stop_code, task.stopped_reason) == ("TaskFailedToStart", reason)
    assert task.started_at is None


def test_a_task_that_never_ran_and_says_not_why_failed_to_start() -> None:
    task = reported_task(PENDING, TaskReport(status="STOPPED"), LATER)
    assert (task.stop_code, task.stopped_reason) == ("TaskFailedToStart", "Task failed to start")


def test_the_agents_own_reason_comes_before_what_can_be_concluded() -> None:
    report = replace(STOPPED_REPORT, reason="UnrecogniedTaskError: ...")
    assert reported_task(PENDING, report, LATER).stopped_reason == "UnrecogniedTaskError: ..."


def test_whoever_asked_for_the_stop_keeps_the_word() -> None:
    stopping = replace(
        PENDING,
        last_status="STOPPING",
        desired_status="STOPPED",
        stopping_at=EPOCH,
        stop_code="UserInitiated",
        stopped_reason="Task stopped by user",
    )
    task = reported_task(stopping, STOPPED_REPORT, LATER)
    assert (task.stop_code, task.stopped_reason) == ("UserInitiated", "Task stopped by user")
    assert task.stopping_at == EPOCH


@pytest.mark.parametrize("status", ["DEACTIVATING", "STOPPING"])
def test_a_draining_or_stopping_task_stays_so_while_its_containers_run(status: str) -> None:
    task = reported_task(
        replace(PENDING, last_status=status, desired_status="STOPPED"), RUNNING_REPORT, LATER
    )
    assert task.last_status == status
    assert container(task).last_status == "RUNNING"


def test_a_pending_report_brings_the_digest_and_no_status() -> None:
    report = TaskReport(status="PENDING", containers=(ContainerReport(name="app", image_digest="sha256:1"),))
    task = reported_task(PENDING, report, LATER)
    assert (task.last_status, container(task).image_digest) == ("PENDING", "sha256:1")


@pytest.mark.parametrize(
    ("status", "reported"), list(itertools.product(TaskStatus, ("PENDING", "RUNNING", "STOPPED")))
)
def test_every_report_is_taken_in_every_status_and_never_leads_back(
    status: TaskStatus, reported: str
) -> None:
    order = list(TaskStatus)
    task = reported_task(replace(PENDING, last_status=status), TaskReport(status=reported), LATER)
    assert order.index(TaskStatus(task.last_status)) >= order.index(status)
    if reported == "STOPPED":
        assert task.last_status == "STOPPED"


def test_a_container_that_the_task_does_not_have_means_nothing() -> None:
    acknowledged = replace(PENDING, acknowledged_at=EPOCH)
    report = TaskReport(containers=(ContainerReport(name="stranger", status="STOPPED"),))
    assert reported_task(acknowledged, report, LATER) is acknowledged
