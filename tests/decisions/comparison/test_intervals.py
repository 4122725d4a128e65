"""Intervals say what the literature says, and hold what they promise to hold as often as they promise."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tidegate.control.decisions.comparison.intervals import (
    Interval,
    above,
    deviations,
    difference,
    quantile,
    rate,
    shared_confidence,
    widened,
)
from tidegate.domain.cloudwatch.sketch import ACCURACY, Sketch, sketch_of

ROUNDS = 600


def test_a_normal_distribution_has_so_much_within_so_many_deviations() -> None:
    assert deviations(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert deviations(0.99) == pytest.approx(2.575829, abs=1e-6)


@pytest.mark.parametrize(
    ("events", "trials", "lower", "upper"),
    # Newcombe, "Two-sided confidence intervals for the single proportion", table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_rates_interval_is_wilsons(events: int, trials: int, lower: float, upper: float) -> None:
    found = rate(events, trials, 0.95)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=5e-5)
    assert found.value == events / trials
    mirrored = rate(trials - events, trials, 0.95)
    assert (mirrored.lower, mirrored.upper) == pytest.approx((1 - upper, 1 - lower), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "lower", "upper"),
    # Newcombe, "Interval estimation for the difference between independent proportions", table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_the_difference_of_two_rates_is_newcombes(
    one: tuple[int, int], other: tuple[int, int], lower: float, upper: float
) -> None:
    found = difference(rate(*one, 0.95), rate(*other, 0.95))
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=5e-5)


def test_a_difference_the_other_way_round_is_its_mirror() -> None:
    one, other = Interval(5, 4, 7), Interval(2, 1, 2.5)
    there, back = difference(one, other, 0.1), difference(other, one, 0.1)
    assert (back.value, back.lower, back.upper) == pytest.approx((-there.value, -there.upper, -there.lower))


def test_what_is_not_known_of_one_side_is_not_known_of_the_difference() -> None:
    assert difference(Interval(5, 4, math.inf), Interval(2, 1, 3)).upper == math.inf
    assert difference(Interval(5, 4, 6), Interval(2, 1, math.inf)).lower == -math.inf


def test_too_few_values_leave_a_high_quantile_open() -> None:
    few = sketch_of({0.01 * n: 1.0 for n in range(1, 41)})
    assert quantile(few, 0.95, 0.95).upper == math.inf
    assert math.isfinite(quantile(few, 0.5, 0.95).upper)
    assert quantile(sketch_of({3.0: 1}), 0.5, 0.95) == Interval(pytest.approx(3.0, rel=0.01), 0.0, math.inf)


@pytest.mark.parametrize(("share", "enough"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)])
def test_a_quantile_has_an_upper_bound_as_soon_as_one_of_the_values_lies_above_it_for_sure(
    share: float, enough: int
) -> None:
    """1 - 0.95 ** 72 is the first that is beyond 0.975."""
    assert quantile(_numbered(enough - 1), share, 0.95).upper == math.inf
    assert quantile(_numbered(enough), share, 0.95).upper == pytest.approx(enough, rel=ACCURACY)


def _numbered(count: int) -> Sketch:
    return sketch_of({float(n): 1.0 for n in range(1, count + 1)})


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.9875, 0.99])
@pytest.mark.parametrize(
    ("count", "chance"),
    [(20, 0.5), (75, 0.5), (200, 0.05), (590, 0.05), (700, 0.05), (400, 0.01), (3200, 0.01)],
)
def test_the_ranks_hold_a_quantile_at_least_as_often_as_they_say(
    count: int, chance: float, confidence: float
) -> None:
    """By how likely each number of values above it is."""
    fewest, most = above(count, chance, confidence)
    held = sum(_binomial(number, count, chance) for number in range(fewest + 1, most + 1))
    # No more certain than they must be, as far as whole numbers and the normal distribution let them.
    assert confidence <= held <= confidence + 0.07


def test_the_ranks_of_a_median_are_those_of_the_tables() -> None:
    """Of a hundred values the 95 % interval of the median reaches from the 40th to the 61st."""
    found = quantile(sketch_of({float(n): 1.0 for n in range(1, 101)}), 0.5, 0.95)
    assert (found.lower, found.upper) == pytest.approx((40, 61), rel=ACCURACY)


def test_an_instruments_error_widens_and_never_below_zero() -> None:
    assert widened(Interval(5, 4, 6), 1) == Interval(5, 3, 7)
    assert widened(Interval(1, 0.5, 2), 1) == Interval(1, 0.0, 3)


def test_claims_share_their_doubt() -> None:
    assert shared_confidence(0.95, 4) == pytest.approx(0.9875)
    assert shared_confidence(0.95, 0) == pytest.approx(0.95)


@pytest.mark.parametrize(("chance", "trials"), [(0.01, 300), (0.1, 1000), (0.5, 40), (0.9, 200)])
def test_a_rates_interval_holds_the_truth_as_often_as_it_says(chance: float, trials: int) -> None:
    """Over all numbers of events that there can be, by how likely each is."""
    held = 0.0
    for events in range(trials + 1):
        found = rate(events, trials, 0.95)
        if found.lower <= chance <= found.upper:
            held += _binomial(events, trials, chance)
    assert held == pytest.approx(0.95, abs=0.02)


def _binomial(events: int, trials: int, chance: float) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(events + 1) - math.lgamma(trials - events + 1)
    return math.exp(ways + events * math.log(chance) + (trials - events) * math.log(1 - chance))


def lognormal(random: Random) -> float:
    return random.lognormvariate(-3, 0.8)


def two_peaks(random: Random) -> float:
    return random.gauss(0.02 if random.random() < 0.9 else 0.5, 0.002)


@pytest.mark.parametrize("draw", [lognormal, two_peaks])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_quantiles_interval_holds_the_truth_as_often_as_it_says(
    draw: Callable[[Random], float], share: float
) -> None:
    random = Random(f"{share}")
    truth = sorted(draw(random) for _ in range(100_000))[int(share * 100_000)]
    held = 0
    for _ in range(ROUNDS):
        found = quantile(sketch_of(Counter(draw(random) for _ in range(200))), share, 0.95)
        held += found.lower * (1 - 2 * ACCURACY) <= truth <= found.upper * (1 + 2 * ACCURACY)
    assert held / ROUNDS >= 0.925
