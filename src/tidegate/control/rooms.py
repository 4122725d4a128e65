"""The room on container instances, as the API and the scheduler see it."""

from __future__ import annotations

from datetime import datetime

from tidegate.control.decisions.placement import Room, room_of
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import TARGETS, TASKS
from tidegate.domain.ecs import ContainerInstance


def room_on(state: Snapshot | Transaction, row: ContainerInstance, now: datetime) -> Room:
    """What tasks and targets leave of an instance."""
    tasks = state.by(TASKS, "container_instance", row.arn)
    return room_of(row, tasks, state.by(TARGETS, "address", row.address or ""), now)
