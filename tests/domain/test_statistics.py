"""CloudWatch's statistics of what is known of many values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.cloudwatch import (
    Summary,
    UnknownStatisticError,
    check_statistic,
    spread,
    statistic,
    value,
)

HUNDRED = spread({float(number): 1.0 for number in range(1, 101)})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p0", 1),
        ("p50", 50),
        ("p99.9", 99),
        ("p100", 100),
        ("tm90", 45.5),
        ("TM(10%:90%)", 50.5),
        ("TM(:50)", 25.5),
        ("TM(90:)", 95.5),
        ("IQM", 50.5),
        ("wm90", 50),
        ("WM(10%:90%)", 50.5),
        ("tc90", 90),
        ("TC(10%:90%)", 80),
        ("TC(:50)", 50),
        ("ts90", 4095),
        ("TS(95:)", 490),
        ("PR(:50)", 50),
        ("PR(50:)", 50),
        ("PR(10:20)", 10),
    ],
)
def test_a_statistic_of_the_numbers_from_1_to_100(name: str, expected: float) -> None:
    assert statistic(HUNDRED, name) == pytest.approx(expected, rel=0.02)


def test_of_values_whose_spread_is_unknown_only_the_simple_ones_are_known() -> None:
    summary = Summary(count=4, sum=10, minimum=1, maximum=4)
    assert statistic(summary, "Average") == 2.5
    assert statistic(summary, "p50") is None
    assert statistic(value(7, 3), "p50") == 7


@pytest.mark.parametrize(
    "name", ["Median", "p101", "p", "pp5", "TM(5)", "PR(5%:10%)", "TM(9%:5)", "TM(9%:5%)", "tm(:)"]
)
def test_names_that_cloudwatch_has_not_are_unknown(name: str) -> None:
    with pytest.raises(UnknownStatisticError):
        check_statistic(name)


_values = st.dictionaries(st.floats(-1e6, 1e6), st.floats(0.5, 100), min_size=1, max_size=30)


@given(_values, st.sampled_from(["p0", "p50", "p99", "tm90", "wm90", "IQM", "TM(10%:90%)", "Average"]))
def test_no_mean_and_no_percentile_is_beyond_what_was_seen(values: dict[float, float], name: str) -> None:
    found = statistic(spread(values), name)
    assert found is not None
    slack = 1e-6 * max(1.0, abs(min(values)), abs(max(values)))
    assert min(values) - slack <= found <= max(values) + slack
