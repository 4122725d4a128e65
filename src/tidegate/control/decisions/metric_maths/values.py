"""What expressions are about: numbers, time series, and arrays of time series."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


class MathsError(Exception):
    """The expression has no value; `args[0]` says why, in words for the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries:
    """`points`: numbers by where their span of `period` seconds begins (Unix seconds)."""

    points: Mapping[int, float]
    period: int
    label: str = ""

    def mapped(self, function: Callable[[float], float]) -> TimeSeries:
        """Each point's value; points where there is none are missing."""
        found = ((at, _finite(function, point)) for at, point in self.points.items())
        return replace(self, points={at: point for at, point in found if point is not None})

    def ordered(self) -> list[tuple[int, float]]:
        return sorted(self.points.items())


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word or a string, as some functions' arguments are."""

    text: str


Value = float | TimeSeries | tuple[TimeSeries, ...] | Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The spans of a request: those of `period` seconds from `begin` to before `end`."""

    begin: int
    end: int
    period: int

    def series(self, number: float) -> TimeSeries:
        """The number at every span."""
        spans = range(self.begin, self.end, self.period)
        return TimeSeries(points=dict.fromkeys(spans, number), period=self.period)


def described(value: Value) -> str:
    """A value's kind, in CloudWatch's words."""
    if isinstance(value, TimeSeries):
        return "Time Series"
    if isinstance(value, tuple):
        return "Array"
    return "String" if isinstance(value, Word) else "Scalar"


def as_array(value: Value) -> tuple[TimeSeries, ...]:
    """Time series in their order; a single one is an array of one. Raises MathsError."""
    if isinstance(value, TimeSeries):
        return (value,)
    if isinstance(value, tuple):
        return value
    raise MathsError(f"an array of time series is expected, not a {described(value)}")


def _finite(function: Callable[[float], float], point: float) -> float | None:
    try:
        found = function(point)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None
