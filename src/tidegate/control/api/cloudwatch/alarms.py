"""Alarms: put, described, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.alarm_records import delete_alarm, find_alarm, put_alarm, write_history
from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.alarm_input import actions_of, metric_alarm, tags_of
from tidegate.control.api.cloudwatch.alarm_rules import check_rule
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.alarms.transitions import configured
from tidegate.control.store import Transaction
from tidegate.control.store.tables import METRIC_ALARMS
from tidegate.domain.cloudwatch import Alarm, CompositeAlarm, MetricAlarm, initial_state
from tidegate.wire import Call, Fault

ALARMS_MAX = 20_000


@honours(
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "Tags",
)
async def put_metric_alarm(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """One that is there keeps its state and its tags; all else is what is given now."""
    asked, now = call.parameters, context.clock.now()
    name, tags = asked["AlarmName"], tags_of(asked)
    row = metric_alarm(asked, arn=context.arns.alarm(name), now=now, state=initial_state(now), tags=tags)

    def put(tx: Transaction) -> None:
        known = find_alarm(tx, name)
        if isinstance(known, CompositeAlarm):
            raise faults.validation(f"There is a composite alarm of the name {name}.")
        _put(context, tx, row, known)

    await context.store.transact(put)
    return {}


@honours(
    "AlarmName",
    "AlarmDescription",
    "AlarmRule",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "Tags",
)
async def put_composite_alarm(context: ApiContext, call: Call) -> Mapping[str, Any]:
    asked, now = call.parameters, context.clock.now()
    name = asked["AlarmName"]
    row = CompositeAlarm(
        name=name,
        arn=context.arns.alarm(name),
        description=asked.get("AlarmDescription"),
        configured_at=now,
        actions=actions_of(asked, may_scale=False),
        state=initial_state(now),
        rule=asked["AlarmRule"],
        tags=tags_of(asked),
    )

    def put(tx: Transaction) -> None:
        known = find_alarm(tx, name)
        if isinstance(known, MetricAlarm):
            raise faults.validation(f"There is a metric alarm of the name {name}.")
        check_rule(tx, row)
        _put(context, tx, row, known)

    await context.store.transact(put)
    return {}


@honours("AlarmNames")
async def delete_alarms(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """All of them, or none. Their history stays."""
    names, now = list(dict.fromkeys(call.parameters["AlarmNames"])), context.clock.now()

    def delete(tx: Transaction) -> None:
        rows = [_found(tx, name) for name in names]
        if sum(1 for row in rows if isinstance(row, CompositeAlarm)) > 1:
            raise faults.validation("At most one composite alarm can be deleted at a time.")
        for row in rows:
            write_history(tx, row, [configured(None, row, now)], context.ids, now)
            delete_alarm(tx, row)

    await context.store.transact(delete)
    return {}


@honours("AlarmNames")
async def enable_alarm_actions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    await _switch(context, call.parameters["AlarmNames"], is_enabled=True)
    return {}


@honours("AlarmNames")
async def disable_alarm_actions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    await _switch(context, call.parameters["AlarmNames"], is_enabled=False)
    return {}


async def _switch(context: ApiContext, names: Iterable[str], *, is_enabled: bool) -> None:
    """Names that nobody has mean nothing."""

    def switch(tx: Transaction) -> None:
        for name in names:
            row = find_alarm(tx, name)
            if row is not None:
                put_alarm(tx, replace(row, actions=replace(row.actions, is_enabled=is_enabled)))

    await context.store.transact(switch)


def _put(context: ApiContext, tx: Transaction, row: Alarm, known: Alarm | None) -> None:
    if known is None and len(list(tx.all(METRIC_ALARMS))) >= ALARMS_MAX:
        raise Fault("LimitExceeded", f"There are {ALARMS_MAX} alarms already.")
    if known is not None:
        row = replace(row, state=known.state, tags=known.tags)
    put_alarm(tx, row)
    write_history(tx, row, [configured(row, known, row.configured_at)], context.ids, row.configured_at)


def _found(tx: Transaction, name: str) -> Alarm:
    row = find_alarm(tx, name)
    if row is None:
        raise faults.no_such_alarm(name)
    return row
