"""How values are spread, in little room: quantiles within 1 %, and two sketches make a third.

The buckets grow by a constant factor, so that any value is within `ACCURACY` of its bucket's middle (Masson,
Rim and Lee, "DDSketch", VLDB 2019). Where there would be too many, the smallest are put together: it is the
large ones that somebody asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ACCURACY = 0.01
# From a microsecond to a day there are 1,260 of them.
BUCKETS_MAX = 2_048

_GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH = math.log(_GROWTH)
# What is nearer to zero counts as zero.
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """`above` and `below`: how many values each bucket has, of those above and below zero, by the bucket's
    number; `zeros`: how many are zero. Counts may be fractions: CloudWatch takes such weights."""

    above: Mapping[int, float] = field(default_factory=dict[int, float])
    below: Mapping[int, float] = field(default_factory=dict[int, float])
    zeros: float = 0.0

    @property
    def count(self) -> float:
        return sum(self.below.values()) + self.zeros + sum(self.above.values())

    def quantile(self, share: float) -> float | None:
        """The value below which `share` (0 to 1) of the values are; none of none."""
        total = self.count
        if total <= 0:
            return None
        rank = share * (total - 1) if total > 1 else 0.0
        seen = 0.0
        for middle, count in self.ascending():
            seen += count
            if seen > rank:
                return middle
        return middle

    def share_below(self, value: float) -> float | None:
        """What share of the values (0 to 1) is at most `value`; none of none. CloudWatch's PR."""
        total = self.count
        if total <= 0:
            return None
        return sum(count for middle, count in self.ascending() if middle <= value * (1 + ACCURACY)) / total

    def ascending(self) -> Iterable[tuple[float, float]]:
        """(value, how often), from the smallest value to the largest."""
        yield from ((-_middle(bucket), self.below[bucket]) for bucket in sorted(self.below, reverse=True))
        if self.zeros:
            yield 0.0, self.zeros
        yield from ((_middle(bucket), self.above[bucket]) for bucket in sorted(self.above))


def sketch_of(values: Mapping[float, float]) -> Sketch:
    """Of values with how often each was seen."""
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    zeros = 0.0
    for value, count in values.items():
        if abs(value) < _SMALLEST:
            zeros += count
        else:
            side = above if value > 0 else below
            bucket = bucket_of(abs(value))
            side[bucket] = side.get(bucket, 0.0) + count
    return Sketch(above=_bounded(above), below=_bounded(below), zeros=zeros)


def merged(sketches: Iterable[Sketch]) -> Sketch:
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    zeros = 0.0
    for one in sketches:
        _add(above, one.above)
        _add(below, one.below)
        zeros += one.zeros
    return Sketch(above=_bounded(above), below=_bounded(below), zeros=zeros)


def bucket_of(size: float) -> int:
    """The bucket of a value above zero."""
    return math.ceil(math.log(size) / _LOG_GROWTH)


def _middle(bucket: int) -> float:
    return 2 * math.exp(bucket * _LOG_GROWTH) / (1 + _GROWTH)


def _add(into: dict[int, float], counts: Mapping[int, float]) -> None:
    for bucket, count in counts.items():
        into[bucket] = into.get(bucket, 0.0) + count


def _bounded(counts: dict[int, float]) -> dict[int, float]:
    if len(counts) <= BUCKETS_MAX:
        return counts
    kept = sorted(counts)
    lowest = kept[-BUCKETS_MAX]
    together = sum(counts.pop(bucket) for bucket in kept[:-BUCKETS_MAX])
    counts[lowest] += together
    return counts
