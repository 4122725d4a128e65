"""Lifecycle tables are total, and every pair of states is either allowed or refused."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tidegate.domain.ecs.lifecycle import (
    SERVICE_DEPLOYMENT_TRANSITIONS,
    TASK_TRANSITIONS,
    IllegalTransitionError,
    ServiceDeploymentStatus,
    TaskStatus,
    advance,
    advance_deployment,
)

PAIRS = list(itertools.product(TaskStatus, TaskStatus))
DEPLOYMENT_PAIRS = list(itertools.product(ServiceDeploymentStatus, ServiceDeploymentStatus))


def test_every_status_has_its_row() -> None:
    assert set(TASK_TRANSITIONS) == set(TaskStatus)
    assert set(SERVICE_DEPLOYMENT_TRANSITIONS) == set(ServiceDeploymentStatus)


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


@pytest.mark.parametrize(("present", "wanted"), DEPLOYMENT_PAIRS)
def test_so_is_one_of_a_service_deployment(
    present: ServiceDeploymentStatus, wanted: ServiceDeploymentStatus
) -> None:
    if wanted is present or wanted in SERVICE_DEPLOYMENT_TRANSITIONS[present]:
        assert advance_deployment(present, wanted) is wanted
    else:
        with pytest.raises(IllegalTransitionError):
            advance_deployment(present, wanted)


@pytest.mark.parametrize(
    ("statuses", "table"),
    [(TaskStatus, TASK_TRANSITIONS), (ServiceDeploymentStatus, SERVICE_DEPLOYMENT_TRANSITIONS)],
)
def test_no_status_leads_back(statuses: Any, table: Any) -> None:
    order = list(statuses)
    for present, following in table.items():
        assert all(order.index(status) > order.index(present) for status in following)
