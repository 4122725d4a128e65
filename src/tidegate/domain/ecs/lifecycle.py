"""Lifecycles as tables: the code, the documentation and the tests read these.

A task's `last_status` moves along this table only, through `advance`. DEACTIVATING is the drain:
the task still runs while its targets are deregistered. A task that dies by itself goes straight to
STOPPED from wherever it is.

A service deployment's `status` moves along ECS's own table, through `advance_deployment`: see "View service
history using Amazon ECS service deployments" in the Developer Guide.
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


class ServiceDeploymentStatus(StrEnum):
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    STOP_REQUESTED = "STOP_REQUESTED"
    ROLLBACK_REQUESTED = "ROLLBACK_REQUESTED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    SUCCESSFUL = "SUCCESSFUL"
    STOPPED = "STOPPED"
    ROLLBACK_SUCCESSFUL = "ROLLBACK_SUCCESSFUL"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"


SERVICE_DEPLOYMENT_TRANSITIONS: Mapping[ServiceDeploymentStatus, frozenset[ServiceDeploymentStatus]] = {
    ServiceDeploymentStatus.PENDING: frozenset(
        {
            ServiceDeploymentStatus.IN_PROGRESS,
            ServiceDeploymentStatus.STOP_REQUESTED,
            ServiceDeploymentStatus.ROLLBACK_REQUESTED,
        }
    ),
    ServiceDeploymentStatus.IN_PROGRESS: frozenset(
        {
            ServiceDeploymentStatus.SUCCESSFUL,
            ServiceDeploymentStatus.STOP_REQUESTED,
            ServiceDeploymentStatus.ROLLBACK_REQUESTED,
            ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS,
        }
    ),
    ServiceDeploymentStatus.STOP_REQUESTED: frozenset({ServiceDeploymentStatus.STOPPED}),
    ServiceDeploymentStatus.ROLLBACK_REQUESTED: frozenset(
        {ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS, ServiceDeploymentStatus.STOPPED}
    ),
    ServiceDeploymentStatus.ROLLBACK_IN_PROGRESS: frozenset(
        {ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL, ServiceDeploymentStatus.ROLLBACK_FAILED}
    ),
    ServiceDeploymentStatus.SUCCESSFUL: frozenset(),
    ServiceDeploymentStatus.STOPPED: frozenset(),
    ServiceDeploymentStatus.ROLLBACK_SUCCESSFUL: frozenset(),
    ServiceDeploymentStatus.ROLLBACK_FAILED: frozenset(),
}


class IllegalTransitionError(Exception):
    """A bug in the caller: the status it asked for cannot follow the present one."""


def advance(present: str, wanted: TaskStatus) -> TaskStatus:
    """The wanted status, when the table allows it after the present one; staying is always allowed."""
    current = TaskStatus(present)
    if wanted is current or wanted in TASK_TRANSITIONS[current]:
        return wanted
    raise IllegalTransitionError(f"a task that is {current} cannot become {wanted}")


def advance_deployment(present: str, wanted: ServiceDeploymentStatus) -> ServiceDeploymentStatus:
    """The same of a service deployment."""
    current = ServiceDeploymentStatus(present)
    if wanted is current or wanted in SERVICE_DEPLOYMENT_TRANSITIONS[current]:
        return wanted
    raise IllegalTransitionError(f"a service deployment that is {current} cannot become {wanted}")
