"""What controllers load of instances and of what balancers report."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.store import Snapshot
from tidegate.control.store.tables import SERVICES, TARGETS, TASKS
from tidegate.domain.ecs import Task
from tidegate.domain.elbv2 import TargetHealth


def live_tasks(state: Snapshot, container_instance_arn: str) -> Iterable[Task]:
    return state.by(TASKS, "live_on_instance", container_instance_arn)


def services_of_target(state: Snapshot, health: TargetHealth) -> Iterable[str]:
    """The services that a target's health concerns: those behind its group, and the one whose task
    registered it, which may have left the group."""
    target = state.get(TARGETS, health.key)
    if target is not None and target.registered_for is not None:
        yield target.registered_for
    yield from (service.arn for service in state.by(SERVICES, "target_group", health.target_group_arn))
