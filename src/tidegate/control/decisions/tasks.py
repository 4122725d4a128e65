"""Making and stopping a task, whoever asks for it: the scheduler, RunTask, StartTask, StopTask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tidegate.control.decisions.placement import Assignment, Demand
from tidegate.domain.arns import ArnMaker, arn_name
from tidegate.domain.ecs import Container, Task, TaskDefinition
from tidegate.domain.ecs.lifecycle import TaskStatus, advance
from tidegate.domain.ids import Ids

USER_INITIATED = "UserInitiated"
SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
STOPPED_BY_USER = "Task stopped by user"


def new_task(
    definition: TaskDefinition,
    demand: Demand,
    place: Assignment,
    *,
    cluster_arn: str,
    group: str,
    arns: ArnMaker,
    ids: Ids,
    now: datetime,
) -> Task:
    """A task in its place, before its agent has heard of it. What else its maker knows of it (a service, a
    deployment, overrides, tags) is put in with `replace`."""
    cluster, task_id = arn_name(cluster_arn), ids.hex(32)
    return Task(
        arn=arns.task(cluster, task_id),
        cluster_arn=cluster_arn,
        task_definition_arn=definition.arn,
        group=group,
        container_instance_arn=place.container_instance_arn,
        availability_zone=place.availability_zone,
        cpu=demand.cpu,
        memory_mib=demand.memory_mib,
        ports=place.ports,
        containers=tuple(
            Container(
                arn=arns.container(cluster, task_id, ids.uuid()), name=container.name, image=container.image
            )
            for container in definition.containers
        ),
        created_at=now,
    )


def stop_task(
    task: Task,
    *,
    has_targets: bool,
    now: datetime,
    code: str,
    reason: str,
    has_failed_checks: bool = False,
) -> Task:
    """The task on its way to STOPPED: DEACTIVATING while its targets drain, STOPPING otherwise.

    A task that is stopping already keeps its first code and reason; a stopped one stays as it is.
    """
    if task.desired_status == "STOPPED" or task.last_status == "STOPPED":
        return task
    is_draining = has_targets and task.last_status in (TaskStatus.RUNNING, TaskStatus.ACTIVATING)
    following = TaskStatus.DEACTIVATING if is_draining else TaskStatus.STOPPING
    return replace(
        task,
        desired_status="STOPPED",
        last_status=advance(task.last_status, following),
        stopping_at=now,
        stop_code=code,
        stopped_reason=reason,
        has_failed_checks=has_failed_checks,
        version=task.version + 1,
    )


def finish_task(task: Task, *, now: datetime, code: str, reason: str) -> Task:
    """The task as STOPPED without its agent's word: its host is gone."""
    if task.last_status == "STOPPED":
        return task
    containers = tuple(
        replace(container, last_status="STOPPED", network_bindings=()) for container in task.containers
    )
    return replace(
        task,
        desired_status="STOPPED",
        last_status=advance(task.last_status, TaskStatus.STOPPED),
        containers=containers,
        stopping_at=task.stopping_at or now,
        stopped_at=now,
        execution_stopped_at=task.execution_stopped_at or now,
        stop_code=code,
        stopped_reason=reason,
        version=task.version + 1,
    )


def drained_task(task: Task) -> Task:
    """A draining task whose targets are gone: now its agent is told to stop it."""
    return replace(task, last_status=advance(task.last_status, TaskStatus.STOPPING), version=task.version + 1)
