"""DescribeAlarms and DescribeAlarmsForMetric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tidegate.control.alarm_records import find_alarm
from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.alarm_rules import children_of
from tidegate.control.api.cloudwatch.alarm_views import alarm_view
from tidegate.control.api.cloudwatch.metric_input import metric_of
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import COMPOSITE_ALARMS, METRIC_ALARMS
from tidegate.domain.cloudwatch import Alarm, CompositeAlarm, MetricAlarm, alarm_type
from tidegate.wire import Call

_PAGE_SIZE = 50
_RELATIONS = ("ChildrenOfAlarmName", "ParentsOfAlarmName")
_FILTERS = ("AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "ActionPrefix")


@honours(*_FILTERS, *_RELATIONS, "MaxRecords", "NextToken")
async def describe_alarms(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Metric alarms alone, unless types are named or relations asked for."""
    asked = call.parameters
    _check(asked)
    rows = _asked(context.store.snapshot, asked)
    scope = repr([asked.get(name) for name in (*_FILTERS, *_RELATIONS)])
    try:
        page = paginate(
            rows,
            key=lambda row: row.name,
            token=asked.get("NextToken"),
            size=asked.get("MaxRecords", _PAGE_SIZE),
            scope=scope,
        )
    except InvalidTokenError as error:
        raise faults.invalid_token() from error
    return {
        "MetricAlarms": [alarm_view(row) for row in page.rows if isinstance(row, MetricAlarm)],
        "CompositeAlarms": [alarm_view(row) for row in page.rows if isinstance(row, CompositeAlarm)],
        "NextToken": page.next_token,
    }


@honours("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")
async def describe_alarms_for_metric(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Alarms on exactly this metric, expressions over it included."""
    asked = call.parameters
    metric = metric_of(asked["Namespace"], asked["MetricName"], asked.get("Dimensions", ()))
    statistic = asked.get("Statistic") or asked.get("ExtendedStatistic")

    def matches(row: MetricAlarm) -> bool:
        stats = [row.stat, *(query.stat for query in row.queries)]
        return any(
            stat is not None
            and stat.metric == metric
            and statistic in (None, stat.statistic)
            and asked.get("Period") in (None, stat.period)
            and asked.get("Unit") in (None, stat.unit)
            for stat in stats
        )

    rows = context.store.snapshot.by(METRIC_ALARMS, "metric", metric.name)
    found = sorted((row for row in rows if matches(row)), key=lambda row: row.name)
    return {"MetricAlarms": [alarm_view(row) for row in found]}


def _check(asked: Mapping[str, Any]) -> None:
    if "AlarmNames" in asked and "AlarmNamePrefix" in asked:
        text = "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive"
        raise faults.invalid_combination(f"{text} and you have specified both.")
    related = [name for name in _RELATIONS if name in asked]
    others = [name for name in _FILTERS if name in asked]
    if related and (others or len(related) > 1):
        text = f"The parameters {related[0]} and {(others or related[1:])[0]} are mutually exclusive"
        raise faults.invalid_combination(f"{text} and you have specified both.")


def _asked(state: Snapshot, asked: Mapping[str, Any]) -> Iterable[Alarm]:
    if "ChildrenOfAlarmName" in asked:
        parent = _composite(state, asked["ChildrenOfAlarmName"])
        return [row for name in children_of(parent) if (row := find_alarm(state, name)) is not None]
    if "ParentsOfAlarmName" in asked:
        name = asked["ParentsOfAlarmName"]
        if find_alarm(state, name) is None:
            raise faults.no_such_alarm(name)
        return [row for row in state.all(COMPOSITE_ALARMS) if name in children_of(row)]
    rows: list[Alarm] = [*state.all(METRIC_ALARMS), *state.all(COMPOSITE_ALARMS)]
    wanted = _filter(asked)
    return [row for row in rows if wanted(row)]


def _filter(asked: Mapping[str, Any]) -> Callable[[Alarm], bool]:
    names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix", "")
    types = asked.get("AlarmTypes") or ["MetricAlarm"]
    state, action_prefix = asked.get("StateValue"), asked.get("ActionPrefix")
    named = None if names is None else frozenset(names)

    def wanted(row: Alarm) -> bool:
        return (
            (named is None or row.name in named)
            and row.name.startswith(prefix)
            and alarm_type(row) in types
            and state in (None, row.state.value)
            and (action_prefix is None or any(a.startswith(action_prefix) for a in row.actions.all))
        )

    return wanted


def _composite(state: Snapshot, name: str) -> CompositeAlarm:
    row = state.get(COMPOSITE_ALARMS, name)
    if row is None:
        raise faults.no_such_alarm(name)
    return row
