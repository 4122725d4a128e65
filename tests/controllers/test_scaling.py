"""The scaling controller: what it commits together, and what a control that is cut off leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.store import Transaction
from tidegate.control.store.tables import (
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCHEDULED_ACTIONS,
    SERVICES,
)
from tidegate.domain.ecs import Service
from tidegate.domain.scaling import ScalingActivity
from tidegate.testing.builders import a_service
from tidegate.testing.control import ControlHarness
from tidegate.testing.scaling import RESOURCE, a_scalable_target, an_action


async def steady(service: Service) -> ControlHarness:
    region = ControlHarness()
    await region.found(service)
    await region.until_steady(service)
    return region


def activities(region: ControlHarness) -> list[ScalingActivity]:
    rows = region.store.snapshot.by(SCALING_ACTIVITIES, "target", RESOURCE)
    return sorted(rows, key=lambda row: row.number)


async def test_bounds_that_are_registered_bring_the_service_within_them() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    await region.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))
    assert region.service(service).desired_count == 2
    (activity,) = activities(region)
    assert activity.status_code == "InProgress"
    assert activity.id
    await region.until_steady(service)
    (activity,) = activities(region)
    assert activity.status_code == "Successful"
    assert len(region.tasks()) == 2


async def test_the_count_and_the_activity_are_one_commit() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    region.commits.clear()
    await region.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))
    commit = next(changes for changes in region.commits if any(c.table is SERVICES for c in changes))
    assert {change.table.name for change in commit} >= {"services", "scalable_targets", "scaling_activities"}


async def test_a_schedule_runs_when_it_is_due_and_once() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    due = region.clock.now() + timedelta(seconds=30)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.put(SCHEDULED_ACTIONS, an_action(schedule="rate(1 day)", min_capacity=3, next_at=due))
    await region.after(29)
    assert region.service(service).desired_count == 1
    await region.after(2)
    assert region.service(service).desired_count == 3
    await region.until_steady(service)
    await region.after(60)
    assert [activity.status_code for activity in activities(region)] == ["Successful", "Successful"]


async def test_a_schedule_that_came_due_while_control_was_down_is_neither_lost_nor_doubled() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    due = region.clock.now() + timedelta(seconds=30)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.put(SCHEDULED_ACTIONS, an_action(schedule="rate(1 day)", min_capacity=3, next_at=due))
    region.clock.advance(3600)
    for _ in range(3):
        region.restart()
        await region.driver.settle()
    assert region.service(service).desired_count == 3
    assert len(activities(region)) == 2


async def test_a_service_that_is_gone_is_not_scaled() -> None:
    service = a_service(desired=1)
    region = await steady(service)

    def leave(tx: Transaction) -> None:
        tx.put(SERVICES, replace(service, status="DRAINING", desired_count=0))
        tx.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))

    await region.write(leave)
    assert region.service(service).desired_count == 0
    assert activities(region) == []


@pytest.mark.parametrize("running", [1, 4])
async def test_looking_again_commits_nothing(running: int) -> None:
    service = a_service(desired=running)
    region = await steady(service)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.after(120)
    region.commits.clear()
    region.driver.wake("scaling", RESOURCE)
    await region.driver.settle()
    assert [change for changes in region.commits for change in changes] == []
