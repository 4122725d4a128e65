"""Guards over whole steps of chance: what is good is hardly ever rolled back, what is bad nearly always."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.comparison import GroupSeen
from tidegate.control.decisions.shifts import Observed, linear, plan
from tidegate.domain.cloudwatch.sketch import Sketch, merged, sketch_of
from tidegate.domain.shift import IN_PROGRESS, ROLLED_BACK, STOPPED, SUCCEEDED, Guard, Shift
from tidegate.testing.clock import EPOCH
from tidegate.testing.shifts import NEW, a_shift, errors_below, faster_than, observed, seen, weights

SHIFTS = 120
# Reports of five seconds in a step of a minute.
REPORTS, REQUESTS = 12, 40


def _report(random: Random, errors: float, median: float) -> tuple[int, Sketch]:
    times = Counter(round(random.lognormvariate(0, 0.5) * median, 3) for _ in range(REQUESTS))
    return sum(random.random() < errors for _ in range(REQUESTS)), sketch_of(times)


def _outcome(random: Random, guard: Guard, *, errors: float, median: float) -> str:
    """How a step ends of a group that is so; the baseline fails once in 200 and has a median of 20 ms."""
    shift = a_shift(guard, patience_seconds=1)
    fine, bad, sketches, baselines = 0, 0, list[Sketch](), list[Sketch]()
    for number in range(1, REPORTS + 1):
        more, times = _report(random, errors, median)
        others, other_times = _report(random, 0.005, 0.02)
        bad, fine = bad + more, fine + others
        sketches.append(times)
        baselines.append(other_times)
        found = Observed(
            group=GroupSeen(requests=number * REQUESTS, errors=bad, times=merged(sketches)),
            baseline=GroupSeen(requests=number * REQUESTS, errors=fine, times=merged(baselines)),
        )
        decided = plan(shift, shift.weights, found, EPOCH + timedelta(seconds=5 * number))
        if decided.shift != shift:
            return "passed" if decided.shift.is_open else decided.shift.status
    return "waits"


@pytest.mark.parametrize(
    ("guard", "errors", "median"),
    [
        (errors_below(0.02), 0.005, 0.02),
        (errors_below(0.02, is_relative=True), 0.005, 0.02),
        (faster_than(0.2), 0.005, 0.02),
        (faster_than(0.5, is_relative=True), 0.005, 0.02),
    ],
)
def test_a_group_that_keeps_within_its_limit_is_hardly_ever_rolled_back(
    guard: Guard, errors: float, median: float
) -> None:
    random = Random(str(guard))
    outcomes = Counter(_outcome(random, guard, errors=errors, median=median) for _ in range(SHIFTS))
    assert outcomes[ROLLED_BACK] / SHIFTS <= 0.02
    assert outcomes["passed"] / SHIFTS >= 0.9


@pytest.mark.parametrize(
    ("guard", "errors", "median"),
    [
        (errors_below(0.02), 0.08, 0.02),
        (errors_below(0.02, is_relative=True), 0.1, 0.02),
        (faster_than(0.05), 0.005, 0.04),
        (faster_than(0.5, is_relative=True), 0.005, 0.05),
    ],
)
def test_a_group_that_is_clearly_beyond_it_is_rolled_back_before_its_step_is_over(
    guard: Guard, errors: float, median: float
) -> None:
    random = Random(str(guard))
    outcomes = Counter(_outcome(random, guard, errors=errors, median=median) for _ in range(SHIFTS))
    assert outcomes[ROLLED_BACK] / SHIFTS >= 0.95
    assert outcomes["passed"] == 0


_SEEN = st.builds(
    lambda requests, errors, seconds: observed(seen(requests, requests * errors, seconds=seconds)),
    st.sampled_from([0, 5, 60, 1000]),
    st.sampled_from([0.0, 0.02, 0.5]),
    st.sampled_from([0.01, 0.45, 2.0]),
)


@given(st.lists(st.tuples(st.integers(1, 90), _SEEN), min_size=1, max_size=30))
def test_whatever_is_seen_weights_are_a_steps_or_the_original_and_steps_only_go_on(
    looks: list[tuple[int, Observed]],
) -> None:
    shift: Shift = a_shift(errors_below(0.01), faster_than(0.5), steps=linear(0, 25, 60, 100))
    now = EPOCH
    for seconds, what in looks:
        now += timedelta(seconds=seconds)
        decided = plan(shift, shift.weights, what, now)
        after = decided.shift
        mine = next(one.weight for one in after.weights if one.target_group_arn == NEW)
        assert after.status in (IN_PROGRESS, SUCCEEDED, ROLLED_BACK)
        assert after.status != STOPPED
        assert after.step - shift.step in (0, 1)
        if after.status == ROLLED_BACK:
            assert after.weights == weights(1, 0)
        else:
            assert mine == after.present_step.percent
        assert (after.ended_at is None) == (after.status == IN_PROGRESS)
        if decided.next_look is not None:
            assert decided.next_look > now
        shift = after
        if not shift.is_open:
            break
