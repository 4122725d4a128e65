"""A task's health by the health checks of its containers (a load balancer's verdict is another thing)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from tidegate.domain.ecs import Task


def task_health(task: Task, checked: Collection[str]) -> str:
    """Over the `checked` containers, the essential ones with a health check: one UNHEALTHY makes the task
    so, else one UNKNOWN does. A task without any is UNKNOWN."""
    states = {container.health_status for container in task.containers if container.name in checked}
    if "UNHEALTHY" in states:
        return "UNHEALTHY"
    return "UNKNOWN" if "UNKNOWN" in states or not states else "HEALTHY"


def with_health(task: Task, health: Mapping[str, str]) -> Task:
    """The task with what its agent says of its containers' health, by name; the very same task when that
    is nothing new."""
    containers = tuple(
        replace(container, health_status=health.get(container.name, container.health_status))
        for container in task.containers
    )
    if containers == task.containers:
        return task
    return replace(task, containers=containers, version=task.version + 1)
