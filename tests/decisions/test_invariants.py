"""Each claim about the region holds of a good one and is broken by a bad one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.decisions.invariants import RegionRows, change_faults, faults, is_serving
from tidegate.control.decisions.services import history
from tidegate.domain.ecs import Container, ContainerInstance, Service, ServiceDeployment, Task
from tidegate.domain.elbv2 import Target
from tidegate.testing.builders import (
    GROUP_ARN,
    a_container_instance,
    a_deployment,
    a_group,
    a_service,
    a_target,
    a_task,
    after,
    health_of,
)
from tidegate.testing.scaling import a_scalable_target, an_activity

SERVICE = a_service(desired=2)
(RECORD,) = history.begun(SERVICE, (), "record", after(0))
ONE, TWO = a_task(1, of=SERVICE), a_task(2, of=SERVICE)
STOPPING = replace(ONE, last_status="STOPPING", desired_status="STOPPED", stop_code="UserInitiated")


def test_a_good_region_breaks_nothing() -> None:
    good = rows([ONE, TWO], [a_target(ONE), a_target(TWO)])
    assert faults(recorded(good, RECORD)) == ()
    assert faults(RegionRows(services={SERVICE.arn: replace(SERVICE, status="DRAINING")})) == ()


def recorded(region: RegionRows, *records: ServiceDeployment) -> RegionRows:
    return replace(region, service_deployments={record.arn: record for record in records})


@pytest.mark.parametrize(
    ("broken", "invariant"),
    [
        (lambda: rows([ONE, replace(TWO, ports=ONE.ports)]), "one task per port"),
        (lambda: rows([replace(ONE, memory_mib=984)]), "resources are not over-committed"),
        (lambda: rows([replace(ONE, cpu=1025)]), "resources are not over-committed"),
        (
            lambda: rows([replace(TWO, ports=ONE.ports)], [a_target(ONE, status="draining")]),
            "a port with a target is not given out again",
        ),
        (lambda: rows([], [a_target(ONE)]), "a registered target belongs to a running task"),
        (lambda: rows([STOPPING], [a_target(ONE)]), "a registered target belongs to a running task"),
        (lambda: rows([a_task(1, of=SERVICE, last_status="DEACTIVATING")]), "a draining task has targets"),
        (lambda: rows([a_task(1, last_status="STOPPED")]), "a stopped task says why"),
        (
            lambda: rows([], service=replace(SERVICE, deployments=(a_deployment(), a_deployment(2)))),
            "a service has one PRIMARY deployment",
        ),
        (lambda: rows([a_task(1, of=SERVICE, deployment=9)]), "a live task's deployment is listed"),
        (lambda: rows([]), "a deployment is recorded"),
        (
            lambda: recorded(rows([]), replace(RECORD, status="SUCCESSFUL")),
            "history tells the present",
        ),
        (
            lambda: recorded(rows([]), RECORD, replace(RECORD, arn="older", deployment_id="ecs-svc/0")),
            "one service deployment at a time",
        ),
        (lambda: rows([ONE], instances=[]), "a live task has an instance"),
        (
            lambda: RegionRows(activities={one.id: one for one in (an_activity(1), an_activity(2))}),
            "one activity at a time",
        ),
        (lambda: RegionRows(scalable={"web": a_scalable_target(3, 2)}), "bounds are bounds"),
    ],
)
def test_a_broken_state_is_found(broken: object, invariant: str) -> None:
    assert invariant in {fault.invariant for fault in faults(broken())}  # type: ignore[operator]


def test_a_status_that_the_table_does_not_allow_is_found() -> None:
    back = replace(ONE, last_status="PENDING")
    assert broken_by(rows([ONE]), rows([back])) == {"statuses follow the table"}


def test_a_rewritten_history_is_found() -> None:
    before = recorded(rows([]), replace(RECORD, status="STOPPED"))
    assert broken_by(before, recorded(rows([]), RECORD)) == {"history is not rewritten"}
    assert broken_by(recorded(rows([]), RECORD), before) == set()


def test_a_task_beyond_the_maximum_is_found() -> None:
    service = replace(SERVICE, desired_count=1)
    before = rows([ONE, TWO], service=service)
    third = a_task(3, of=SERVICE, last_status="PENDING")
    assert broken_by(before, rows([ONE, TWO, third], service=service)) == {
        "never more tasks than the maximum"
    }


def test_a_smaller_desired_count_alone_breaks_nothing() -> None:
    smaller = replace(SERVICE, desired_count=0)
    assert broken_by(rows([ONE, TWO]), rows([ONE, TWO], service=smaller)) == set()


def test_a_stop_below_the_minimum_is_found() -> None:
    targets = [a_target(ONE), a_target(TWO)]
    stopped = replace(
        ONE, desired_status="STOPPED", last_status="DEACTIVATING", stop_code="ServiceSchedulerInitiated"
    )
    assert broken_by(rows([ONE, TWO], targets), rows([stopped, TWO], targets)) == {
        "never fewer healthy than the minimum"
    }
    by_user = replace(stopped, stop_code="UserInitiated")
    assert broken_by(rows([ONE, TWO], targets), rows([by_user, TWO], targets)) == set()


def test_a_stop_of_a_protected_task_is_found() -> None:
    service = replace(SERVICE, desired_count=0)
    running = replace(ONE, protected_until=after(1))
    stopped = replace(
        running, desired_status="STOPPED", last_status="STOPPING", stop_code="ServiceSchedulerInitiated"
    )

    def broken(before: Task, following: Task, **more: Any) -> set[str]:
        given = {"service": service, **more}
        return broken_by(rows([before], **given), rows([following], **given))

    assert broken(running, stopped) == {"no protected task is stopped by scale-in or a deployment"}
    assert broken(replace(running, protected_until=after(0)), stopped) == set()
    assert broken(running, replace(stopped, has_failed_checks=True)) == set()
    assert broken(running, replace(stopped, stop_code="UserInitiated")) == set()
    assert broken(running, stopped, service=replace(service, status="DRAINING")) == set()
    assert broken(running, stopped, instances=[replace(a_container_instance(), status="DRAINING")]) == set()


@pytest.mark.parametrize("changes", [{"status": "DRAINING"}, {"agent_connected": False}])
def test_a_task_on_an_instance_that_takes_none_is_found(changes: dict[str, object]) -> None:
    instances = [replace(a_container_instance(), **changes)]
    pending = a_task(1, of=SERVICE, last_status="PENDING")
    before, following = rows([], instances=instances), rows([pending], instances=instances)
    assert broken_by(before, following) == {"tasks start on ready instances"}


def test_a_port_given_out_again_too_soon_is_found() -> None:
    stopped = a_task(1, of=SERVICE, last_status="STOPPED")
    pending = replace(a_task(2, of=SERVICE, last_status="PENDING"), ports=stopped.ports)
    assert broken_by(rows([stopped]), rows([stopped, pending])) == {"a port rests after its task"}


def test_a_stop_before_the_drain_is_found() -> None:
    targets = [a_target(ONE)]
    assert "drain, then stop" in broken_by(rows([ONE], targets), rows([STOPPING], targets))


def test_a_drain_that_is_cut_short_is_found() -> None:
    leaving = a_task(1, of=SERVICE, last_status="DEACTIVATING")
    target = a_target(leaving, status="draining", draining_since=after(-299), drain_deadline=after(0))
    assert broken_by(rows([leaving], [target]), rows([leaving])) == {"a drain lasts its delay"}
    whole = replace(target, draining_since=after(-300))
    assert broken_by(rows([leaving], [whole]), rows([leaving])) == set()


def broken_by(before: RegionRows, following: RegionRows) -> set[str]:
    return {fault.invariant for fault in change_faults(before, following, after(0))}


def rows(
    tasks: Iterable[Task],
    targets: Iterable[Target] = (),
    *,
    service: Service = SERVICE,
    instances: Iterable[ContainerInstance] | None = None,
) -> RegionRows:
    instances = [a_container_instance()] if instances is None else instances
    targets = list(targets)
    return RegionRows(
        services={service.arn: service},
        tasks={task.arn: task for task in tasks},
        instances={row.arn: row for row in instances},
        targets={target.key: target for target in targets},
        health={target.key: health_of(target) for target in targets},
        groups={GROUP_ARN: a_group()},
    )


@pytest.mark.parametrize(
    ("health", "state", "serves"),
    [
        ("HEALTHY", "healthy", True),
        ("UNKNOWN", "healthy", False),
        ("UNHEALTHY", "healthy", False),
        ("HEALTHY", "unhealthy", False),
    ],
)
def test_a_task_with_a_health_check_serves_when_it_and_its_target_are_healthy(
    health: str, state: str, serves: bool
) -> None:
    containers = (
        Container(arn="a", name="app", image="web:1", health_status=health),
        Container(arn="b", name="side", image="side:1"),
    )
    task = replace(ONE, containers=containers)
    target = a_target(task)
    region = replace(
        rows([task], [target]),
        health={target.key: health_of(target, state)},
        checked={task.task_definition_arn: frozenset({"app"})},
    )
    assert is_serving(task, region, after(0)) is serves
