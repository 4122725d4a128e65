"""Tasks of instances that `tidegate down` has switched off: they ended with them, and no agent can say it
before it is started again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import structlog

from tidegate.control.decisions.targets import cut_short
from tidegate.control.decisions.task_reports import TaskReport, reported_task
from tidegate.control.store import Store, Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TARGETS, TASKS
from tidegate.domain.ecs import Task
from tidegate.domain.time import Clock
from tidegate.fleet.power import SwitchedOff, read_mark, remove_mark

_log = structlog.get_logger(__name__)


async def end_switched_off(data_dir: Path, store: Store, clock: Clock) -> None:
    """Heed the mark that `tidegate down` has left, once."""
    off = read_mark(data_dir)
    if off is not None:
        await end_tasks(store, clock, off)
        remove_mark(data_dir)


async def end_tasks(store: Store, clock: Clock, off: SwitchedOff) -> None:
    """Report the tasks stopped that ran there, as their agents would a second later, and drain their targets:
    balancers may be told of them before any controller looks. What was only on its way to an agent is left to
    it."""
    at, now = datetime.fromtimestamp(off.at, UTC), clock.now()

    def end(tx: Transaction) -> int:
        rows = [row for row in tx.all(CONTAINER_INSTANCES) if row.ec2_instance_id in off.instance_ids]
        ended = [
            task
            for row in rows
            for task in tx.by(TASKS, "live_on_instance", row.arn)
            if _ran_before(task, at)
        ]
        for task in ended:
            tx.put(TASKS, reported_task(task, TaskReport(status="STOPPED"), now))
        arns = {task.arn for task in ended}
        targets = [one for id_ in off.instance_ids for one in tx.by(TARGETS, "id", id_)]
        for target in targets:
            if target.registered_by in arns:
                tx.put(TARGETS, cut_short(target, now))
        return len(ended)

    count = await store.transact(end)
    if count:
        _log.info("tasks ended when their instances were switched off", tasks=count)


def _ran_before(task: Task, at: datetime) -> bool:
    return task.started_at is not None and task.started_at <= at
