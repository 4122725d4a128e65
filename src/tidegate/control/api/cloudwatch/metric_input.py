"""Metrics, statistics, periods and times as requests give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tidegate.control.api.cloudwatch import faults
from tidegate.domain.cloudwatch import (
    Metric,
    MetricQuery,
    MetricStat,
    UnknownStatisticError,
    check_statistic,
)

FINE_PERIODS = (1, 5, 10, 20, 30)
# Whoever asks for older points has them in coarser spans, which begin at the full five minutes and hours.
_KEPT_FOR, _AHEAD = timedelta(days=455), timedelta(hours=3)
_ROUNDING = ((timedelta(days=63), 3600), (timedelta(days=15), 300))


def metric_of(namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> Metric:
    pairs = tuple(sorted((item["Name"], item["Value"]) for item in dimensions))
    return Metric(namespace=namespace, name=name, dimensions=pairs)


def dimension_list(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions]


def metric_view(metric: Metric) -> dict[str, Any]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": dimension_list(metric),
    }


def check_period(period: int) -> None:
    """Raise Fault unless the period is one of those below a minute, or whole minutes."""
    if period not in FINE_PERIODS and period % 60 != 0:
        text = "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        raise faults.invalid_value(text)


def check_times(start: datetime, end: datetime) -> None:
    if start >= end:
        text = "The parameter StartTime must be less than the parameter EndTime."
        raise faults.invalid_value(text)


def span_of(start: datetime, end: datetime, period: int, now: datetime) -> tuple[int, int]:
    """The Unix seconds between which points are read: `start` rounded down as CloudWatch does it, and nothing
    of before or after what can have been kept."""
    start, end = max(start, now - _KEPT_FOR), min(end, now + _AHEAD)
    age = now - start
    rounding = next((seconds for limit, seconds in _ROUNDING if age > limit), min(period, 60))
    begin = int(start.timestamp())
    return begin - begin % rounding, int(end.timestamp())


def queries_of(items: Sequence[Mapping[str, Any]], *, member: str) -> tuple[MetricQuery, ...]:
    """The queries of a request's member; raises Fault for one that is neither a metric nor an expression."""
    return tuple(_query(item, f"{member}.member.{number}") for number, item in enumerate(items, start=1))


def query_view(query: MetricQuery) -> dict[str, Any]:
    view: dict[str, Any] = {"Id": query.id, "ReturnData": query.returns_data}
    if query.stat is not None:
        view["MetricStat"] = {
            "Metric": metric_view(query.stat.metric),
            "Period": query.stat.period,
            "Stat": query.stat.statistic,
            "Unit": query.stat.unit,
        }
    else:
        view["Expression"] = query.expression
    return {**view, "Label": query.label, "Period": query.period}


def _query(item: Mapping[str, Any], path: str) -> MetricQuery:
    stat, expression = item.get("MetricStat"), item.get("Expression", "")
    if (stat is None) == (not expression):
        text = f"The parameters {path}.MetricStat and {path}.Expression are mutually exclusive"
        raise faults.validation(f"{text}, and one of them is required.")
    if "AccountId" in item:
        raise faults.validation("Tidegate does not serve the parameter AccountId.")
    if item.get("Period"):
        check_period(item["Period"])
    return MetricQuery(
        id=item["Id"],
        stat=None if stat is None else _stat(stat, path),
        expression=expression,
        label=item.get("Label"),
        returns_data=item.get("ReturnData", True),
        period=item.get("Period"),
    )


def _stat(item: Mapping[str, Any], path: str) -> MetricStat:
    metric = item["Metric"]
    for name in ("Namespace", "MetricName"):
        if name not in metric:
            raise faults.validation(f"The parameter {path}.MetricStat.Metric.{name} is required.")
    check_period(item["Period"])
    try:
        check_statistic(item["Stat"])
    except UnknownStatisticError as error:
        text = f"The value {item['Stat']} for parameter {path}.MetricStat.Stat is not supported."
        raise faults.validation(text) from error
    return MetricStat(
        metric=metric_of(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ())),
        period=item["Period"],
        statistic=item["Stat"],
        unit=item.get("Unit"),
    )
