"""Instances over the store: hosts that fall silent, and what is left of those that were deregistered."""

from __future__ import annotations

from dataclasses import replace

import structlog

from tidegate.control.store.tables import CONTAINER_INSTANCES, INSTANCES, TARGETS, TASKS
from tidegate.testing.builders import a_container_instance, a_service, a_target, a_task, ec2_id
from tidegate.testing.control import ControlHarness

WEB = a_service(desired=2)


async def test_the_tasks_of_a_host_that_fell_silent_are_replaced_elsewhere() -> None:
    control = ControlHarness(host_lost_after_seconds=5)
    await control.found(WEB)
    await control.until_steady(WEB)
    row = next(r for r in control.store.snapshot.all(CONTAINER_INSTANCES) if r.ec2_instance_id == ec2_id(1))
    silent = replace(row, agent_connected=False, disconnected_at=control.clock.now())
    await control.put(CONTAINER_INSTANCES, silent)
    await control.after(4)
    assert any(task.container_instance_arn == row.arn for task in control.tasks())
    await control.after(1)
    assert len(control.tasks()) == 2
    assert all(task.container_instance_arn != row.arn for task in control.tasks())
    lost = next(t for t in control.store.snapshot.all(TASKS) if t.last_status == "STOPPED")
    assert lost.stopped_reason == f"Host EC2 (instance {ec2_id(1)}) terminated."
    instance = control.store.snapshot.get(INSTANCES, ec2_id(1))
    assert instance is not None
    assert instance.state == "terminated"
    assert control.store.snapshot.get(CONTAINER_INSTANCES, row.arn) is None


async def test_targets_that_were_registered_by_hand_leave_with_their_lost_host() -> None:
    control = ControlHarness(host_lost_after_seconds=5)
    await control.found(a_service(desired=0))
    by_hand = {"registered_by": None, "registered_for": None}
    lost, kept = (a_target(a_task(number, host_port=8080), number, **by_hand) for number in (1, 2))
    for target in (lost, kept):
        await control.put(TARGETS, target)
    row = a_container_instance(1)
    await control.put(
        CONTAINER_INSTANCES, replace(row, agent_connected=False, disconnected_at=control.clock.now())
    )
    await control.after(4)
    assert [target.status for target in control.targets()] == ["active", "active"]
    await control.after(1)
    assert {target.id: target.status for target in control.targets()} == {
        lost.id: "draining",
        kept.id: "active",
    }


async def test_a_task_without_its_instance_is_found_by_a_look_around() -> None:
    control = ControlHarness()
    await control.put(TASKS, a_task(on=a_container_instance(9)))
    await control.after(61)
    assert control.tasks() == []


async def test_a_broken_invariant_that_lasts_is_an_error_in_the_log() -> None:
    control = ControlHarness()
    await control.found(a_service(desired=0))

    for number in (1, 2):
        await control.put(TASKS, a_task(number, on=a_container_instance(1), host_port=40000))
    with structlog.testing.capture_logs() as logs:
        await control.after(181)
    told = [entry for entry in logs if entry["event"] == "invariant broken"]
    assert [entry["invariant"] for entry in told] == ["one task per port"]
