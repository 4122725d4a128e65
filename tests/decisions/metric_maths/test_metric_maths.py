"""Metric maths by examples: expressions over a few small series."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.metric_maths import MathsError, TimeSeries, check_queries, results
from tidegate.domain.cloudwatch import Metric, MetricQuery, MetricStat

# 1970-01-05 was a Monday; 12:00.
BEGIN = 4 * 86_400 + 12 * 3600
END = BEGIN + 5 * 60

A = {0: 1.0, 1: 2.0, 2: 3.0, 4: 5.0}
B = {0: 10.0, 1: 0.0, 3: 30.0, 4: 50.0}
EMPTY: dict[int, float] = {}


def evaluated(expression: str, **metrics: Mapping[int, float]) -> list[dict[int, float]]:
    """The results of an expression over series that are given by the minute."""
    given_ = {"a": A, "b": B, "empty": EMPTY} | metrics
    queries = [
        MetricQuery(
            id=id_,
            stat=MetricStat(metric=Metric(namespace="N", name=id_), period=60, statistic="Sum"),
            returns_data=False,
        )
        for id_ in given_
    ]
    queries.append(MetricQuery(id="e", expression=expression))
    check_queries(queries)
    series = {
        id_: TimeSeries(points={BEGIN + 60 * at: point for at, point in points.items()}, period=60, label=id_)
        for id_, points in given_.items()
    }
    found = results(queries, series, begin=BEGIN, end=END)["e"]
    return [{(at - BEGIN) // 60: point for at, point in one.ordered()} for one in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Two series meet where both have a point.
        ("a + b", {0: 11, 1: 2, 4: 55}),
        ("a - 1", {0: 0, 1: 1, 2: 2, 4: 4}),
        ("10 - a", {0: 9, 1: 8, 2: 7, 4: 5}),
        ("a * 2 + 1", {0: 3, 1: 5, 2: 7, 4: 11}),
        ("2 * (a + 1)", {0: 4, 1: 6, 2: 8, 4: 12}),
        ("a / b", {0: 0.1, 4: 0.1}),
        ("1 / (a - 1)", {1: 1, 2: 0.5, 4: 0.25}),
        ("-a", {0: -1, 1: -2, 2: -3, 4: -5}),
        ("2 ^ 3 ^ a", {0: 8, 1: 512, 2: 2**27, 4: 2.0**243}),
        ("a ^ 2", {0: 1, 1: 4, 2: 9, 4: 25}),
        ("a > 1.5", {0: 0, 1: 1, 2: 1, 4: 1}),
        ("a >= 2 AND a < 5", {0: 0, 1: 1, 2: 1, 4: 0}),
        ("a == 1 || a == 5", {0: 1, 1: 0, 2: 0, 4: 1}),
        ("a != 1 && b", {0: 0, 1: 0, 4: 1}),
        ("a <> 1", {0: 0, 1: 1, 2: 1, 4: 1}),
        # Aggregates: of an array a series, of a series a number.
        ("SUM([a, b])", {0: 11, 1: 2, 2: 3, 3: 30, 4: 55}),
        ("AVG([a, b])", {0: 5.5, 1: 1, 2: 3, 3: 30, 4: 27.5}),
        ("MAX([a, b])", {0: 10, 1: 2, 2: 3, 3: 30, 4: 50}),
        ("MIN(a, b)", {0: 1, 1: 0, 2: 3, 3: 30, 4: 5}),
        ("SUM(METRICS())", {0: 11, 1: 2, 2: 3, 3: 30, 4: 55}),
        ('SUM(METRICS("b"))', B),
        ("DATAPOINT_COUNT([a, b])", {0: 2, 1: 2, 2: 1, 3: 1, 4: 2}),
        ("STDDEV([a, b])", {0: 4.5, 1: 1, 2: 0, 3: 0, 4: 22.5}),
        ("a - MIN(a)", {0: 0, 1: 1, 2: 2, 4: 4}),
        ("a / SUM(a)", {0: 1 / 11, 1: 2 / 11, 2: 3 / 11, 4: 5 / 11}),
        ("TIME_SERIES(DATAPOINT_COUNT(a))", dict.fromkeys(range(5), 4.0)),
        ("TIME_SERIES(METRIC_COUNT(METRICS()))", dict.fromkeys(range(5), 3.0)),
        # Each point by itself, or with the one before.
        ("ABS(0 - a)", A),
        ("CEIL(a / 2)", {0: 1, 1: 1, 2: 2, 4: 3}),
        ("FLOOR(a / 2)", {0: 0, 1: 1, 2: 1, 4: 2}),
        ("LOG10(b)", {0: 1, 3: math.log10(30), 4: math.log10(50)}),
        ("LOG(a) / LOG(2)", {0: 0, 1: 1, 2: math.log2(3), 4: math.log2(5)}),
        ("DIFF(a)", {1: 1, 2: 1, 4: 2}),
        ("DIFF_TIME(a)", {1: 60, 2: 60, 4: 120}),
        ("RATE(a)", {1: 1 / 60, 2: 1 / 60, 4: 1 / 60}),
        ("RUNNING_SUM(a)", {0: 1, 1: 3, 2: 6, 4: 11}),
        ("a / PERIOD(a)", {0: 1 / 60, 1: 2 / 60, 2: 3 / 60, 4: 5 / 60}),
        # What is missing.
        ("FILL(a, 0)", {0: 1, 1: 2, 2: 3, 3: 0, 4: 5}),
        ("FILL(a, REPEAT)", {0: 1, 1: 2, 2: 3, 3: 3, 4: 5}),
        ("FILL(a, LINEAR)", {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}),
        ("FILL(a, b)", {0: 1, 1: 2, 2: 3, 3: 30, 4: 5}),
        ("FILL(empty, 7)", dict.fromkeys(range(5), 7.0)),
        ("FILL(empty, REPEAT)", {}),
        ("a + FILL(b, 0)", {0: 11, 1: 2, 2: 3, 4: 55}),
        ("a + empty", {}),
        # Conditions.
        ("IF(a > 2, a)", {2: 3, 4: 5}),
        ("IF(a > 2, a, 0)", {0: 0, 1: 0, 2: 3, 4: 5}),
        ("IF(a > 2, b, a)", {0: 1, 1: 2, 4: 50}),
        ("IF(1 > 2, a, b)", B),
        ("IF(1 > 2, a)", {}),
        # Arrays.
        ("FIRST(METRICS())", A),
        ("LAST([a, b])", B),
        ("SLICE([a, b], 1)", B),
        ("SORT([a, b], MAX, DESC, 1)", B),
        ("REMOVE_EMPTY([empty, b])", B),
        # Of the clock.
        ("MINUTE(a)", {0: 0, 1: 1, 2: 2, 4: 4}),
        ("HOUR(a)", {0: 12, 1: 12, 2: 12, 4: 12}),
        ("DAY(a)", {0: 1, 1: 1, 2: 1, 4: 1}),
        ("DATE(a) + MONTH(a) + YEAR(a)", {0: 1976, 1: 1976, 2: 1976, 4: 1976}),
        ("EPOCH(a)", {at: BEGIN + 60 * at for at in A}),
        ("IF(DAY(a) < 6, a)", A),
        # What target tracking's policies ask for.
        ("a / IF(b > 0, b)", {0: 0.1, 4: 0.1}),
        ("sum(METRICS()) / 2", {0: 5.5, 1: 1, 2: 1.5, 3: 15, 4: 27.5}),
    ],
)
def test_an_expression_has_this_value(expression: str, expected: Mapping[int, float]) -> None:
    assert evaluated(expression) == [pytest.approx(expected)]


def test_arrays_stay_arrays() -> None:
    assert evaluated("[a, b] * 2") == [
        {at: 2 * point for at, point in A.items()},
        {at: 2 * point for at, point in B.items()},
    ]
    assert evaluated("SORT(METRICS(), SUM, ASC)") == [A, B, {}]
    assert evaluated("ABS([a, b])") == [A, B]
    assert evaluated("SLICE(METRICS(), 0, 2)") == [A, B]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "ends too early"),
        ("a +", "ends too early"),
        ("(a", r"'\)' is missing"),
        ("a b", "Unexpected 'b'"),
        ("a $ b", "Unexpected character"),
        ("c", "Undefined variable 'c'"),
        ("FOO(a)", "Unknown function 'FOO'"),
        ("SUM()", "SUM takes 1 to 100 arguments, not 0"),
        ("FILL(a)", "FILL takes 2 to 2"),
        ("FILL(a, SOME)", "Undefined variable 'SOME'"),
        ("FILL(a, ASC)", "does not know how to fill with 'ASC'"),
        ("ANOMALY_DETECTION_BAND(a)", "does not serve the function ANOMALY_DETECTION_BAND"),
        ("SEARCH('x', 'Sum')", "does not serve the function SEARCH"),
        ("[a, b] + [a, b]", "'Array' and 'Array'"),
        ("a + 'x'", "Unsupported operand"),
        ("5", "must be a Time Series"),
        ("SUM(a)", "must be a Time Series"),
        ("MAX(empty)", "no data points"),
        ("FIRST(REMOVE_EMPTY([empty]))", "the array is empty"),
        ("PERIOD(METRICS())", "not a Array"),
        ("a + 1 / 0", "not a number"),
        ("a + LOG(0)", "no value"),
        ("SLICE(METRICS(), 0.5)", "whole number"),
        ("(" * 100 + "a" + ")" * 100, "too deeply"),
        ("-" * 100 + "a", "too deeply"),
        ("^".join(["2"] * 100), "too deeply"),
    ],
)
def test_an_expression_without_a_value_says_why(expression: str, reason: str) -> None:
    with pytest.raises(MathsError, match=reason):
        evaluated(expression)


def test_queries_may_not_go_in_circles() -> None:
    queries = [
        MetricQuery(id="x", expression="y + 1"),
        MetricQuery(id="y", expression="z + 1"),
        MetricQuery(id="z", expression="x + 1"),
    ]
    with pytest.raises(MathsError, match="'x': Circular reference"):
        check_queries(queries)


def test_an_error_names_the_expression_in_which_it_is() -> None:
    queries = [
        MetricQuery(id="inner", expression="MAX(TIME_SERIES(1), 1 / 0)", returns_data=False),
        MetricQuery(id="outer", expression="inner + 1"),
    ]
    check_queries(queries)
    with pytest.raises(MathsError, match="Error in expression 'inner'"):
        results(queries, {}, begin=BEGIN, end=END)


_points = st.dictionaries(st.integers(0, 4), st.floats(-1e6, 1e6), max_size=5)


@given(_points, _points)
def test_sums_and_differences_undo_each_other(a: dict[int, float], b: dict[int, float]) -> None:
    [found] = evaluated("(a + b) - b", a=a, b=b)
    assert found == pytest.approx({at: a[at] for at in a.keys() & b.keys()}, abs=1e-6)


@given(st.text(alphabet="ab12+-*/^()[],. <>=&|'SUMIFL", max_size=40))
def test_any_text_is_a_value_or_an_error_in_words(text: str) -> None:
    with contextlib.suppress(MathsError):
        assert isinstance(evaluated(text), list)


@given(_points)
def test_what_is_filled_has_no_holes_and_loses_nothing(points: dict[int, float]) -> None:
    [found] = evaluated("FILL(a, 0)", a=points)
    assert found.keys() == set(range(5))
    assert points.items() <= found.items()
