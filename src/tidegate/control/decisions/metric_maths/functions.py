"""The functions of metric maths: one entry of FUNCTIONS each, with how many arguments it takes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from tidegate.control.decisions.metric_maths.filling import filled
from tidegate.control.decisions.metric_maths.values import (
    Grid,
    MathsError,
    TimeSeries,
    Value,
    Word,
    as_array,
    described,
)


@dataclass(frozen=True, slots=True)
class Function:
    """`compute` is given the grid of the request and the arguments, of which there are `fewest` to `most`."""

    compute: Callable[[Grid, Sequence[Value]], Value]
    fewest: int = 1
    most: int = 1


def _each(function: Callable[[TimeSeries], TimeSeries]) -> Function:
    """Of a time series, or of each one of an array."""

    def compute(_: Grid, arguments: Sequence[Value]) -> Value:
        value = arguments[0]
        if isinstance(value, TimeSeries):
            return function(value)
        return tuple(function(series) for series in as_array(value))

    return Function(compute)


def _pointwise(function: Callable[[float], float]) -> Function:
    def compute(grid: Grid, arguments: Sequence[Value]) -> Value:
        if isinstance(arguments[0], float):
            return _finite_number(function, arguments[0])
        return _each(lambda series: series.mapped(function)).compute(grid, arguments)

    return Function(compute)


def _aggregate(function: Callable[[Sequence[float]], float]) -> Function:
    """Of an array: a series, each point of all that is there at that time. Of a series: a number."""

    def compute(grid: Grid, arguments: Sequence[Value]) -> Value:
        if len(arguments) == 1 and isinstance(arguments[0], TimeSeries):
            points = list(arguments[0].points.values())
            if not points:
                raise MathsError("there are no data points to aggregate")
            return function(points)
        series = _listed(grid, arguments)
        columns: dict[int, list[float]] = {}
        for one in series:
            for at, point in one.points.items():
                columns.setdefault(at, []).append(point)
        points_ = {at: function(column) for at, column in columns.items()}
        return TimeSeries(points=points_, period=max((s.period for s in series), default=grid.period))

    return Function(compute, most=100)


def _finite_number(function: Callable[[float], float], number: float) -> float:
    try:
        return function(number)
    except (ValueError, OverflowError) as error:
        raise MathsError(f"there is no value for {number:g}") from error


def _listed(grid: Grid, arguments: Sequence[Value]) -> list[TimeSeries]:
    """MAX([a, b]) and MAX(a, b, 5) are the same."""
    series: list[TimeSeries] = []
    for argument in arguments:
        series.extend((grid.series(argument),) if isinstance(argument, float) else as_array(argument))
    return series


def _datapoint_count(grid: Grid, arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    if isinstance(value, TimeSeries):
        return float(len(value.points))
    return _aggregate(lambda column: float(len(column))).compute(grid, arguments)


def _if(grid: Grid, arguments: Sequence[Value]) -> Value:
    """IF(condition, then, else); without an else there is no point where the condition is 0."""
    condition, *branches = arguments
    if isinstance(condition, float):
        chosen = branches[0] if condition else branches[1] if len(branches) > 1 else None
        return TimeSeries(points={}, period=grid.period) if chosen is None else chosen
    if not isinstance(condition, TimeSeries):
        raise MathsError(f"IF takes a Scalar or a Time Series as its condition, not a {described(condition)}")
    points: dict[int, float] = {}
    for at, point in condition.points.items():
        branch = branches[0] if point else branches[1] if len(branches) > 1 else None
        found = _at(branch, at)
        if found is not None:
            points[at] = found
    return replace(condition, points=points)


def _at(branch: Value | None, at: int) -> float | None:
    if branch is None or isinstance(branch, float):
        return branch
    if isinstance(branch, TimeSeries):
        return branch.points.get(at)
    raise MathsError(f"IF takes Scalars and Time Series, not a {described(branch)}")


def _between(function: Callable[[float, float, int], float]) -> Callable[[TimeSeries], TimeSeries]:
    """Of each point with the one before it and the seconds between them."""

    def compute(series: TimeSeries) -> TimeSeries:
        ordered = series.ordered()
        pairs = pairwise(ordered)
        return replace(series, points={at: function(old, new, at - was) for (was, old), (at, new) in pairs})

    return compute


def _running_sum(series: TimeSeries) -> TimeSeries:
    total, points = 0.0, {}
    for at, point in series.ordered():
        total += point
        points[at] = total
    return replace(series, points=points)


def _of_time(part: Callable[[datetime], float]) -> Function:
    def compute(series: TimeSeries) -> TimeSeries:
        return replace(series, points={at: part(datetime.fromtimestamp(at, UTC)) for at in series.points})

    return _each(compute)


def _slice(_: Grid, arguments: Sequence[Value]) -> Value:
    series = as_array(arguments[0])
    first = _whole(arguments[1])
    return series[first : _whole(arguments[2])] if len(arguments) > 2 else series[first : first + 1]


def _sort(_: Grid, arguments: Sequence[Value]) -> Value:
    series, by, order = as_array(arguments[0]), _word(arguments[1]), _word(arguments[2])
    if by not in _SORT_BY or order not in ("ASC", "DESC"):
        raise MathsError(f"SORT takes one of {', '.join(_SORT_BY)} and ASC or DESC")
    ordered = sorted(
        (one for one in series if one.points), key=lambda one: _SORT_BY[by](one), reverse=order == "DESC"
    )
    empty = [one for one in series if not one.points]
    limit = _whole(arguments[3]) if len(arguments) > 3 else None
    return tuple([*ordered, *empty][:limit])


def _word(value: Value) -> str:
    if not isinstance(value, Word):
        raise MathsError(f"a keyword is expected, not a {described(value)}")
    return value.text.upper()


def _whole(value: Value) -> int:
    if not isinstance(value, float) or not value.is_integer() or value < 0:
        raise MathsError("a whole number is expected")
    return int(value)


def _first(series: tuple[TimeSeries, ...]) -> TimeSeries:
    if not series:
        raise MathsError("the array is empty")
    return series[0]


def _fill(grid: Grid, arguments: Sequence[Value]) -> Value:
    value, how = arguments
    if isinstance(value, TimeSeries):
        return filled(value, how, grid)
    return tuple(filled(series, how, grid) for series in as_array(value))


def _stddev(points: Sequence[float]) -> float:
    return statistics.pstdev(points)


def _period(_: Grid, arguments: Sequence[Value]) -> Value:
    if not isinstance(arguments[0], TimeSeries):
        raise MathsError(f"PERIOD takes a Time Series, not a {described(arguments[0])}")
    return float(arguments[0].period)


def _time_series(grid: Grid, arguments: Sequence[Value]) -> Value:
    if not isinstance(arguments[0], float):
        raise MathsError(f"TIME_SERIES takes a Scalar, not a {described(arguments[0])}")
    return grid.series(arguments[0])


_SORT_BY: Mapping[str, Callable[[TimeSeries], float]] = {
    "AVG": lambda series: statistics.fmean(series.points.values()),
    "MIN": lambda series: min(series.points.values()),
    "MAX": lambda series: max(series.points.values()),
    "SUM": lambda series: math.fsum(series.points.values()),
}

FUNCTIONS: Mapping[str, Function] = {
    "ABS": _pointwise(abs),
    "AVG": _aggregate(statistics.fmean),
    "CEIL": _pointwise(lambda point: float(math.ceil(point))),
    "DATAPOINT_COUNT": Function(_datapoint_count),
    "DATE": _of_time(lambda moment: moment.day),
    # Monday is 1.
    "DAY": _of_time(lambda moment: moment.isoweekday()),
    "DIFF": _each(_between(lambda old, new, _: new - old)),
    "DIFF_TIME": _each(_between(lambda _, __, seconds: float(seconds))),
    "EPOCH": _of_time(lambda moment: moment.timestamp()),
    "FILL": Function(_fill, fewest=2, most=2),
    "FIRST": Function(lambda _, arguments: _first(as_array(arguments[0]))),
    "FLOOR": _pointwise(lambda point: float(math.floor(point))),
    "HOUR": _of_time(lambda moment: moment.hour),
    "IF": Function(_if, fewest=2, most=3),
    "LAST": Function(lambda _, arguments: _first(as_array(arguments[0])[::-1])),
    "LOG": _pointwise(math.log),
    "LOG10": _pointwise(math.log10),
    "MAX": _aggregate(max),
    "METRIC_COUNT": Function(lambda _, arguments: float(len(as_array(arguments[0])))),
    "MIN": _aggregate(min),
    "MINUTE": _of_time(lambda moment: moment.minute),
    "MONTH": _of_time(lambda moment: moment.month),
    "PERIOD": Function(_period),
    "RATE": _each(_between(lambda old, new, seconds: (new - old) / seconds)),
    "REMOVE_EMPTY": Function(lambda _, arguments: tuple(s for s in as_array(arguments[0]) if s.points)),
    "RUNNING_SUM": _each(_running_sum),
    "SLICE": Function(_slice, fewest=2, most=3),
    "SORT": Function(_sort, fewest=3, most=4),
    "STDDEV": _aggregate(_stddev),
    "SUM": _aggregate(math.fsum),
    "TIME_SERIES": Function(_time_series),
    "YEAR": _of_time(lambda moment: moment.year),
}

# What CloudWatch has beyond: they ask for what is not kept here.
REFUSED = (
    "ANOMALY_DETECTION_BAND",
    "DB_PERF_INSIGHTS",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "SEARCH",
    "SERVICE_QUOTA",
)
