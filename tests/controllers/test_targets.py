"""Targets over the store: refusals told once, deregistrations of users, deleted groups."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.decisions.targets import drain
from tidegate.control.store.tables import TARGET_GROUPS, TARGET_HEALTH, TARGETS
from tidegate.testing.builders import (
    GROUP_ARN,
    VPC,
    a_group,
    a_service,
    a_target,
    a_task,
    ec2_id,
    health_of,
)
from tidegate.testing.control import ControlHarness

WEB = a_service(desired=1)


async def test_an_instance_in_the_wrong_vpc_is_told_once_and_no_target_is_listed() -> None:
    control = ControlHarness()
    await control.found(WEB, vpc_id="vpc-0000000000000000b")
    await control.obey()
    await control.after(120)
    refusals = [event for event in control.events(WEB) if event.startswith("failed to register")]
    instance = ec2_id(1 if control.tasks()[0].availability_zone == "us-east-1a" else 2)
    assert refusals == [
        f"failed to register targets in (target-group {GROUP_ARN}) with (error The following targets are "
        f"not in the target group VPC '{VPC}': '{instance}')"
    ]
    assert control.targets() == []


async def test_a_group_that_is_deleted_under_its_service_is_told_once() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.obey()
    await control.write(lambda tx: tx.delete(TARGET_GROUPS, GROUP_ARN))
    await control.after(120)
    told = [event for event in control.events(WEB) if event.endswith("TARGET GROUP IS NOT FOUND.")]
    assert len(told) == 1


async def test_a_target_that_a_user_deregistered_is_gone_early_where_its_group_says_so() -> None:
    control = ControlHarness()
    await control.found(a_service(desired=0))
    await control.put(TARGET_GROUPS, a_group(tags={"tidegate:drain": "early"}))
    by_hand = replace(a_target(a_task()), registered_by=None, registered_for=None)
    target = drain(by_hand, a_group(delay=300), control.clock.now())
    await control.put(TARGETS, target)
    await control.after(2)
    assert len(control.targets()) == 1
    said = replace(health_of(target, "draining", is_drained=True), reported_at=control.clock.now())
    await control.put(TARGET_HEALTH, said)
    await control.after(1)
    assert control.targets() == []


async def test_a_target_that_a_user_deregistered_is_gone_after_its_drain() -> None:
    control = ControlHarness()
    await control.found(a_service(desired=0))
    by_hand = replace(a_target(a_task()), registered_by=None, registered_for=None)
    await control.put(TARGETS, drain(by_hand, a_group(delay=10), control.clock.now()))
    await control.after(9)
    await control.probe()
    assert len(control.targets()) == 1
    await control.after(1)
    await control.probe()
    assert control.targets() == []
    assert list(control.store.snapshot.all(TARGET_HEALTH)) == []


async def test_targets_go_with_their_group() -> None:
    control = ControlHarness()
    await control.found(a_service(desired=0))
    target = replace(a_target(a_task()), registered_by=None, registered_for=None)
    await control.put(TARGETS, target)
    await control.put(TARGET_HEALTH, health_of(target))
    await control.write(lambda tx: tx.delete(TARGET_GROUPS, GROUP_ARN))
    assert control.targets() == []
    assert list(control.store.snapshot.all(TARGET_HEALTH)) == []
