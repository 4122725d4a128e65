"""PutMetricData: what programs measure."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.metric_input import metric_of
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.store.series import SeriesFullError
from tidegate.domain.cloudwatch import Sample, Summary, spread, value
from tidegate.wire import Call, Fault

_DATA_MAX = 1000
_VALUES_MAX = 150
# More of them are made samples of on a thread: they would hold the loop for milliseconds.
_VALUES_AT_ONCE_MAX = 1000
_PAST_MAX = timedelta(days=14)
_FUTURE_MAX = timedelta(hours=2)
# CloudWatch's bound of what a value may be.
_MAGNITUDE_MAX = 2.0**360
_WAYS = ("Value", "StatisticValues", "Values")


@honours("Namespace", "MetricData")
async def put_metric_data(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Durable when it is answered."""
    namespace, data = call.parameters["Namespace"], call.parameters.get("MetricData")
    if namespace.startswith("AWS/"):
        raise faults.invalid_value("The value AWS/ for parameter Namespace is invalid.")
    if not data:
        raise faults.missing("The parameter MetricData is required.")
    if len(data) > _DATA_MAX:
        text = f"The collection MetricData must not have a size greater than {_DATA_MAX}."
        raise faults.invalid_value(text)
    now = context.clock.now()
    if sum(1 + len(item.get("Values", ())) for item in data) > _VALUES_AT_ONCE_MAX:
        samples = await asyncio.to_thread(_samples, namespace, data, now)
    else:
        samples = _samples(namespace, data, now)
    try:
        await context.series.record(samples)
    except SeriesFullError as error:
        raise Fault("LimitExceeded", f"No more metrics can be kept: {error}.") from error
    return {}


def _samples(namespace: str, data: Sequence[Mapping[str, Any]], now: datetime) -> list[Sample]:
    return [
        _sample(namespace, item, f"MetricData.member.{number}", now)
        for number, item in enumerate(data, start=1)
    ]


def _sample(namespace: str, item: Mapping[str, Any], path: str, now: datetime) -> Sample:
    at, seconds = _moment(item, path, now), item.get("StorageResolution", 60)
    if seconds not in (1, 60):
        raise faults.invalid_value(f"The parameter {path}.StorageResolution must be 1 or 60.")
    dimensions = item.get("Dimensions", [])
    if len({dimension["Name"] for dimension in dimensions}) < len(dimensions):
        raise faults.invalid_value(f"The parameter {path}.Dimensions must not name a dimension twice.")
    begin = int(at.timestamp())
    return Sample(
        metric=metric_of(namespace, item["MetricName"], dimensions),
        at=begin - begin % seconds,
        seconds=seconds,
        unit=item.get("Unit", "None"),
        summary=_summary(item, path),
    )


def _moment(item: Mapping[str, Any], path: str, now: datetime) -> datetime:
    at: datetime = item.get("Timestamp", now)
    if at < now - _PAST_MAX:
        text = f"The parameter {path}.Timestamp must specify a time no more than two weeks in the past."
        raise faults.invalid_value(text)
    if at > now + _FUTURE_MAX:
        text = f"The parameter {path}.Timestamp must specify a time no more than two hours in the future."
        raise faults.invalid_value(text)
    return at


def _summary(item: Mapping[str, Any], path: str) -> Summary:
    given = [way for way in _WAYS if way in item]
    if not given:
        text = f"At least one of the parameters {path}.Value, {path}.Values and {path}.StatisticValues "
        raise faults.missing(f"{text}must be specified.")
    if len(given) > 1:
        text = f"The parameters {path}.{given[0]} and {path}.{given[1]} are mutually exclusive "
        raise faults.invalid_combination(f"{text}and you have specified both.")
    if "Counts" in item and given != ["Values"]:
        raise faults.invalid_combination(f"The parameter {path}.Counts goes with {path}.Values only.")
    if given == ["Value"]:
        return value(_number(item["Value"], f"{path}.Value"))
    if given == ["Values"]:
        return _spread(item["Values"], item.get("Counts"), path)
    return _statistic_set(item["StatisticValues"], f"{path}.StatisticValues")


def _spread(values: Sequence[float], counts: Sequence[float] | None, path: str) -> Summary:
    if not 1 <= len(values) <= _VALUES_MAX:
        raise faults.invalid_value(f"The parameter {path}.Values must have 1 to {_VALUES_MAX} values.")
    if counts is not None and len(counts) != len(values):
        raise faults.invalid_value(
            f"The parameters {path}.Values and {path}.Counts must be of the same size."
        )
    seen: dict[float, float] = {}
    for number, times in zip(values, counts or [1.0] * len(values), strict=True):
        if _number(times, f"{path}.Counts") <= 0:
            raise faults.invalid_value(f"The parameter {path}.Counts must have values greater than 0.")
        amount = _number(number, f"{path}.Values")
        seen[amount] = seen.get(amount, 0.0) + times
    return spread(seen)


def _statistic_set(item: Mapping[str, float], path: str) -> Summary:
    count, total, low, high = (
        _number(item[name], f"{path}.{name}") for name in ("SampleCount", "Sum", "Minimum", "Maximum")
    )
    if count <= 0:
        raise faults.invalid_value(f"The parameter {path}.SampleCount must be greater than 0.")
    if low > high:
        text = f"The parameter {path}.Maximum must be greater than or equal to {path}.Minimum."
        raise faults.invalid_value(text)
    return Summary(count=count, sum=total, minimum=low, maximum=high)


def _number(number: float, path: str) -> float:
    if not math.isfinite(number) or abs(number) > _MAGNITUDE_MAX:
        raise faults.invalid_value(f"The value {number} for parameter {path} is invalid.")
    return number
