"""What an agent's report makes of a task.

Reports come at least once, may be repeated and may overtake each other, and list only the containers with
a change. So they are merged: statuses go forward only, what a report does not mention stays, and the same
report twice changes nothing. The status of a task that is draining or stopping is the scheduler's until
the agent says STOPPED.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tidegate.domain.ecs import Container, NetworkBinding, Task
from tidegate.domain.ecs.lifecycle import TaskStatus, advance

_FORWARD = ("PENDING", "RUNNING", "STOPPED")
REPORTED_STATUSES = frozenset(_FORWARD)

FAILED_TO_START = "TaskFailedToStart"
CONTAINER_EXITED = "EssentialContainerExited"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerReport:
    """A container with a change; None and () say nothing. `status` is one of REPORTED_STATUSES."""

    name: str
    status: str | None = None
    runtime_id: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    image_digest: str | None = None
    network_bindings: tuple[NetworkBinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """`status` None: only containers have something to say."""

    status: str | None = None
    reason: str = ""
    containers: Sequence[ContainerReport] = ()
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    execution_stopped_at: datetime | None = None


def reported_task(task: Task, report: TaskReport, now: datetime) -> Task:
    """The task with the report merged in; the very same task when it says nothing new."""
    merged = replace(
        task,
        containers=_merged_containers(task.containers, report.containers),
        pull_started_at=task.pull_started_at or report.pull_started_at,
        pull_stopped_at=task.pull_stopped_at or report.pull_stopped_at,
        execution_stopped_at=task.execution_stopped_at or report.execution_stopped_at,
        # Whoever reports on a task has been told of it.
        acknowledged_at=task.acknowledged_at or now,
    )
    if report.status == "RUNNING":
        merged = _running(merged, now)
    elif report.status == "STOPPED":
        merged = _stopped(merged, report, now)
    return task if merged == task else replace(merged, version=task.version + 1)


def _running(task: Task, now: datetime) -> Task:
    if task.last_status not in (TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING):
        return task
    # PROVISIONING cannot become RUNNING in one step, and no agent sees it: PENDING is passed on the way.
    if task.last_status == TaskStatus.PROVISIONING:
        task = replace(task, last_status=advance(task.last_status, TaskStatus.PENDING))
    return replace(
        task,
        last_status=advance(task.last_status, TaskStatus.RUNNING),
        started_at=task.started_at or now,
    )


def _stopped(task: Task, report: TaskReport, now: datetime) -> Task:
    if task.last_status == TaskStatus.STOPPED:
        return task
    code, reason = _cause(task, report)
    return replace(
        task,
        desired_status="STOPPED",
        last_status=advance(task.last_status, TaskStatus.STOPPED),
        containers=tuple(
            replace(container, last_status="STOPPED", network_bindings=()) for container in task.containers
        ),
        stopping_at=task.stopping_at or now,
        stopped_at=now,
        execution_stopped_at=task.execution_stopped_at or now,
        stop_code=code,
        stopped_reason=reason,
    )


def _cause(task: Task, report: TaskReport) -> tuple[str, str]:
    """Stop code and reason: of whoever asked for the stop; else the agent's; else what can be concluded."""
    if task.stop_code is not None:
        return task.stop_code, task.stopped_reason or ""
    if task.started_at is not None:
        return CONTAINER_EXITED, report.reason or "Essential container in task exited"
    reasons = [container.reason for container in task.containers if container.reason]
    return FAILED_TO_START, report.reason or (reasons[0] if reasons else "Task failed to start")


def _merged_containers(
    containers: tuple[Container, ...], reports: Sequence[ContainerReport]
) -> tuple[Container, ...]:
    by_name = {report.name: report for report in reports}
    return tuple(
        _merged(container, by_name[container.name]) if container.name in by_name else container
        for container in containers
    )


def _merged(container: Container, report: ContainerReport) -> Container:
    present, reported = container.last_status, report.status or container.last_status
    if _FORWARD.index(reported) < _FORWARD.index(present):
        # A straggler: newer news has come already.
        return container
    return replace(
        container,
        last_status=reported,
        runtime_id=report.runtime_id or container.runtime_id,
        exit_code=container.exit_code if report.exit_code is None else report.exit_code,
        reason=report.reason or container.reason,
        image_digest=report.image_digest or container.image_digest,
        network_bindings=()
        if reported == "STOPPED"
        else report.network_bindings or container.network_bindings,
    )
