"""Where what was measured truly lies: intervals that hold it with a given confidence (0 to 1, two-sided).

A rate's interval is Wilson's, which is good for few events and few requests. A quantile's comes from its
order statistics: how many of n values lie below the quantile is binomial, whatever the values' distribution,
so that two ranks hold it. The difference of two measures takes what it needs from each of their intervals
(the square root of the squares of the sides that face each other); of two rates that is Newcombe's method.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from tidegate.domain.cloudwatch.sketch import Sketch

# With so few values expected above a quantile the binomial distribution is summed up; above, a normal one is
# close enough.
_EXACT_MAX = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """`value` is the estimate. `upper` may be infinite: so few were measured that nothing is known of it."""

    value: float
    lower: float
    upper: float


def deviations(confidence: float) -> float:
    """How many standard deviations to both sides hold so much of a normal distribution."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def shared_confidence(confidence: float, claims: int) -> float:
    """What each of several claims needs for all of them together to have this confidence (Bonferroni)."""
    return 1 - (1 - confidence) / max(1, claims)


def rate(events: float, trials: float, confidence: float) -> Interval:
    """Of so many events in so many trials, one at least."""
    z = deviations(confidence)
    found = events / trials
    spread = z * math.sqrt(found * (1 - found) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    middle = found + z * z / (2 * trials)
    # At the ends the formula is exact, its floats are not.
    lower = 0.0 if events == 0 else max(0.0, (middle - spread) / scale)
    upper = 1.0 if events == trials else min(1.0, (middle + spread) / scale)
    return Interval(found, lower, upper)


def quantile(sketch: Sketch, share: float, confidence: float) -> Interval:
    """Of values that are never below zero, one at least; `share` from 0.5 to 1: half or less lies above."""
    count = math.floor(sketch.count) or 1
    fewest, most = above(count, 1 - share, confidence)
    first, last = count - most, count - fewest
    middle = math.floor(share * (count - 1)) + 1
    lower, value, upper = _at_ranks(sketch, (first, middle, last))
    return Interval(value, 0.0 if first < 1 else lower, math.inf if last > count else upper)


def above(count: int, chance: float, confidence: float) -> tuple[int, int]:
    """How many of so many values lie above a quantile, each with this chance: more than the first number,
    which is -1 where it may be that none does, and at most the second."""
    tail = (1 - confidence) / 2
    expected = count * chance
    if expected > _EXACT_MAX:
        reach = deviations(confidence) * math.sqrt(expected * (1 - chance))
        # Outwards: the numbers are whole, and the normal distribution is not quite the binomial one.
        return math.floor(expected - reach) - 1, math.ceil(expected + reach)
    fewest, most = -1, 0
    likely = together = (1 - chance) ** count
    while together < 1 - tail and most < count:
        if together <= tail:
            fewest = most
        likely *= (count - most) / (most + 1) * chance / (1 - chance)
        together += likely
        most += 1
    return fewest, most


def widened(interval: Interval, by: float) -> Interval:
    """For an instrument that is wrong by up to so much, of what is never below zero."""
    return replace(interval, lower=max(0.0, interval.lower - by), upper=interval.upper + by)


def scaled(interval: Interval, by: float) -> Interval:
    """Of so many times the measure."""
    return Interval(interval.value * by, interval.lower * by, interval.upper * by)


def difference(one: Interval, other: Interval, blur: float = 0.0) -> Interval:
    """Of one less the other, both at the same confidence; `blur`: how wrong the instruments may be."""
    found = one.value - other.value
    down = math.hypot(one.value - one.lower, other.upper - other.value)
    up = math.hypot(one.upper - one.value, other.value - other.lower)
    return Interval(found, found - down - blur, found + up + blur)


def _at_ranks(sketch: Sketch, ranks: Sequence[int]) -> Iterable[float]:
    """The values of these ranks, which ascend and count from 1; beyond the ends: the first and the last."""
    found: list[float] = []
    seen, value = 0.0, 0.0
    for value, count in sketch.ascending():
        seen += count
        while len(found) < len(ranks) and seen >= ranks[len(found)]:
            found.append(value)
    return found + [value] * (len(ranks) - len(found))
