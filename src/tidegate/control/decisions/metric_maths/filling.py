"""FILL: points where there are none."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from tidegate.control.decisions.metric_maths.values import (
    Grid,
    MathsError,
    TimeSeries,
    Value,
    Word,
    described,
)


def filled(series: TimeSeries, how: Value, grid: Grid) -> TimeSeries:
    """With a point at every span: a number, another series' point, the last one (REPEAT), or one on the line
    between the neighbours (LINEAR). Raises MathsError."""
    if isinstance(how, float):
        return replace(series, points={**grid.series(how).points, **series.points})
    if isinstance(how, TimeSeries):
        return replace(series, points={**how.points, **series.points})
    if not isinstance(how, Word):
        raise MathsError(f"FILL takes a Scalar, a Time Series, REPEAT or LINEAR, not a {described(how)}")
    if how.text.upper() == "REPEAT":
        return _repeated(series, grid)
    if how.text.upper() == "LINEAR":
        return _linear(series, grid)
    raise MathsError(f"FILL does not know how to fill with '{how.text}'")


def _repeated(series: TimeSeries, grid: Grid) -> TimeSeries:
    points: dict[int, float] = {}
    last = None
    for at in range(grid.begin, grid.end, series.period):
        last = series.points.get(at, last)
        if last is not None:
            points[at] = last
    return replace(series, points=points)


def _linear(series: TimeSeries, grid: Grid) -> TimeSeries:
    ordered = series.ordered()
    known = [at for at, _ in ordered]
    points = dict(series.points)
    for at in range(grid.begin, grid.end, series.period):
        place = bisect_left(known, at)
        if at not in points and 0 < place < len(known):
            (before, low), (after, high) = ordered[place - 1], ordered[place]
            points[at] = low + (high - low) * (at - before) / (after - before)
    return replace(series, points=points)
