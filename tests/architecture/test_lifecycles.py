"""Lifecycle tables are total, and every pair of states is either allowed or refused."""

from __future__ import annotations

import itertools

import pytest

from tidegate.domain.ecs.lifecycle import TASK_TRANSITIONS, IllegalTransitionError, TaskStatus, advance

PAIRS = list(itertools.product(TaskStatus, TaskStatus))


def test_every_status_has_its_row() -> None:
    assert set(TASK_TRANSITIONS) == set(TaskStatus)


def test_every_status_can_reach_stopped() -> None:
    for status in TaskStatus:
        reached, frontier = {status}, {status}
        while frontier:
            frontier = set().union(*(TASK_TRANSITIONS[s] for s in frontier)) - reached
            reached |= frontier
        assert TaskStatus.STOPPED in reached


@pytest.mark.parametrize(("present", "wanted"), PAIRS)
def test_a_transition_is_taken_or_refused_as_the_table_says(present: TaskStatus, wanted: TaskStatus) -> None:
    if wanted is present or wanted in TASK_TRANSITIONS[present]:
        assert advance(present, wanted) is wanted
    else:
        with pytest.raises(IllegalTransitionError):
            advance(present, wanted)


def test_no_status_leads_back() -> None:
    order = list(TaskStatus)
    for present, following in TASK_TRANSITIONS.items():
        assert all(order.index(status) > order.index(present) for status in following)
