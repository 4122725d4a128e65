"""Composite alarms: load the states of the alarms that a rule names, evaluate, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from tidegate.control.alarm_records import find_alarm, write_transition
from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.alarms import alarms_in, is_true, parse_rule, transition
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import COMPOSITE_ALARMS
from tidegate.domain.cloudwatch import Alarm, CompositeAlarm, MetricAlarm
from tidegate.domain.cloudwatch.alarm import ALARM, INSUFFICIENT, OK

_ARN_MARK = ":alarm:"

_log = structlog.get_logger(__name__)


class CompositeAlarms:
    """Keyed by composite alarm."""

    name = "composite alarms"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        """Those that name an alarm whose state is another."""
        changed: set[str] = set()
        for change in changes:
            row = change.new if change.new is not None else change.old
            if isinstance(row, CompositeAlarm) and change.new is not None:
                yield row.name
            if isinstance(row, MetricAlarm | CompositeAlarm) and _state(change.old) != _state(change.new):
                changed.add(row.name)
        if changed:
            for composite in self._context.store.snapshot.all(COMPOSITE_ALARMS):
                if changed & {_name(called) for called in alarms_in(parse_rule(composite.rule))}:
                    yield composite.name

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.name for row in snapshot.all(COMPOSITE_ALARMS)]

    async def reconcile(self, key: str) -> datetime | None:
        now = self._context.clock.now()
        await self._context.store.transact(lambda tx: self._step(tx, key, now))
        return None

    def _step(self, tx: Transaction, key: str, now: datetime) -> None:
        alarm = tx.get(COMPOSITE_ALARMS, key)
        if alarm is None:
            return
        rule = parse_rule(alarm.rule)
        children = [find_alarm(tx, _name(called)) for called in alarms_in(rule)]
        # An alarm that is gone is one of which nothing is known.
        states = {row.name: row.state.value for row in children if row is not None}
        value = ALARM if is_true(rule, lambda called: states.get(_name(called), INSUFFICIENT)) else OK
        if value == alarm.state.value:
            return
        after = transition(
            alarm,
            value=value,
            reason=_reason([row for row in children if row is not None], value),
            data=None,
            now=now,
            account=self._context.settings.account,
            region=self._context.settings.region,
        )
        write_transition(tx, after, self._context.ids, now)
        _log.info("alarm", alarm=key, state=value, was=alarm.state.value, reason=after.alarm.state.reason)


def _reason(children: Sequence[Alarm], value: str) -> str:
    """The newest transition of an alarm in the rule, as CloudWatch tells it."""
    if not children:
        return f"The rule is {'true' if value == ALARM else 'false'}"
    newest = max(children, key=lambda row: (row.state.changed_at, row.name))
    at = newest.state.changed_at
    return f"{newest.arn} transitioned to {newest.state.value} at {at:%A %d %B, %Y %H:%M:%S} UTC"


def _name(called: str) -> str:
    return called.partition(_ARN_MARK)[2] if called.startswith("arn:") else called


def _state(row: Alarm | None) -> str | None:
    return None if row is None else row.state.value
