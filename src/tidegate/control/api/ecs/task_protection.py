"""Scale-in protection of tasks: UpdateTaskProtection and GetTaskProtection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count
from tidegate.control.api.ecs.lookup import described_cluster, find_cluster, missing, task_arn
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.task_protection import (
    Refusal,
    protected,
    refusal_to_change,
    refusal_to_protect,
    refusal_to_show,
    unprotected,
)
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICES, TASKS
from tidegate.domain.ecs import Task
from tidegate.wire import Call, Operation

_MINUTES_DEFAULT = 120
_MINUTES_MAX = 2880


@dataclass(frozen=True, slots=True)
class _Answer:
    tasks: list[Task] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, arn: str, refusal: Refusal) -> None:
        self.failures.append({"arn": arn, "reason": refusal.reason, "detail": refusal.detail})

    def view(self, now: datetime) -> Mapping[str, Any]:
        return {"protectedTasks": [_view(task, now) for task in self.tasks], "failures": self.failures}


@honours("cluster", "tasks", "protectionEnabled", "expiresInMinutes")
async def update_task_protection(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Protect up to ten tasks for a while, from now on, or no longer. What cannot be is a failure, and the
    others are changed."""
    parameters = call.parameters
    check_count("Tasks", parameters["tasks"], 10)
    is_on, minutes = parameters["protectionEnabled"], parameters.get("expiresInMinutes", _MINUTES_DEFAULT)
    if not 1 <= minutes <= _MINUTES_MAX:
        raise invalid(f"expiresInMinutes must be between 1 and {_MINUTES_MAX}.")
    now = context.clock.now()

    def update(tx: Transaction) -> _Answer:
        cluster = find_cluster(context, tx, parameters["cluster"])
        answer = _Answer()
        for arn in dict.fromkeys(task_arn(context, cluster, named) for named in parameters["tasks"]):
            task = tx.get(TASKS, arn)
            if task is None:
                answer.failures.append(missing(arn))
                continue
            refusal = _refusal(tx, task, now) if is_on else refusal_to_change(task)
            if refusal is not None:
                answer.refuse(arn, refusal)
                continue
            changed = protected(task, now, minutes) if is_on else unprotected(task)
            tx.put(TASKS, changed)
            answer.tasks.append(changed)
        return answer

    return (await context.store.transact(update)).view(now)


@honours("cluster", "tasks")
async def get_task_protection(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Whether tasks are protected, and until when."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters["cluster"])
    named = parameters.get("tasks") or ()
    check_count("Tasks", named, 100)
    answer = _Answer()
    for arn in dict.fromkeys(task_arn(context, cluster, one) for one in named):
        task = snapshot.get(TASKS, arn)
        refusal = refusal_to_show(task) if task is not None else None
        if task is None:
            answer.failures.append(missing(arn))
        elif refusal is not None:
            answer.refuse(arn, refusal)
        else:
            answer.tasks.append(task)
    return answer.view(context.clock.now())


def _refusal(tx: Transaction, task: Task, now: datetime) -> Refusal | None:
    refusal = refusal_to_change(task)
    service = tx.get(SERVICES, task.service_arn) if task.service_arn else None
    if refusal is not None or service is None:
        return refusal
    return refusal_to_protect(task, service, tx.by(TASKS, "service", service.arn), now)


def _view(task: Task, now: datetime) -> dict[str, Any]:
    is_protected = task.is_protected(now)
    return {
        "taskArn": task.arn,
        "protectionEnabled": is_protected,
        "expirationDate": task.protected_until if is_protected else None,
    }


OPERATIONS: Mapping[str, Operation] = {
    "UpdateTaskProtection": Operation(update_task_protection),
    "GetTaskProtection": Operation(get_task_protection, "tasks have to be named"),
}
