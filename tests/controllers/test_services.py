"""Services, end to end over the store: what users read in the events, and what a restart changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.controllers.services import Services
from tidegate.control.decisions.services.history import asked_to_stop
from tidegate.control.decisions.task_protection import protected
from tidegate.control.store import Change
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    SERVICE_DEPLOYMENTS,
    SERVICE_REVISIONS,
    SERVICES,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import Attribute, ContainerInstance, Resources, Service, VersionInfo
from tidegate.testing.builders import (
    GROUP_ARN,
    a_container_instance,
    a_deployment,
    a_service,
    a_target,
    a_task,
    after,
)
from tidegate.testing.control import ControlHarness

WEB = a_service(desired=2)


async def test_a_service_is_started_registered_and_steady_in_awss_words() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    assert named(control.events(WEB)) == [
        "has started 2 tasks: (task A) (task B).",
        f"registered 1 targets in (target-group {GROUP_ARN})",
        f"registered 1 targets in (target-group {GROUP_ARN})",
        "(deployment ecs-svc/1) deployment completed.",
        "has reached a steady state.",
    ]
    zones = {task.availability_zone for task in control.tasks()}
    assert zones == {"us-east-1a", "us-east-1b"}


async def test_a_deployment_of_one_task_goes_one_two_one() -> None:
    one = a_service(desired=1)
    control = ControlHarness()
    await control.found(one, delay=10)
    await control.until_steady(one)
    known = len(control.events(one))
    await deploy(control, one, 2)
    await control.until_steady(one)
    assert named(control.events(one)[known:]) == [
        "has started 1 tasks: (task A).",
        f"registered 1 targets in (target-group {GROUP_ARN})",
        f"deregistered 1 targets in (target-group {GROUP_ARN})",
        "has begun draining connections on 1 tasks.",
        "has stopped 1 running tasks: (task B).",
        "(deployment ecs-svc/2) deployment completed.",
        "has reached a steady state.",
    ]


async def test_a_restart_of_control_changes_nothing() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    control.commits.clear()
    control.restart()
    await control.driver.settle()
    assert control.commits == []


async def test_a_restart_in_the_middle_of_a_start_starts_nothing_twice() -> None:
    control = ControlHarness()
    await control.found(WEB)
    first = [task.arn for task in control.tasks()]
    control.restart()
    await control.driver.settle()
    assert [task.arn for task in control.tasks()] == first
    assert len(first) == 2


async def test_a_service_of_an_older_database_goes_on_and_has_a_history_from_now_on() -> None:
    """It was put without a record."""
    control = ControlHarness()
    await control.found(WEB, delay=10)
    await control.until_steady(WEB)
    assert recorded(control) == [("1", "SUCCESSFUL")]
    await deploy(control, WEB, 2)
    assert recorded(control) == [("1", "SUCCESSFUL"), ("2", "IN_PROGRESS")]
    await control.until_steady(WEB)
    assert recorded(control) == [("1", "SUCCESSFUL"), ("2", "SUCCESSFUL")]
    assert control.store.snapshot.count(SERVICE_REVISIONS) == 2


@pytest.mark.parametrize("seconds", [0, 1, 3])
async def test_a_deployment_that_a_user_stops_rolls_back_whenever_control_dies(seconds: int) -> None:
    control = ControlHarness()
    await control.found(WEB, delay=5)
    await control.until_steady(WEB)
    await deploy(control, WEB, 2)
    for _ in range(seconds):
        await control.obey()
        await control.probe()
        await control.after(1)
    (opened,) = control.store.snapshot.by(SERVICE_DEPLOYMENTS, "open", WEB.arn)
    asked = asked_to_stop(opened, "ROLLBACK", control.clock.now())
    # Acknowledged, and nobody has acted upon it when control dies.
    await control.store.transact(lambda tx: tx.put(SERVICE_DEPLOYMENTS, asked))
    control.restart()
    await control.driver.settle()
    control.restart()
    await control.until_steady(WEB)
    assert recorded(control) == [("1", "SUCCESSFUL"), ("2", "ROLLBACK_SUCCESSFUL")]
    assert control.service(WEB).task_definition_arn.endswith("web:1")
    assert len(control.tasks()) == 2


async def test_a_deployment_that_a_user_aborts_starts_no_more_and_keeps_what_serves() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    await deploy(control, WEB, 2)
    (opened,) = control.store.snapshot.by(SERVICE_DEPLOYMENTS, "open", WEB.arn)
    await control.put(SERVICE_DEPLOYMENTS, asked_to_stop(opened, "ABORT", control.clock.now()))
    assert recorded(control) == [("1", "SUCCESSFUL"), ("2", "STOPPED")]
    known = {task.arn for task in control.tasks()}
    await control.after(5)
    assert {task.arn for task in control.tasks()} <= known
    assert sum(task.last_status == "RUNNING" for task in control.tasks()) == 2


def recorded(control: ControlHarness) -> list[tuple[str, str]]:
    rows = sorted(control.store.snapshot.all(SERVICE_DEPLOYMENTS), key=lambda row: row.created_at)
    return [(row.deployment_id.removeprefix("ecs-svc/"), row.status) for row in rows]


async def test_the_first_time_a_task_is_healthy_is_kept() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    assert all(task.healthy_at is not None for task in control.tasks())


async def test_scale_in_goes_on_by_itself_when_protection_ends() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    for task in control.tasks():
        await control.put(TASKS, protected(task, control.clock.now(), 1))
    await control.put(SERVICES, replace(control.service(WEB), desired_count=1))
    await control.after(59)
    assert [task.desired_status for task in control.tasks()] == ["RUNNING", "RUNNING"]
    assert control.events(WEB)[-1].endswith("unable to scale in due to (reason 1 tasks under protection)")
    await control.after(1)
    assert sorted(task.desired_status for task in control.tasks()) == ["RUNNING", "STOPPED"]


async def test_a_task_whose_container_exits_is_replaced_and_its_target_goes() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    victim = control.tasks()[0]
    await control.report(victim, "STOPPED")
    assert victim.arn not in {task.arn for task in control.tasks()}
    assert len(control.tasks()) == 2
    (target,) = [target for target in control.targets() if target.registered_by == victim.arn]
    assert target.status == "draining"
    await control.probe()
    assert all(target.registered_by != victim.arn for target in control.targets())


async def test_a_task_that_a_user_stops_serves_until_its_replacement_does() -> None:
    one = a_service(desired=1)
    control = ControlHarness()
    await control.found(one, delay=10)
    await control.until_steady(one)
    (task,) = control.tasks()
    await control.put(
        TASKS,
        replace(
            task,
            last_status="DEACTIVATING",
            desired_status="STOPPED",
            stop_code="UserInitiated",
            stopped_reason="Task stopped by user",
        ),
    )
    await control.after(60)
    assert [target.drain_deadline for target in control.targets()] == [None]
    await control.until_steady(one)
    (replacement,) = control.tasks()
    assert replacement.arn != task.arn


async def test_a_service_whose_task_definition_is_gone_is_told_of_as_failing() -> None:
    control = ControlHarness()
    await control.found(WEB)
    await control.until_steady(WEB)
    await control.write(lambda tx: tx.delete(TASK_DEFINITIONS, WEB.task_definition_arn))
    await control.put(SERVICES, replace(WEB, desired_count=3))
    await control.driver.settle()
    failing = control.driver.status["services"].failing
    assert WEB.task_definition_arn in failing[WEB.arn]


async def test_what_finds_no_place_is_told_once_and_placed_when_there_is_room() -> None:
    large = a_service(desired=20, group_arn=None)
    control = ControlHarness()
    await control.found(large)
    await control.after(30)
    assert len(control.tasks()) == 14
    told = [event for event in control.events(large) if "unable to place" in event]
    assert len(told) == 1
    assert told[0].endswith(
        "has insufficient memory available. For more information, see the Troubleshooting section of the "
        "Amazon ECS Developer Guide."
    )


async def test_a_deleted_service_is_inactive_when_its_tasks_are_gone() -> None:
    control = ControlHarness()
    await control.found(WEB, delay=0)
    await control.until_steady(WEB)
    row = control.service(WEB)
    await control.put(SERVICES, replace(row, status="DRAINING", desired_count=0))
    for _ in range(5):
        await control.obey()
        await control.probe()
        await control.after(1)
    assert control.service(WEB).status == "INACTIVE"
    assert control.targets() == []


async def test_tags_are_propagated_from_where_the_service_says() -> None:
    tagged = a_service(desired=1, tags={"team": "shop"}, propagate_tags="SERVICE")
    control = ControlHarness()
    await control.found(tagged)
    (task,) = control.tasks()
    assert dict(task.tags) == {"team": "shop"}


async def test_a_port_with_a_draining_target_is_not_given_out() -> None:
    none = a_service(desired=0, group_arn=None)
    control = ControlHarness()
    await control.found(none)
    for number in (1, 2):
        await control.put(TARGETS, a_target(a_task(0), number, registered_by="arn:of-another-service"))
    await control.put(SERVICES, replace(control.service(none), desired_count=2))
    ports = {port.host_port for task in control.tasks() for port in task.ports}
    assert ports == {32769}


async def test_a_port_with_a_target_of_its_address_is_not_given_out() -> None:
    """Such targets are of groups of type ip, and name no instance."""
    none = a_service(desired=0, group_arn=None)
    control = ControlHarness()
    await control.found(none)
    for number in (1, 2):
        by_address = a_target(a_task(0), number, id=f"127.80.1.{number}", registered_by=None)
        await control.put(TARGETS, by_address)
    await control.put(SERVICES, replace(control.service(none), desired_count=2))
    ports = {port.host_port for task in control.tasks() for port in task.ports}
    assert ports == {32769}


async def deploy(control: ControlHarness, service: Service, number: int) -> None:
    row = control.service(service)
    now = control.clock.now()
    deployment = a_deployment(number, created_at=now, updated_at=now, load_balancers=row.load_balancers)
    former = tuple(replace(d, status="ACTIVE") for d in row.deployments)
    await control.put(
        SERVICES,
        replace(
            row,
            deployments=(deployment, *former),
            task_definition_arn=deployment.task_definition_arn,
            steady_at=None,
        ),
    )


def named(events: list[str]) -> list[str]:
    """The events with tasks called A, B, ... in the order in which they appear."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return "(task " + names.setdefault(match[1], chr(ord("A") + len(names))) + ")"

    return [re.sub(r"\(task ([0-9a-f]{32})\)", name, event) for event in events]


HOST = a_container_instance(1)
READ: list[dict[str, Any]] = [
    {"status": "DRAINING"},
    {"agent_connected": False},
    {"resources": Resources(cpu=1, memory_mib=1)},
    {"attributes": (Attribute(name="rack", value="a"),)},
]
UNREAD: list[dict[str, Any]] = [
    {"version": 7},
    {"tags": {"a": "b"}},
    {"connected_at": after(1), "disconnected_at": after(2)},
    {"version_info": VersionInfo(agent_version="2")},
]


async def woken_by(*changes: tuple[ContainerInstance | None, ContainerInstance | None]) -> list[str]:
    control = ControlHarness()
    await control.found(WEB)
    commit = [Change(CONTAINER_INSTANCES, HOST.arn, old, new) for old, new in changes]
    return list(Services(control.context).keys_to_wake(commit))


@pytest.mark.parametrize("change", READ, ids=str)
async def test_what_plans_read_of_an_instance_wakes_its_clusters_services(change: dict[str, Any]) -> None:
    assert await woken_by((HOST, replace(HOST, **change))) == [WEB.arn]


@pytest.mark.parametrize("change", UNREAD, ids=str)
async def test_what_plans_do_not_read_of_an_instance_wakes_no_service(change: dict[str, Any]) -> None:
    assert await woken_by((HOST, replace(HOST, **change))) == []


async def test_instances_that_come_or_go_wake_their_clusters_services_once() -> None:
    others = [a_container_instance(number) for number in range(2, 50)]
    assert await woken_by((HOST, None), *((None, other) for other in others)) == [WEB.arn]
