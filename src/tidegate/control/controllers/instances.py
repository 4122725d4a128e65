"""Container instances: lost and terminated ones leave, with their tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.nodes import live_tasks
from tidegate.control.decisions.instances import InstancePlan, InstanceSnapshot, plan
from tidegate.control.registrations import deregister_instance
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, INSTANCES, TASKS

_log = structlog.get_logger(__name__)


class Instances:
    """Keyed by container instance."""

    name = "instances"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        for change in changes:
            if change.table is CONTAINER_INSTANCES:
                yield change.key
            elif change.table is INSTANCES:
                snapshot = self._context.store.snapshot
                yield from (r.arn for r in snapshot.by(CONTAINER_INSTANCES, "ec2_instance", change.key))

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        """Instances, and those that are gone but have live tasks."""
        known = {row.arn for row in snapshot.all(CONTAINER_INSTANCES)}
        return known | {task.container_instance_arn for task in snapshot.by(TASKS, "live", "live")}

    async def reconcile(self, key: str) -> datetime | None:
        decided = await self._context.store.transact(lambda tx: self._step(tx, key))
        if decided.reason:
            _log.info("container instance gone", arn=key, reason=decided.reason, tasks=len(decided.tasks))
        return decided.next_look

    def _step(self, tx: Transaction, key: str) -> InstancePlan:
        row = tx.get(CONTAINER_INSTANCES, key)
        snapshot = InstanceSnapshot(
            container_instance=row,
            instance=tx.get(INSTANCES, row.ec2_instance_id or "") if row else None,
            tasks=list(live_tasks(tx.state, key)),
        )
        now = self._context.clock.now()
        decided = plan(
            snapshot,
            host_lost_after=self._context.host_lost_after,
            control_started_at=self._context.started_at,
            now=now,
        )
        for task in decided.tasks:
            tx.put(TASKS, task)
        if decided.instance is not None:
            tx.put(INSTANCES, decided.instance)
            deregister_instance(tx, decided.instance.id, now)
        if decided.is_gone:
            tx.delete(CONTAINER_INSTANCES, key)
        return decided
