"""Forgets stopped tasks and deleted services, as ECS does, an hour after their end; activities of scaling
and shifts after six weeks; what became of alarms after a month, as CloudWatch does; and service deployments
after 90 days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.retention import (
    expired_activities,
    expired_alarm_history,
    expired_deployments,
    expired_services,
    expired_shifts,
    expired_tasks,
    unused_revisions,
)
from tidegate.control.service_history import history_rows, used_revisions
from tidegate.control.store import Change, Snapshot, Table, Transaction
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    SCALING_ACTIVITIES,
    SERVICE_DEPLOYMENTS,
    SERVICE_EVENTS,
    SERVICE_REVISIONS,
    SERVICES,
    SHIFTS,
    TASKS,
)

_EVERY = timedelta(minutes=5)
# What one commit forgets: a pass holds the event loop for some 15 us a row.
ROWS_PER_PASS = 500
# Of a history a pass looks at little more than so many items, at 1 us each.
HISTORY_ITEMS_PER_PASS = 3000

_REGION = "region"
_ALARM_HISTORY = "alarm history"
_SERVICE_HISTORY = "service history"

# The rows that go of one alarm's or one service's history.
Expired = Callable[[Transaction, str, datetime], "_Looked"]


@dataclass(frozen=True, slots=True)
class _Looked:
    """How many rows were looked at, and those of them that go."""

    rows: int
    expired: Sequence[tuple[Table[Any], str]]


class Retention:
    """Three keys: the region, and the histories of its alarms and of its services, which are looked through
    one by one."""

    name = "retention"

    def __init__(self, context: ControlContext) -> None:
        self._context = context
        # The alarm and the service up to which this round has come.
        self._reached = {_ALARM_HISTORY: "", _SERVICE_HISTORY: ""}

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:  # noqa: ARG002 - time alone wakes it
        return ()

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:  # noqa: ARG002 - there is one region
        return (_REGION, *self._reached)

    async def reconcile(self, key: str) -> datetime | None:
        now = self._context.clock.now()
        is_through = await (self._look_through(key, now) if key in self._reached else self._forget(now))
        return now + _EVERY if is_through else now

    async def _forget(self, now: datetime) -> bool:
        return await self._context.store.transact(lambda tx: _forgotten(tx, now)) < ROWS_PER_PASS

    async def _look_through(self, key: str, now: datetime) -> bool:
        table, index, expired = _HISTORIES[key]
        after = self._reached[key]
        reached = await self._context.store.transact(
            lambda tx: _history_forgotten(tx, tx.state.values(table, index), expired, now, after)
        )
        self._reached[key] = reached or ""
        return reached is None


def _forgotten(tx: Transaction, now: datetime) -> int:
    """The number of rows that were deleted."""
    rows = list(islice(_expired(tx, now), ROWS_PER_PASS))
    for table, key in rows:
        tx.delete(table, key)
    return len(rows)


def _history_forgotten(
    tx: Transaction, names: Iterable[str], expired: Expired, now: datetime, after: str
) -> str | None:
    """The alarm or service that is done last, in the order of names; None: there is none after it."""
    looked_at, deleted = 0, 0
    for name in sorted(name for name in names if name > after):
        if looked_at >= HISTORY_ITEMS_PER_PASS:
            return after
        found = expired(tx, name, now)
        for table, key in found.expired[: ROWS_PER_PASS - deleted]:
            tx.delete(table, key)
        if len(found.expired) > ROWS_PER_PASS - deleted:
            return after
        after, looked_at, deleted = name, looked_at + found.rows, deleted + len(found.expired)
    return None


def _expired_of_alarm(tx: Transaction, name: str, now: datetime) -> _Looked:
    items = list(tx.by(ALARM_HISTORY, "alarm", name))
    return _Looked(len(items), [(ALARM_HISTORY, item_id) for item_id in expired_alarm_history(items, now)])


def _expired_of_service(tx: Transaction, arn: str, now: datetime) -> _Looked:
    deployments = list(tx.by(SERVICE_DEPLOYMENTS, "service", arn))
    gone = set(expired_deployments(deployments, now))
    kept = [row for row in deployments if row.arn not in gone]
    revisions = list(tx.by(SERVICE_REVISIONS, "service", arn))
    unused = unused_revisions(revisions, kept, used_revisions(tx, arn))
    return _Looked(
        len(deployments) + len(revisions),
        [
            *((SERVICE_DEPLOYMENTS, deployment) for deployment in sorted(gone)),
            *((SERVICE_REVISIONS, revision) for revision in unused),
        ],
    )


_HISTORIES: Mapping[str, tuple[Table[Any], str, Expired]] = {
    _ALARM_HISTORY: (ALARM_HISTORY, "alarm", _expired_of_alarm),
    _SERVICE_HISTORY: (SERVICE_DEPLOYMENTS, "service", _expired_of_service),
}


def _expired(tx: Transaction, now: datetime) -> Iterator[tuple[Table[Any], str]]:
    for arn in expired_tasks(tx.all(TASKS), now):
        yield TASKS, arn
    for arn in expired_services(tx.all(SERVICES), now):
        for event in tx.by(SERVICE_EVENTS, "service", arn):
            yield SERVICE_EVENTS, event.id
        yield from history_rows(tx, arn)
        # After its events and its history, which are found by it.
        yield SERVICES, arn
    for activity_id in expired_activities(tx.all(SCALING_ACTIVITIES), now):
        yield SCALING_ACTIVITIES, activity_id
    for shift_id in expired_shifts(tx.all(SHIFTS), now):
        yield SHIFTS, shift_id
