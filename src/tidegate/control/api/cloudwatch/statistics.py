"""GetMetricStatistics: one metric, several statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.metric_input import check_period, check_times, metric_of, span_of
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.domain.cloudwatch import Summary, UnknownStatisticError, check_statistic, statistic
from tidegate.wire import Call

_DATAPOINTS_MAX = 1440


@honours(
    "Namespace",
    "MetricName",
    "Dimensions",
    "StartTime",
    "EndTime",
    "Period",
    "Statistics",
    "ExtendedStatistics",
    "Unit",
)
async def get_metric_statistics(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Data points in order of time; those of each unit apart, as they were put."""
    asked = call.parameters
    simple, extended = asked.get("Statistics", []), asked.get("ExtendedStatistics", [])
    _check(asked, simple, extended)
    period = asked["Period"]
    begin, end = span_of(asked["StartTime"], asked["EndTime"], period, context.clock.now())
    metric = metric_of(asked["Namespace"], asked["MetricName"], asked.get("Dimensions", ()))
    units = [asked["Unit"]] if "Unit" in asked else context.series.units(metric)
    points = []
    for unit in units:
        spans = await context.series.summaries(metric, begin=begin, end=end, period=period, unit=unit)
        points += [_point(at, unit, summary, simple, extended) for at, summary in spans.items()]
    return {"Label": metric.name, "Datapoints": sorted(points, key=lambda point: point["Timestamp"])}


def _check(asked: Mapping[str, Any], simple: Sequence[str], extended: Sequence[str]) -> None:
    check_period(asked["Period"])
    check_times(asked["StartTime"], asked["EndTime"])
    if not simple and not extended:
        text = "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        raise faults.missing(text)
    for name in extended:
        try:
            check_statistic(name)
        except UnknownStatisticError as error:
            raise faults.invalid_value(
                f"The value {name} for parameter ExtendedStatistics is not supported."
            ) from error
    seconds = (asked["EndTime"] - asked["StartTime"]).total_seconds()
    count = int(-(-seconds // asked["Period"]))
    if count > _DATAPOINTS_MAX:
        raise faults.invalid_combination(
            f"You have requested up to {count:,} datapoints, which exceeds the limit of "
            f"{_DATAPOINTS_MAX:,}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range."
        )


def _point(
    at: int, unit: str, summary: Summary, simple: Sequence[str], extended: Sequence[str]
) -> dict[str, Any]:
    known = {name: statistic(summary, name) for name in extended}
    return {
        "Timestamp": datetime.fromtimestamp(at, UTC),
        "Unit": unit,
        **{name: statistic(summary, name) for name in simple},
        "ExtendedStatistics": {name: number for name, number in known.items() if number is not None} or None,
    }
