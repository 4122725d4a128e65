"""What an agent still has to be told: computed from the state, never stored beside it.

A task that its agent has not acknowledged is to be started. One that it acknowledged and has not reported
running is sent again when it connects: it may have lost it, with its disk's last second. A task that is
STOPPING is to be stopped, again and again until it is reported STOPPED. A task that was reported STOPPED is
never sent again: an agent that has forgotten it would start it a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tidegate.control.account_settings import setting_in_effect
from tidegate.control.nodes.payloads import start_order, stop_order
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TASK_DEFINITIONS, TASKS
from tidegate.domain.ecs import Task


@dataclass(frozen=True, slots=True)
class Order:
    """One task to be started or stopped."""

    kind: Literal["start", "stop"]
    task: Task


def orders(snapshot: Snapshot, container_instance_arn: str, *, is_anew: bool = False) -> list[Order]:
    """Every order that the agent has not obeyed or acknowledged yet (acknowledged ones too when it
    `is_anew` connected), stops before starts: they make the room that the starts were given."""
    tasks = sorted(
        _live_tasks(snapshot, container_instance_arn), key=lambda task: (task.created_at, task.arn)
    )
    stops = [Order("stop", task) for task in tasks if is_to_stop(task)]
    return stops + [Order("start", task) for task in tasks if is_to_start(task, is_anew=is_anew)]


def content(snapshot: Snapshot, order: Order) -> dict[str, Any] | None:
    """The order as the agent reads it; None when the task's definition is gone."""
    if order.kind == "stop":
        return stop_order(order.task)
    definition = snapshot.get(TASK_DEFINITIONS, order.task.task_definition_arn)
    if definition is None:
        return None
    account = order.task.arn.split(":")[4]
    chosen = setting_in_effect(snapshot, account, "defaultLogDriverMode")
    return start_order(order.task, definition, log_mode=chosen.value)


def is_to_start(task: Task, *, is_anew: bool) -> bool:
    # An agent that knows the task takes no second order for it.
    is_due = is_anew or task.acknowledged_at is None
    return is_due and task.last_status in ("PROVISIONING", "PENDING", "ACTIVATING")


def is_to_stop(task: Task) -> bool:
    # A draining task is desired STOPPED too, but serves until its targets are gone.
    return task.desired_status == "STOPPED" and task.last_status in ("STOPPING", "DEPROVISIONING")


def manifest(snapshot: Snapshot, container_instance_arn: str) -> list[dict[str, str]]:
    """Every task that the agent should run. What it runs beyond these it asks about."""
    return [
        {"taskArn": task.arn, "taskClusterArn": task.cluster_arn, "desiredStatus": "RUNNING"}
        for task in sorted(_live_tasks(snapshot, container_instance_arn), key=lambda task: task.arn)
        if not is_to_stop(task)
    ]


def confirmed_stops(
    snapshot: Snapshot, container_instance_arn: str, candidates: Iterable[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Which of the tasks that an agent thinks it should not run must indeed stop.

    Looked up again, since a task may have been assigned after the manifest was written.
    """
    stops = []
    for candidate in candidates:
        arn = str(candidate.get("taskArn", ""))
        task = snapshot.get(TASKS, arn)
        if task is None or task.container_instance_arn != container_instance_arn or _is_over(task):
            cluster = str(candidate.get("taskClusterArn", "") or (task.cluster_arn if task else ""))
            stops.append({"taskArn": arn, "taskClusterArn": cluster, "desiredStatus": "STOPPED"})
    return stops


def _is_over(task: Task) -> bool:
    return task.last_status == "STOPPED" or is_to_stop(task)


def _live_tasks(snapshot: Snapshot, container_instance_arn: str) -> Sequence[Task]:
    return list(snapshot.by(TASKS, "live_on_instance", container_instance_arn))
