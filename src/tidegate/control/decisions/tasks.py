"""Stopping a task, whoever asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tidegate.domain.ecs import Task
from tidegate.domain.ecs.lifecycle import TaskStatus, advance

USER_INITIATED = "UserInitiated"
SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
STOPPED_BY_USER = "Task stopped by user"


def stop_task(task: Task, *, has_targets: bool, now: datetime, code: str, reason: str) -> Task:
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
