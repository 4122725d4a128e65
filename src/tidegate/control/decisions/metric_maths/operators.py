"""Operators between numbers, time series and arrays of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from tidegate.control.decisions.metric_maths.values import (
    MathsError,
    TimeSeries,
    Value,
    Word,
    described,
)

Binary = Callable[[float, float], float]


def applied(sign: str, left: Value, right: Value) -> Value:
    """Numbers spread over series, series over arrays; two series meet where both have a point."""
    function = _OPERATORS[sign]
    if isinstance(left, Word) or isinstance(right, Word):
        raise MathsError(
            f"Unsupported operand type(s) for {sign}: '{described(left)}' and '{described(right)}'"
        )
    if isinstance(left, tuple):
        if isinstance(right, tuple):
            raise MathsError(f"Unsupported operand type(s) for {sign}: 'Array' and 'Array'")
        return tuple(_one(function, series, right) for series in left)
    if isinstance(right, tuple):
        return tuple(_one(function, left, series) for series in right)
    if isinstance(left, TimeSeries) or isinstance(right, TimeSeries):
        return _one(function, left, right)
    return _number(function, left, right, sign)


def combined(function: Binary, left: TimeSeries, right: TimeSeries) -> TimeSeries:
    """A point wherever both have one and the function a value."""
    points: dict[int, float] = {}
    for at, point in left.points.items():
        other = right.points.get(at)
        if other is not None:
            found = _finite(function, point, other)
            if found is not None:
                points[at] = found
    return TimeSeries(points=points, period=max(left.period, right.period), label=left.label)


def _one(function: Binary, left: float | TimeSeries, right: float | TimeSeries) -> TimeSeries:
    if isinstance(left, TimeSeries):
        if isinstance(right, TimeSeries):
            return combined(function, left, right)
        number = right
        return left.mapped(lambda point: function(point, number))
    assert isinstance(right, TimeSeries)
    return right.mapped(lambda point: function(left, point))


def _number(function: Binary, left: float, right: float, sign: str) -> float:
    found = _finite(function, left, right)
    if found is None:
        raise MathsError(f"{left:g} {sign} {right:g} is not a number")
    return found


def _finite(function: Binary, left: float, right: float) -> float | None:
    try:
        found = function(left, right)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


_OPERATORS: Mapping[str, Binary] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "&&": lambda a, b: float(a != 0 and b != 0),
    "||": lambda a, b: float(a != 0 or b != 0),
}
