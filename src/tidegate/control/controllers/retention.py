"""Forgets stopped tasks and deleted services, as ECS does, an hour after their end; activities of scaling
after six weeks; and what became of alarms after a month, as CloudWatch does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.retention import (
    expired_activities,
    expired_alarm_history,
    expired_services,
    expired_tasks,
)
from tidegate.control.store import Change, Snapshot, Table, Transaction
from tidegate.control.store.tables import ALARM_HISTORY, SCALING_ACTIVITIES, SERVICE_EVENTS, SERVICES, TASKS

_EVERY = timedelta(minutes=5)
# What one commit forgets: a pass holds the event loop for some 15 us a row.
ROWS_PER_PASS = 500


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
        forgotten = await self._context.store.transact(lambda tx: self._step(tx, now))
        return now if forgotten == ROWS_PER_PASS else now + _EVERY

    def _step(self, tx: Transaction, now: datetime) -> int:
        """The number of rows that were deleted."""
        rows = list(islice(_expired(tx, now), ROWS_PER_PASS))
        for table, key in rows:
            tx.delete(table, key)
        return len(rows)


def _expired(tx: Transaction, now: datetime) -> Iterator[tuple[Table[Any], str]]:
    for arn in expired_tasks(tx.all(TASKS), now):
        yield TASKS, arn
    for arn in expired_services(tx.all(SERVICES), now):
        for event in tx.by(SERVICE_EVENTS, "service", arn):
            yield SERVICE_EVENTS, event.id
        # After its events, which are found by it.
        yield SERVICES, arn
    for activity_id in expired_activities(tx.all(SCALING_ACTIVITIES), now):
        yield SCALING_ACTIVITIES, activity_id
    for item_id in expired_alarm_history(tx.all(ALARM_HISTORY), now):
        yield ALARM_HISTORY, item_id
