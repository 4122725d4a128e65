"""Forgets stopped tasks and deleted services, as ECS does, an hour after their end; activities of scaling
and shifts after six weeks; and what became of alarms after a month, as CloudWatch does."""

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
    expired_shifts,
    expired_tasks,
)
from tidegate.control.store import Change, Snapshot, Table, Transaction
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    SCALING_ACTIVITIES,
    SERVICE_EVENTS,
    SERVICES,
    SHIFTS,
    TASKS,
)

_EVERY = timedelta(minutes=5)
# What one commit forgets: a pass holds the event loop for some 15 us a row.
ROWS_PER_PASS = 500
# Of alarms' history a pass looks at little more than so many items, at 1 us each.
HISTORY_ITEMS_PER_PASS = 3000

_REGION = "region"
_ALARM_HISTORY = "alarm history"


class Retention:
    """Two keys: the region, and its alarms' history, which is looked through alarm by alarm."""

    name = "retention"

    def __init__(self, context: ControlContext) -> None:
        self._context = context
        # The alarm up to which this round has come, by name.
        self._alarm = ""

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:  # noqa: ARG002 - time alone wakes it
        return ()

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:  # noqa: ARG002 - there is one region
        return (_REGION, _ALARM_HISTORY)

    async def reconcile(self, key: str) -> datetime | None:
        now = self._context.clock.now()
        is_through = await (self._look_through_history(now) if key == _ALARM_HISTORY else self._forget(now))
        return now + _EVERY if is_through else now

    async def _forget(self, now: datetime) -> bool:
        return await self._context.store.transact(lambda tx: _forgotten(tx, now)) < ROWS_PER_PASS

    async def _look_through_history(self, now: datetime) -> bool:
        reached = await self._context.store.transact(lambda tx: _history_forgotten(tx, now, self._alarm))
        self._alarm = reached or ""
        return reached is None


def _forgotten(tx: Transaction, now: datetime) -> int:
    """The number of rows that were deleted."""
    rows = list(islice(_expired(tx, now), ROWS_PER_PASS))
    for table, key in rows:
        tx.delete(table, key)
    return len(rows)


def _history_forgotten(tx: Transaction, now: datetime, after: str) -> str | None:
    """The alarm that is done last, in the order of names; None: there is none after it."""
    state, looked_at, deleted = tx.state, 0, 0
    for name in sorted(name for name in state.values(ALARM_HISTORY, "alarm") if name > after):
        if looked_at >= HISTORY_ITEMS_PER_PASS:
            return after
        items = list(state.by(ALARM_HISTORY, "alarm", name))
        gone = expired_alarm_history(items, now)
        for item_id in gone[: ROWS_PER_PASS - deleted]:
            tx.delete(ALARM_HISTORY, item_id)
        if len(gone) > ROWS_PER_PASS - deleted:
            return after
        after, looked_at, deleted = name, looked_at + len(items), deleted + len(gone)
    return None


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
    for shift_id in expired_shifts(tx.all(SHIFTS), now):
        yield SHIFTS, shift_id
