"""A shift goes step by step while its guards hold, back when one is broken, and never over a user's head."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tidegate.control.decisions.shifts import (
    ShiftPlan,
    Window,
    baselines,
    begin,
    newest,
    plan,
    stopped,
    whole_step,
)
from tidegate.domain.shift import IN_PROGRESS, ROLLED_BACK, STOPPED, SUCCEEDED, Shift, ShiftStep
from tidegate.testing.builders import ARNS
from tidegate.testing.clock import EPOCH
from tidegate.testing.shifts import OLD, a_shift, errors_below, faster_than, observed, seen, weights

GUARDS = (errors_below(0.01), faster_than(0.5))
GOOD, BAD, NOTHING = observed(seen(1000)), observed(seen(1000, 100)), observed(seen(0))


def after(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def decided(shift: Shift, seconds: float, what: Any = GOOD, present: Any = "as it is") -> ShiftPlan:
    found = shift.weights if present == "as it is" else present
    return plan(shift, found, what, after(seconds))


def test_a_shift_begins_with_its_first_step() -> None:
    found = begin(a_shift(weights=weights(1, 0)), EPOCH)
    assert found.weights == found.shift.weights == weights(75, 25)
    assert [event.text for event in found.shift.events] == ["step 1 of 2: 25 % of the requests"]


def test_a_step_bakes_however_well_its_guards_read() -> None:
    shift = a_shift(*GUARDS)
    found = decided(shift, 59)
    assert (found.shift, found.weights, found.reason) == (shift, None, "the step bakes")
    assert found.next_look == after(60)


@pytest.mark.parametrize(("bake", "seconds"), [(10, 2), (60, 2), (300, 5), (86_400, 15)])
def test_long_steps_are_looked_at_less_often(bake: int, seconds: int) -> None:
    shift = a_shift(*GUARDS, steps=(ShiftStep(percent=25, bake_seconds=bake),))
    assert decided(shift, 1).next_look == after(1 + seconds)


def test_without_guards_time_alone_moves_it_on() -> None:
    assert decided(a_shift(), 10, NOTHING).next_look == after(60)
    assert decided(a_shift(), 60, NOTHING).weights == weights(0, 100)


def test_the_next_step_comes_when_all_guards_hold() -> None:
    found = decided(a_shift(*GUARDS), 60)
    assert found.weights == weights(0, 100)
    assert (found.shift.step, found.shift.step_began_at, found.shift.status) == (1, after(60), IN_PROGRESS)
    assert found.shift.events[-1].text == (
        "step 2 of 2: 100 % of the requests: error rate 0 % in 1000 requests (limit 1 %); "
        "p95 20 ms in 1000 requests (limit 500 ms)"
    )


def test_the_last_step_bakes_too_and_then_it_has_succeeded() -> None:
    last = replace(a_shift(*GUARDS), step=1, weights=weights(0, 100))
    assert decided(last, 59).shift.is_open
    found = decided(last, 60)
    assert (found.shift.status, found.weights, found.next_look) == (SUCCEEDED, None, None)
    assert found.shift.weights == weights(0, 100)
    assert found.shift.ended_at == after(60)


@pytest.mark.parametrize("step", [0, 1])
def test_a_broken_guard_rolls_back_at_once(step: int) -> None:
    shift = replace(a_shift(*GUARDS), step=step)
    found = decided(shift, 5, BAD)
    assert found.weights == found.shift.weights == weights(1, 0)
    assert found.shift.status == ROLLED_BACK
    assert "a guard is broken at" in found.reason
    assert "error rate 10 % in 1000 requests (limit 1 %)" in found.reason
    assert found.shift.events[-1].text == f"rolled back: {found.reason}"


def test_too_little_data_is_neither_good_nor_bad() -> None:
    shift = a_shift(*GUARDS)
    found = decided(shift, 200, NOTHING)
    assert (found.shift, found.weights) == (shift, None)
    assert "not enough data" in found.reason
    assert found.next_look == after(202)


def test_data_that_comes_late_lets_it_go_on() -> None:
    assert decided(a_shift(*GUARDS), 300, GOOD).shift.step == 1


def test_patience_ends_and_then_it_goes_back() -> None:
    shift = a_shift(*GUARDS)
    assert decided(shift, 359, NOTHING).next_look == after(360)
    found = decided(shift, 360, NOTHING)
    assert (found.shift.status, found.weights) == (ROLLED_BACK, weights(1, 0))
    assert found.reason.startswith(
        "no certainty within 300 s after the step's time: error rate: not enough data"
    )


def test_an_uncertain_guard_is_waited_for() -> None:
    found = decided(a_shift(*GUARDS), 61, observed(seen(100, 2)))
    assert found.shift.is_open
    assert "too few to be certain" in found.reason


@pytest.mark.parametrize("what", [GOOD, BAD])
def test_who_else_changes_the_weights_ends_the_shift_and_keeps_them(what: Any) -> None:
    found = decided(a_shift(*GUARDS), 5, what, weights(50, 50))
    assert (found.shift.status, found.weights) == (STOPPED, None)
    assert found.reason == "somebody else changed the weights: 50/50 instead of 75/25"


def test_a_rule_that_lost_the_group_ends_it() -> None:
    other = replace(weights(1, 1)[1], target_group_arn=ARNS.target_group("other", "f" * 16))
    found = decided(a_shift(), 5, GOOD, (weights(1, 1)[0], other))
    assert (found.shift.status, found.weights) == (STOPPED, None)
    assert found.reason == "the rule no longer forwards to the target group"


def test_a_rule_that_is_gone_ends_it() -> None:
    found = decided(a_shift(), 5, GOOD, None)
    assert (found.shift.status, found.reason, found.weights) == (STOPPED, "the rule is gone", None)


@pytest.mark.parametrize(
    ("rolls_back", "status", "written"), [(True, ROLLED_BACK, weights(1, 0)), (False, STOPPED, None)]
)
def test_a_user_stops_it_where_it_is_or_back(rolls_back: bool, status: str, written: Any) -> None:
    found = stopped(a_shift(), weights(75, 25), after(1), rolls_back=rolls_back)
    assert (found.shift.status, found.weights) == (status, written)


def test_a_roll_back_by_the_user_spares_what_somebody_else_wrote() -> None:
    found = stopped(a_shift(), weights(50, 50), after(1), rolls_back=True)
    assert (found.shift.status, found.weights) == (STOPPED, None)


def test_what_is_over_stays_over() -> None:
    over = decided(a_shift(), 5, GOOD, None).shift
    assert decided(over, 1000, BAD) == ShiftPlan(
        shift=over, weights=None, next_look=None, reason="it is over"
    )


@pytest.mark.parametrize("what", [GOOD, BAD, NOTHING])
def test_planning_again_at_the_same_instant_changes_nothing_more(what: Any) -> None:
    shift = a_shift(*GUARDS)
    for seconds in (0, 30, 60, 90, 400, 500):
        shift = decided(shift, seconds, what).shift
        again = decided(shift, seconds, NOTHING)
        assert (again.shift, again.weights) == (shift, None)


def test_the_window_does_not_reach_beyond_the_step() -> None:
    assert newest(a_shift(window_seconds=60), after(10)) == Window(begin=EPOCH, end=after(10))
    assert newest(a_shift(window_seconds=60), after(100)) == Window(begin=after(40), end=after(100))


def test_too_few_requests_in_the_window_widen_it_to_the_whole_step() -> None:
    shift = a_shift(window_seconds=60, requests_min=50)
    window = newest(shift, after(100))
    assert whole_step(shift, seen(49), window) == Window(begin=EPOCH, end=after(100))
    assert whole_step(shift, seen(50), window) is None
    assert whole_step(shift, seen(0), newest(shift, after(60))) is None


def test_the_baseline_is_looked_at_in_the_same_time_or_before_a_step_that_leaves_it_nothing() -> None:
    window = newest(a_shift(), after(10))
    assert baselines(a_shift(), window) == window
    last = a_shift(step=1, weights=weights(0, 100), baseline_arn=OLD, window_seconds=60)
    assert baselines(last, window) == Window(begin=after(-60), end=EPOCH)
