"""The task's lifecycle as a table: the code, the documentation and the tests read this one.

A task's `last_status` moves along this table only, through `advance`. DEACTIVATING is the drain:
the task still runs while its targets are deregistered. A task that dies by itself goes straight to
STOPPED from wherever it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TaskStatus(StrEnum):
    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    ACTIVATING = "ACTIVATING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


TASK_TRANSITIONS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PROVISIONING: frozenset({TaskStatus.PENDING, TaskStatus.STOPPING, TaskStatus.STOPPED}),
    TaskStatus.PENDING: frozenset(
        {TaskStatus.ACTIVATING, TaskStatus.RUNNING, TaskStatus.STOPPING, TaskStatus.STOPPED}
    ),
    TaskStatus.ACTIVATING: frozenset(
        {TaskStatus.RUNNING, TaskStatus.DEACTIVATING, TaskStatus.STOPPING, TaskStatus.STOPPED}
    ),
    TaskStatus.RUNNING: frozenset({TaskStatus.DEACTIVATING, TaskStatus.STOPPING, TaskStatus.STOPPED}),
    TaskStatus.DEACTIVATING: frozenset({TaskStatus.STOPPING, TaskStatus.STOPPED}),
    TaskStatus.STOPPING: frozenset({TaskStatus.DEPROVISIONING, TaskStatus.STOPPED}),
    TaskStatus.DEPROVISIONING: frozenset({TaskStatus.STOPPED}),
    TaskStatus.STOPPED: frozenset(),
}


class IllegalTransitionError(Exception):
    """A bug in the caller: the status it asked for cannot follow the present one."""


def advance(present: str, wanted: TaskStatus) -> TaskStatus:
    """The wanted status, when the table allows it after the present one; staying is always allowed."""
    current = TaskStatus(present)
    if wanted is current or wanted in TASK_TRANSITIONS[current]:
        return wanted
    raise IllegalTransitionError(f"a task that is {current} cannot become {wanted}")
