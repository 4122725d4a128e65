"""Statistics by CloudWatch's names: what one number says of many values.

`pNN` a percentile; `tmNN`, `wmNN`, `tcNN`, `tsNN` trimmed mean, winsorised mean, trimmed count and sum of the
lowest NN %; `TM(a:b)` and the like between two bounds, which are values or, with `%`, percentiles; `PR(a:b)`
the percentage of values in a range; `IQM` the mean of the middle half. All of these need to know how values
are spread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.domain.cloudwatch.samples import Summary, sketched
from tidegate.domain.cloudwatch.sketch import Sketch

SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")

_SHORT = re.compile(r"(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)", re.IGNORECASE)
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"
_RANGE = re.compile(rf"(tm|wm|tc|ts|pr)\(({_NUMBER}%?)?:({_NUMBER}%?)?\)", re.IGNORECASE)

_Part = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Extended:
    """`lower` and `upper` are percentiles (0 to 100) where `is_share`, else values; None: unbounded."""

    kind: str
    lower: float | None
    upper: float | None
    is_share: bool


class UnknownStatisticError(ValueError):
    """There is no statistic of that name."""


def is_percentile(name: str) -> bool:
    """Whether the statistic says something only of many values: alarms may ignore it for few."""
    return name not in SIMPLE


def check_statistic(name: str) -> None:
    """Raise UnknownStatisticError where CloudWatch has no such statistic."""
    if name not in SIMPLE:
        _extended(name)


def statistic(summary: Summary, name: str) -> float | None:
    """None where it cannot be said, for the spread is not known. Raises UnknownStatisticError."""
    if name in _SIMPLE:
        return _SIMPLE[name](summary)
    wanted = _extended(name)
    sketch = sketched(summary)
    if sketch is None or sketch.count <= 0:
        return None
    if wanted.kind == "p":
        assert wanted.upper is not None
        return _within(summary, sketch.quantile(wanted.upper / 100))
    return _OF_RANGE[wanted.kind](summary, sketch, wanted)


def _extended(name: str) -> _Extended:
    if name.upper() == "IQM":
        return _Extended("tm", 25.0, 75.0, is_share=True)
    short = _SHORT.fullmatch(name)
    if short is not None:
        return _Extended(short[1].lower(), None, float(short[2]), is_share=True)
    found = _RANGE.fullmatch(name)
    if found is None:
        raise UnknownStatisticError(name)
    kind, bounds = found[1].lower(), [bound for bound in found.groups()[1:] if bound]
    shares = {bound.endswith("%") for bound in bounds}
    if len(shares) != 1 or (kind == "pr" and shares == {True}):
        raise UnknownStatisticError(name)
    lower, upper = (float(bound.rstrip("%")) if bound else None for bound in found.groups()[1:])
    is_share = shares == {True}
    if lower is not None and upper is not None and lower > upper:
        raise UnknownStatisticError(name)
    if is_share and any(bound is not None and not 0 <= bound <= 100 for bound in (lower, upper)):
        raise UnknownStatisticError(name)
    return _Extended(kind, lower, upper, is_share)


def _trimmed_mean(summary: Summary, sketch: Sketch, wanted: _Extended) -> float | None:
    kept = list(_kept(sketch, wanted))
    count = sum(times for _, times in kept)
    return _within(summary, _total(kept) / count) if count > 0 else None


def _trimmed_count(_summary: Summary, sketch: Sketch, wanted: _Extended) -> float:
    return sum(times for _, times in _kept(sketch, wanted))


def _trimmed_sum(_summary: Summary, sketch: Sketch, wanted: _Extended) -> float:
    return _total(_kept(sketch, wanted))


def _winsorised_mean(summary: Summary, sketch: Sketch, wanted: _Extended) -> float | None:
    """Values beyond the bounds count as the bounds."""
    low = _bound(sketch, wanted.lower, wanted) if wanted.lower is not None else summary.minimum
    high = _bound(sketch, wanted.upper, wanted) if wanted.upper is not None else summary.maximum
    total = sum(min(max(value, low), high) * times for value, times in sketch.ascending())
    return _within(summary, total / sketch.count)


def _percentile_rank(_summary: Summary, sketch: Sketch, wanted: _Extended) -> float:
    upper = 1.0 if wanted.upper is None else sketch.share_below(wanted.upper)
    lower = 0.0 if wanted.lower is None else sketch.share_below(wanted.lower)
    assert upper is not None
    assert lower is not None
    return 100 * (upper - lower)


def _kept(sketch: Sketch, wanted: _Extended) -> Iterable[_Part]:
    """The values between the bounds; at a percentile in the middle of equal ones, so many of them."""
    if not wanted.is_share:
        low = float("-inf") if wanted.lower is None else wanted.lower
        high = float("inf") if wanted.upper is None else wanted.upper
        yield from ((value, times) for value, times in sketch.ascending() if low < value <= high)
        return
    first = (wanted.lower or 0.0) / 100 * sketch.count
    last = (100.0 if wanted.upper is None else wanted.upper) / 100 * sketch.count
    seen = 0.0
    for value, times in sketch.ascending():
        inside = min(seen + times, last) - max(seen, first)
        seen += times
        if inside > 0:
            yield value, inside


def _bound(sketch: Sketch, bound: float, wanted: _Extended) -> float:
    if not wanted.is_share:
        return bound
    found = sketch.quantile(bound / 100)
    assert found is not None
    return found


def _total(parts: Iterable[_Part]) -> float:
    return sum(value * times for value, times in parts)


def _within(summary: Summary, value: float | None) -> float | None:
    """A sketch's values are a little off: no statistic is beyond what was seen."""
    return None if value is None else min(max(value, summary.minimum), summary.maximum)


_SIMPLE: dict[str, Callable[[Summary], float]] = {
    # Counts may be fractions: twelve twelfths are one.
    "SampleCount": lambda summary: round(summary.count, 9),
    "Average": lambda summary: summary.average,
    "Sum": lambda summary: summary.sum,
    "Minimum": lambda summary: summary.minimum,
    "Maximum": lambda summary: summary.maximum,
}
_OF_RANGE: dict[str, Callable[[Summary, Sketch, _Extended], float | None]] = {
    "tm": _trimmed_mean,
    "wm": _winsorised_mean,
    "tc": _trimmed_count,
    "ts": _trimmed_sum,
    "pr": _percentile_rank,
}
