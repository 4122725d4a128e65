"""Steps go where they were told to, and weights add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.shifts import canary, forwarded, linear, percent_of, with_weights
from tidegate.control.decisions.shifts.steps import weights_at
from tidegate.domain.elbv2 import Action, FixedResponseConfig, WeightedTargetGroup
from tidegate.testing.load_balancers import forward_to
from tidegate.testing.shifts import NEW, OLD, weights


@pytest.mark.parametrize(
    ("present", "step", "last", "percents"),
    [
        (0, 25, 100, [25, 50, 75, 100]),
        (10, 30, 100, [40, 70, 100]),
        (0, 40, 100, [40, 80, 100]),
        (0, 10, 25, [10, 20, 25]),
        (33.3, 50, 100, [83, 100]),
        (90, 100, 100, [100]),
    ],
)
def test_a_linear_shift_goes_on_in_equal_steps(
    present: float, step: int, last: int, percents: list[int]
) -> None:
    found = linear(present, step, 60, last)
    assert [one.percent for one in found] == percents
    assert {one.bake_seconds for one in found} == {60}


@pytest.mark.parametrize(
    ("present", "last", "percents"), [(0, 100, [10, 100]), (10, 100, [100]), (5, 50, [10, 50])]
)
def test_a_canary_is_a_small_step_and_the_whole(present: float, last: int, percents: list[int]) -> None:
    assert [one.percent for one in canary(present, 10, 60, last)] == percents


def test_a_groups_percentage_is_its_part_of_all_weights() -> None:
    assert percent_of(weights(3, 1), NEW) == 25
    assert percent_of(weights(0, 0), NEW) == 0


def test_two_groups_share_a_hundred() -> None:
    assert weights_at(30, weights(9, 1), NEW, OLD) == weights(70, 30)
    assert weights_at(100, weights(9, 1), NEW, OLD) == weights(0, 100)


def test_others_without_any_weight_leave_the_rest_to_the_baseline() -> None:
    assert weights_at(30, weights(0, 1), NEW, OLD) == weights(70, 30)


@given(st.integers(0, 100), st.lists(st.integers(0, 999), min_size=2, max_size=5))
def test_weights_add_up_to_a_hundred_and_keep_the_others_proportion(percent: int, given: list[int]) -> None:
    original = tuple(
        WeightedTargetGroup(target_group_arn=f"group-{number}", weight=weight)
        for number, weight in enumerate(given)
    )
    found = weights_at(percent, original, "group-0", "group-1")
    assert [one.target_group_arn for one in found] == [one.target_group_arn for one in original]
    assert sum(one.weight for one in found) == 100
    assert found[0].weight == percent
    rest = sum(given[1:])
    for before, after in zip(original[1:], found[1:], strict=True):
        if rest:
            assert abs(after.weight - (100 - percent) * before.weight / rest) < 1


def test_weights_are_replaced_and_nothing_else_is() -> None:
    login = Action(type="authenticate-oidc", order=1)
    actions = (login, forward_to(OLD, NEW, stickiness_enabled=True, stickiness_duration_seconds=60))
    changed = with_weights(actions, weights(60, 40))
    assert forwarded(changed) == weights(60, 40)
    assert changed[0] is login
    assert changed[1].forward is not None
    assert changed[1].forward.stickiness_duration_seconds == 60
    assert with_weights(changed, forwarded(actions)) == actions


def test_an_action_that_answers_itself_forwards_to_nobody() -> None:
    answer = Action(type="fixed-response", fixed_response=FixedResponseConfig(status_code="503"))
    assert forwarded((answer,)) == ()
