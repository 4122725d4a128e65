"""Step scaling: which step, and what it makes of a count."""

from __future__ import annotations

import pytest

from tidegate.control.decisions.scaling.steps import chosen_step, stepped_count
from tidegate.domain.scaling import StepAdjustment, StepConfiguration
from tidegate.domain.scaling.policy import CHANGE, EXACT, PERCENT
from tidegate.testing.scaling import a_step_policy

OUT = ((0, 10, 0), (10, 20, 10), (20, None, 30))
BACK = ((-10, 0, 0), (-20, -10, -10), (None, -20, -30))


def steps(*bounds: tuple[float | None, float | None, int]) -> tuple[StepAdjustment, ...]:
    policy = a_step_policy("steps", *bounds)
    assert policy.step is not None
    return policy.step.steps


@pytest.mark.parametrize(
    ("distance", "adjustment"),
    [(0, 0), (9.9, 0), (10, 10), (19.9, 10), (20, 30), (1e9, 30)],
)
def test_above_the_threshold_the_lower_bound_is_included(distance: float, adjustment: int) -> None:
    step = chosen_step(steps(*OUT), distance)
    assert step is not None
    assert step.adjustment == adjustment


@pytest.mark.parametrize(
    ("distance", "adjustment"),
    [(-0.1, 0), (-9.9, 0), (-10, -10), (-19.9, -10), (-20, -30), (-1e9, -30)],
)
def test_below_the_threshold_the_upper_bound_is_included(distance: float, adjustment: int) -> None:
    step = chosen_step(steps(*BACK), distance)
    assert step is not None
    assert step.adjustment == adjustment


def test_no_step_is_chosen_where_none_is_meant() -> None:
    assert chosen_step(steps((5, None, 1)), 4) is None
    assert chosen_step(steps(*OUT), -1) is None


def make(kind: str, count: int, adjustment: int, magnitude: int | None = None) -> int:
    step = StepAdjustment(lower=0, upper=None, adjustment=adjustment)
    configuration = StepConfiguration(adjustment_type=kind, steps=(step,), min_adjustment_magnitude=magnitude)
    return stepped_count(configuration, step, count)


@pytest.mark.parametrize(("count", "adjustment", "made"), [(4, 2, 6), (4, -3, 1), (1, -5, -4), (4, 0, 4)])
def test_a_change_is_added(count: int, adjustment: int, made: int) -> None:
    assert make(CHANGE, count, adjustment) == made


def test_an_exact_capacity_is_taken_as_it_is() -> None:
    assert make(EXACT, 9, 3) == 3


@pytest.mark.parametrize(
    ("count", "percent", "made"),
    [
        *((10, 10, 11), (11, 30, 14), (14, -10, 13), (13, -30, 10)),
        *((127, 10, 139), (667, -1, 661), (1, 1, 2), (3, -10, 2), (10, 0, 10), (0, 50, 0), (10, -100, 0)),
    ],
)
def test_a_percentage_is_cut_to_whole_tasks_but_never_to_none(count: int, percent: int, made: int) -> None:
    assert make(PERCENT, count, percent) == made


@pytest.mark.parametrize(
    ("count", "percent", "magnitude", "made"), [(4, 25, 2, 6), (4, -25, 2, 2), (100, 25, 2, 125)]
)
def test_a_percentage_moves_the_minimum_magnitude_at_least(
    count: int, percent: int, magnitude: int, made: int
) -> None:
    assert make(PERCENT, count, percent, magnitude) == made


def test_the_worked_example_goes_up_and_down_again() -> None:
    policy_out, policy_in = a_step_policy("out", *OUT, kind=PERCENT), a_step_policy("in", *BACK, kind=PERCENT)
    count, counts = 10, []
    for metric in (60, 70, 40, 30):
        step = (policy_out if metric > 50 else policy_in).step
        assert step is not None
        found = chosen_step(step.steps, metric - 50)
        assert found is not None
        count = stepped_count(step, found, count)
        counts.append(count)
    assert counts == [11, 14, 13, 10]
