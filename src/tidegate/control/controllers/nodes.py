"""What controllers load of instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from tidegate.control.decisions.placement import Room, room_of
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TARGETS, TASKS
from tidegate.domain.ecs import ContainerInstance, Task


def rooms(state: Snapshot, now: datetime) -> Callable[[ContainerInstance], Room]:
    """The room on an instance, computed when it is asked for."""

    def of(instance: ContainerInstance) -> Room:
        tasks = state.by(TASKS, "container_instance", instance.arn)
        targets = state.by(TARGETS, "id", instance.ec2_instance_id or "")
        return room_of(instance, tasks, targets, now)

    return of


def live_tasks(state: Snapshot, container_instance_arn: str) -> Iterable[Task]:
    return state.by(TASKS, "live_on_instance", container_instance_arn)
