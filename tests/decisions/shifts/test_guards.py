"""Guards are broken for certain, or hold on enough requests, or say that they do not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.decisions.shifts import Observed, readings
from tidegate.control.decisions.shifts.guards import (
    BREACHED,
    HOLDS,
    NOT_ENOUGH_DATA,
    UNCERTAIN,
    Reading,
    worst,
)
from tidegate.domain.shift import Guard
from tidegate.testing.shifts import a_shift, errors_below, faster_than, observed, seen

FEW_ERRORS, FAST = errors_below(0.01), faster_than(0.5)
NO_WORSE, NO_SLOWER = errors_below(0.01, is_relative=True), faster_than(0.5, is_relative=True)


def reading(guard: Guard, what: Observed, **more: Any) -> Reading:
    (found,) = readings(a_shift(guard, **more), what)
    return found


@pytest.mark.parametrize(
    ("guard", "requests", "errors", "seconds", "state"),
    [
        (FEW_ERRORS, 1000, 0, 0.02, HOLDS),
        (FEW_ERRORS, 1000, 10, 0.02, HOLDS),
        # Two in a hundred may well be one in a hundred.
        (FEW_ERRORS, 100, 2, 0.02, UNCERTAIN),
        (FEW_ERRORS, 1000, 50, 0.02, BREACHED),
        # A handful proves nothing, unless all of it fails.
        (FEW_ERRORS, 10, 1, 0.02, NOT_ENOUGH_DATA),
        (FEW_ERRORS, 2, 2, 0.02, NOT_ENOUGH_DATA),
        (FEW_ERRORS, 3, 3, 0.02, BREACHED),
        (FEW_ERRORS, 49, 0, 0.02, NOT_ENOUGH_DATA),
        (FEW_ERRORS, 50, 0, 0.02, HOLDS),
        (FEW_ERRORS, 0, 0, 0.02, NOT_ENOUGH_DATA),
        (FAST, 1000, 0, 0.4, HOLDS),
        (FAST, 1000, 0, 0.6, BREACHED),
        (FAST, 9, 0, 0.6, NOT_ENOUGH_DATA),
        (FAST, 12, 0, 0.6, BREACHED),
        (FAST, 49, 0, 0.4, NOT_ENOUGH_DATA),
        # Compared with the baseline's none and 20 ms.
        (NO_WORSE, 1000, 8, 0.02, HOLDS),
        (NO_WORSE, 1000, 60, 0.02, BREACHED),
        (NO_SLOWER, 1000, 0, 0.025, HOLDS),
        (NO_SLOWER, 1000, 0, 0.04, BREACHED),
    ],
)
def test_a_guard_reads(guard: Guard, requests: int, errors: int, seconds: float, state: str) -> None:
    assert reading(guard, observed(seen(requests, errors, seconds=seconds))).state == state


def test_a_slow_tenth_breaks_a_p95_and_not_a_p50() -> None:
    slow = observed(seen(1000, seconds=0.02, slow=0.8, share=0.1))
    assert reading(faster_than(0.5, "p95"), slow).state == BREACHED
    assert reading(faster_than(0.5, "p50"), slow).state == HOLDS


@pytest.mark.parametrize("guard", [NO_WORSE, NO_SLOWER])
def test_against_a_baseline_without_traffic_nothing_can_be_said(guard: Guard) -> None:
    found = reading(guard, observed(seen(1000, 500, seconds=3), seen(0)))
    assert (found.state, found.limit, found.baseline) == (NOT_ENOUGH_DATA, None, None)
    assert "and the baseline 0" in found.text


def test_a_reading_says_what_was_measured_and_what_it_may_be() -> None:
    found = reading(FEW_ERRORS, observed(seen(1000, 50)))
    assert (found.value, found.limit, found.requests) == (0.05, 0.01, 1000)
    assert found.text == "error rate 5 % in 1000 requests (limit 1 %)"
    found = reading(NO_SLOWER, observed(seen(1000, seconds=0.1)))
    assert found.text == "p95 99 ms in 1000 requests (limit 30 ms, by the baseline)"
    found = reading(FAST, observed(seen(3)))
    assert found.text == "p95: not enough data, it had 3 of the 50 requests needed"


def test_a_group_that_never_answers_is_broken_by_its_errors_and_not_enough_for_its_times() -> None:
    silent = observed(seen(0))
    assert reading(FAST, silent).state == NOT_ENOUGH_DATA


def test_a_group_that_fell_silent_holds_nothing_and_is_still_broken_by_what_it_did() -> None:
    good, bad = (replace(observed(seen(1000, errors)), is_silent=True) for errors in (0, 50))
    assert reading(FEW_ERRORS, good).state == NOT_ENOUGH_DATA
    assert reading(FEW_ERRORS, bad).state == BREACHED


def test_the_worst_decides() -> None:
    shift = a_shift(FEW_ERRORS, FAST)
    assert worst(readings(shift, observed(seen(1000)))) is None
    decisive = worst(readings(shift, observed(seen(1000, 2, seconds=0.9))))
    assert decisive is not None
    assert (decisive.guard, decisive.state) == (FAST, BREACHED)
    assert worst(()) is None
