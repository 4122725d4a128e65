"""The alarms of scaling policies in the store: written with the policy, deleted with it, read by scaling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from tidegate.control.decisions.scaling import AlarmView, Datapoint
from tidegate.control.decisions.scaling.owned_alarms import creator_of, is_as_made, owned_alarms, restored
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import METRIC_ALARMS, SCALING_POLICIES
from tidegate.domain.cloudwatch import MetricAlarm
from tidegate.domain.cloudwatch.alarm import ALARM
from tidegate.domain.scaling import AlarmReference, ScalingPolicy


def keep_alarms(tx: Transaction, policy: ScalingPolicy, now: datetime) -> None:
    """Have the alarms that a policy owns in place, as it made them whatever became of them."""
    for made in owned_alarms(policy, now):
        present = tx.get(METRIC_ALARMS, made.name)
        if present is None or not is_as_made(present, made):
            tx.put(METRIC_ALARMS, restored(present, made))


def delete_alarms(tx: Transaction, alarms: Iterable[AlarmReference]) -> None:
    for alarm in alarms:
        tx.delete(METRIC_ALARMS, alarm.name)


def alarms_calling(tx: Transaction, policy: ScalingPolicy) -> Sequence[AlarmView]:
    """The alarms in ALARM whose actions name a policy: its own, where it has some."""
    named = creator_of(policy) if policy.tracking else policy.arn
    rows = [row for row in tx.by(METRIC_ALARMS, "action", named) if _is_calling(row, policy, named)]
    return [_view(row) for row in sorted(rows, key=lambda row: row.name)]


def policies_named(snapshot: Snapshot, alarm: MetricAlarm) -> Iterable[ScalingPolicy]:
    """The policies that an alarm's actions name."""
    for action in alarm.actions.all:
        row = snapshot.get(SCALING_POLICIES, action.partition(":createdBy/")[0])
        if row is not None:
            yield row


def _is_calling(row: MetricAlarm, policy: ScalingPolicy, named: str) -> bool:
    is_calling = row.state.value == ALARM and row.actions.is_enabled and named in row.actions.on_alarm
    return is_calling and (policy.tracking is None or any(row.name == one.name for one in policy.alarms))


def _view(row: MetricAlarm) -> AlarmView:
    newest = None
    if row.newest is not None:
        newest = Datapoint(at=row.newest.at, value=row.newest.value, highest=row.newest.highest)
    return AlarmView(name=row.name, threshold=row.threshold, newest=newest)
