"""Protecting a service's tasks from scale-in and deployments: who may be protected, and until when.

What a scheduler leaves alone follows from the task's `protected_until` (`decisions/services`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.domain.ecs import Service, Task


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a task is not protected: AWS's reason of a failure, and its detail."""

    reason: str
    detail: str


def refusal_to_show(task: Task) -> Refusal | None:
    """Only what belongs to a service can be protected, and so says whether it is."""
    if task.service_arn is None:
        return Refusal("TASK_NOT_VALID", "The task is not part of a service.")
    return None


def refusal_to_change(task: Task) -> Refusal | None:
    """Why nothing can be changed about a task's protection."""
    if task.service_arn is not None and task.desired_status == "STOPPED":
        return Refusal("TASK_NOT_VALID", "The task is stopping or has stopped.")
    return refusal_to_show(task)


def refusal_to_protect(task: Task, service: Service, tasks: Iterable[Task], now: datetime) -> Refusal | None:
    """Why a task of the service cannot be protected now. `tasks`: all of the service's.

    More protected tasks than the service wants would leave no place for those of a deployment. That holds
    for one whose protection is only to last longer, too, as when fewer tasks are desired than before.
    """
    desired = service.desired_count if service.status == "ACTIVE" else 0
    others = sum(1 for other in tasks if other.arn != task.arn and _is_held(other, now))
    if others < desired:
        return None
    return Refusal(
        "DEPLOYMENT_BLOCKED",
        f"The service would have {others + 1} protected tasks, and its desired count is {desired}.",
    )


def protected(task: Task, now: datetime, minutes: int) -> Task:
    return replace(task, protected_until=now + timedelta(minutes=minutes))


def unprotected(task: Task) -> Task:
    return replace(task, protected_until=None)


def _is_held(task: Task, now: datetime) -> bool:
    return task.desired_status == "RUNNING" and task.is_protected(now)
