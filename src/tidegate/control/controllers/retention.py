"""Forgets what AWS describes for a while only: stopped tasks, deleted services, what scaling did, and what
became of alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.retention import (
    expired_activities,
    expired_alarm_history,
    expired_services,
    expired_tasks,
)
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import ALARM_HISTORY, SCALING_ACTIVITIES, SERVICE_EVENTS, SERVICES, TASKS

_EVERY = timedelta(minutes=5)


class Retention:
    """One key: the region."""

    name = "retention"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:  # noqa: ARG002 - time alone wakes it
        return ()

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:  # noqa: ARG002 - there is one region
        return ("region",)

    async def reconcile(self, key: str) -> datetime | None:  # noqa: ARG002 - there is one region
        now = self._context.clock.now()
        await self._context.store.transact(lambda tx: self._step(tx, now))
        return now + _EVERY

    def _step(self, tx: Transaction, now: datetime) -> None:
        for arn in expired_tasks(tx.all(TASKS), now):
            tx.delete(TASKS, arn)
        for item in expired_alarm_history(tx.all(ALARM_HISTORY), now):
            tx.delete(ALARM_HISTORY, item)
        for arn in expired_services(tx.all(SERVICES), now):
            for event in list(tx.by(SERVICE_EVENTS, "service", arn)):
                tx.delete(SERVICE_EVENTS, event.id)
            tx.delete(SERVICES, arn)
        for activity_id in expired_activities(tx.all(SCALING_ACTIVITIES), now):
            tx.delete(SCALING_ACTIVITIES, activity_id)
