"""Target tracking: the worked examples of the specification, and properties of the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.scaling.tracking import scaled_in, scaled_out

COUNTS = st.integers(0, 5000)
VALUES = st.floats(0, 1e6)
TARGETS = st.floats(1e-3, 1e6)


@pytest.mark.parametrize(
    ("running", "value", "target", "count"),
    [
        (4, 90, 60, 6),
        (4, 61, 60, 5),
        (0, 10, 60, 1),
        (1, 60.1, 60, 2),
        (3, 0.6, 0.2, 9),
        (5, 1e308, 1e-300, 2**31),
    ],
)
def test_scaling_out_is_proportional_and_adds_a_task_at_least(
    running: int, value: float, target: float, count: int
) -> None:
    assert scaled_out(running, value, target) == count


@pytest.mark.parametrize(
    ("running", "value", "target", "count"),
    [(4, 30, 60, 2), (4, 50, 60, 4), (10, 53, 60, 9), (1, 0, 60, 0), (3, 0.2, 0.3, 2), (10, 6, 60, 1)],
)
def test_scaling_in_leaves_what_keeps_the_metric_at_or_below_the_target(
    running: int, value: float, target: float, count: int
) -> None:
    assert scaled_in(running, value, target) == count


@given(COUNTS, VALUES, TARGETS)
def test_scaling_out_never_removes_and_scaling_in_never_adds(count: int, value: float, target: float) -> None:
    assert scaled_out(count, value, target) > count
    assert scaled_in(count, value, target) <= count


@given(st.integers(1, 5000), VALUES, TARGETS)
def test_after_scaling_in_the_predicted_metric_is_not_above_the_target(
    count: int, value: float, target: float
) -> None:
    remaining = scaled_in(count, value, target)
    if 0 < remaining < count:
        assert value * count / remaining <= target * (1 + 1e-6)
