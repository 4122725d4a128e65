"""The state that an evaluation range puts an alarm in: CloudWatch's tables, and what they leave open.

A range is written as in CloudWatch's guide, oldest first: 0 is good, X breaches, - is missing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.alarms import Datapoint, evaluate
from tidegate.control.decisions.alarms.evaluation import TREATMENTS
from tidegate.domain.cloudwatch import MetricStat
from tidegate.testing.alarms import ORDERS, an_alarm

VALUES = {"0": 5.0, "X": 20.0}
A, K, NONE, STAYS = "ALARM", "OK", "INSUFFICIENT_DATA", None


def spans(text: str, samples: float | None = None) -> list[Datapoint | None]:
    """Newest first."""
    return [
        Datapoint(at=60 * at, value=VALUES[sign], samples=samples) if sign in VALUES else None
        for at, sign in reversed(list(enumerate(text.replace(" ", ""))))
    ]


@pytest.mark.parametrize(
    ("range_", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", K, K, K, K),
        ("- - - - 0", K, K, K, K),
        ("- - - - -", NONE, STAYS, A, K),
        ("0 X X - X", A, A, A, A),
        ("- - X - -", A, STAYS, A, K),
        ("- - - - X", STAYS, STAYS, A, K),
        ("- - - X -", STAYS, STAYS, A, K),
        ("- - X X -", A, STAYS, A, K),
        ("- - - X X", STAYS, STAYS, A, K),
        ("- - - X 0", K, K, K, K),
        ("X - - - -", A, STAYS, A, K),
        ("X X X 0 0", K, K, K, K),
        ("0 0 X X X", A, A, A, A),
    ],
)
def test_three_of_three(
    range_: str,
    missing: str | None,
    ignore: str | None,
    breaching: str | None,
    not_breaching: str | None,
) -> None:
    expected = dict(zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True))
    found = {
        treatment: evaluate(an_alarm(treat_missing=treatment), spans(range_)).state
        for treatment in TREATMENTS
    }
    assert found == expected
    assert evaluate(an_alarm(), spans(range_)).state == missing


@pytest.mark.parametrize(
    ("range_", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", A, A, A, A),
        ("0 0 X 0 X", A, A, A, A),
        ("0 - X - -", K, K, A, K),
        ("- - - - 0", K, K, A, K),
        ("- - - X -", A, STAYS, A, K),
        ("- - - - X", STAYS, STAYS, A, K),
        ("- - - X X", A, A, A, A),
        ("X X 0 0 0", K, K, K, K),
        ("X X - 0 0", K, K, K, K),
        ("X - - X 0", A, A, A, A),
    ],
)
def test_two_of_three(
    range_: str,
    missing: str | None,
    ignore: str | None,
    breaching: str | None,
    not_breaching: str | None,
) -> None:
    expected = dict(zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True))
    assert {
        treatment: evaluate(an_alarm(treat_missing=treatment, datapoints_to_alarm=2), spans(range_)).state
        for treatment in TREATMENTS
    } == expected


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", K, K, A),
        ("GreaterThanOrEqualToThreshold", K, A, A),
        ("LessThanThreshold", A, K, K),
        ("LessThanOrEqualToThreshold", A, A, K),
    ],
)
def test_comparisons(comparison: str, below: str, equal: str, above: str) -> None:
    alarm = an_alarm(comparison=comparison, evaluation_periods=1)
    states = [
        evaluate(alarm, [Datapoint(at=0, value=value), None, None]).state for value in (9.0, 10.0, 11.0)
    ]
    assert states == [below, equal, above]


@pytest.mark.parametrize(
    ("statistic", "samples", "is_evaluated"),
    [
        ("p99", 999, False),
        ("p99", 1000, True),
        ("p90", 99, False),
        ("p90", 100, True),
        ("p50", 20, True),
        ("p5", 199, False),
        ("p5", 200, True),
        ("p100", 10**9, False),
        ("Sum", 1, True),
        ("tm99", 1, True),
    ],
)
def test_percentiles_of_few_samples_may_be_ignored(
    statistic: str, samples: float, is_evaluated: bool
) -> None:
    stat = MetricStat(metric=ORDERS, period=60, statistic=statistic)
    range_ = spans("- - X X X", samples)
    assert evaluate(an_alarm(stat=stat, low_samples="evaluate"), range_).state == A
    assert evaluate(an_alarm(stat=stat), range_).state == A
    assert evaluate(an_alarm(stat=stat, low_samples="ignore"), range_).state == (A if is_evaluated else None)


def test_one_datapoint_of_few_samples_is_enough_to_ignore() -> None:
    stat = MetricStat(metric=ORDERS, period=60, statistic="p90")
    few = [replace(point, samples=n) for point, n in zip(spans("XXX"), (1000, 5, 1000), strict=True) if point]
    assert evaluate(an_alarm(stat=stat, low_samples="ignore"), [*few, None, None]).state is None


ranges = st.lists(st.sampled_from("0X-"), min_size=5, max_size=5).map("".join)
treatments = st.sampled_from(TREATMENTS)


@given(ranges, treatments, st.integers(1, 3))
def test_an_alarm_goes_off_only_for_something_bad(range_: str, treatment: str, needed: int) -> None:
    """A good range never alarms, a bad one is never OK, and one with enough data asks nobody."""
    alarm = an_alarm(treat_missing=treatment, datapoints_to_alarm=needed)
    state = evaluate(alarm, spans(range_)).state
    real = range_.replace("-", "")
    if "X" not in real and treatment != "breaching":
        assert state != A
    if len(real) >= 3:
        assert state == (A if real[-3:].count("X") >= needed else K)
    if state is None:
        assert treatment in ("missing", "ignore")
    if state == NONE:
        assert real == ""


@given(ranges, treatments)
def test_one_breach_more_never_ends_an_alarm(range_: str, treatment: str) -> None:
    alarm = an_alarm(treat_missing=treatment, datapoints_to_alarm=2)
    if evaluate(alarm, spans(range_)).state == A:
        for at, sign in enumerate(range_):
            if sign == "0":
                worse = range_[:at] + "X" + range_[at + 1 :]
                assert evaluate(alarm, spans(worse)).state == A
