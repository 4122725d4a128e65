"""What the API and the alarms' controllers write of an alarm: its row, its history, who is to be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tidegate.control.decisions.alarms import Transition
from tidegate.control.decisions.alarms.transitions import HistoryDraft, executed
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    COMPOSITE_ALARMS,
    METRIC_ALARMS,
    PENDING_NOTIFICATIONS,
)
from tidegate.domain.cloudwatch import (
    Alarm,
    AlarmHistoryItem,
    MetricAlarm,
    PendingNotification,
    alarm_type,
)
from tidegate.domain.ids import Ids

# Far fewer are written in one commit.
_PER_REVISION = 10_000


def find_alarm(state: Snapshot | Transaction, name: str) -> Alarm | None:
    return state.get(METRIC_ALARMS, name) or state.get(COMPOSITE_ALARMS, name)


def put_alarm(tx: Transaction, alarm: Alarm) -> None:
    if isinstance(alarm, MetricAlarm):
        tx.put(METRIC_ALARMS, alarm)
    else:
        tx.put(COMPOSITE_ALARMS, alarm)


def delete_alarm(tx: Transaction, alarm: Alarm) -> None:
    if isinstance(alarm, MetricAlarm):
        tx.delete(METRIC_ALARMS, alarm.name)
    else:
        tx.delete(COMPOSITE_ALARMS, alarm.name)


def write_transition(tx: Transaction, found: Transition, ids: Ids, now: datetime) -> None:
    """All in one commit: a transition without its history, or told twice, cannot be."""
    put_alarm(tx, found.alarm)
    write_history(tx, found.alarm, found.history, ids, now)
    for url in found.urls:
        row = PendingNotification(
            id=ids.uuid(),
            alarm_name=found.alarm.name,
            alarm_type=alarm_type(found.alarm),
            url=url,
            body=found.message,
            changed_at=found.alarm.state.changed_at,
            next_at=now,
        )
        tx.put(PENDING_NOTIFICATIONS, row)


def write_executed(
    tx: Transaction, told: PendingNotification, error: str | None, ids: Ids, now: datetime
) -> None:
    """A URL was told, or could not be; the alarm may be gone since."""
    draft = executed(told.changed_at, told.url, error)
    _write(tx, told.alarm_name, told.alarm_type, [draft], ids, now)


def write_history(
    tx: Transaction, alarm: Alarm, drafts: Iterable[HistoryDraft], ids: Ids, now: datetime
) -> None:
    _write(tx, alarm.name, alarm_type(alarm), drafts, ids, now)


def _write(
    tx: Transaction, name: str, type_: str, drafts: Iterable[HistoryDraft], ids: Ids, now: datetime
) -> None:
    # Several transactions may have one revision to come: the ids tell their items apart.
    first = tx.state.revision * _PER_REVISION + len(tx.changes)
    for number, draft in enumerate(drafts, start=first):
        item = AlarmHistoryItem(
            id=ids.uuid(),
            number=number,
            alarm_name=name,
            alarm_type=type_,
            at=now,
            type=draft.type,
            summary=draft.summary,
            data=draft.data,
        )
        tx.put(ALARM_HISTORY, item)
