"""Tasks: described with what their agents report, listed by filters, stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.store.tables import TASKS
from tidegate.domain.ecs import Container, HealthCheckCommand, NetworkBinding
from tidegate.testing.builders import (
    ARNS,
    CLUSTER,
    a_container_instance,
    a_definition,
    a_service,
    a_target,
    a_task,
    after,
)
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"


def container(name: str = "app", **more: Any) -> Container:
    return Container(arn=f"arn:aws:ecs:container/{name}", name=name, image="web:1", **more)


def described(region: EcsRegion, number: int = 1, **more: Any) -> dict[str, Any]:
    answer = region.call("describe_tasks", cluster=CLUSTER, tasks=[f"{number:032x}"], **more)
    found: dict[str, Any] = answer["tasks"][0]
    return found


def test_a_running_task_shows_what_its_agent_reported(region: EcsRegion) -> None:
    binding = NetworkBinding(bind_ip="127.80.1.1", container_port=5000, host_port=32769)
    running = container(
        last_status="RUNNING", runtime_id="abc", image_digest="sha256:1", network_bindings=(binding,)
    )
    task = a_task(
        containers=(running,), acknowledged_at=after(1), pull_started_at=after(2), started_at=after(3)
    )
    region.put(a_definition(), task)
    found = described(region)
    assert (found["lastStatus"], found["connectivity"]) == ("RUNNING", "CONNECTED")
    times = [found[name] for name in ("connectivityAt", "pullStartedAt", "startedAt")]
    assert times == [after(1), after(2), after(3)]
    shown = found["containers"][0]
    assert shown["networkBindings"] == [
        {"bindIP": "127.80.1.1", "containerPort": 5000, "hostPort": 32769, "protocol": "tcp"}
    ]
    assert (shown["lastStatus"], shown["runtimeId"], shown["imageDigest"]) == ("RUNNING", "abc", "sha256:1")


def test_a_stopped_task_shows_why_and_how_its_containers_ended(region: EcsRegion) -> None:
    ended = container(last_status="STOPPED", exit_code=137, reason="OutOfMemoryError: Container killed")
    task = a_task(
        last_status="STOPPED",
        containers=(ended,),
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        execution_stopped_at=after(8),
        stopping_at=after(9),
        stopped_at=after(10),
    )
    region.put(task)
    found = described(region)
    assert (found["stopCode"], found["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    times = [found[name] for name in ("executionStoppedAt", "stoppingAt", "stoppedAt")]
    assert times == [after(8), after(9), after(10)]
    assert (found["containers"][0]["exitCode"], found["containers"][0]["reason"]) == (
        137,
        "OutOfMemoryError: Container killed",
    )


@pytest.mark.parametrize(
    ("states", "health"),
    [
        (("HEALTHY", "HEALTHY"), "HEALTHY"),
        (("HEALTHY", "UNKNOWN"), "UNKNOWN"),
        (("UNHEALTHY", "UNKNOWN"), "UNHEALTHY"),
    ],
)
def test_a_tasks_health_is_that_of_its_essential_checked_containers(
    region: EcsRegion, states: tuple[str, str], health: str
) -> None:
    definition = a_definition()
    app = replace(definition.containers[0], health_check=HealthCheckCommand(command=("CMD", "true")))
    containers = (app, replace(app, name="b"), replace(app, name="unchecked", health_check=None))
    region.put(
        replace(definition, containers=(*containers, replace(app, name="sidecar", essential=False))),
        a_task(
            containers=(
                container("app", health_status=states[0]),
                container("b", health_status=states[1]),
                container("sidecar", health_status="UNHEALTHY"),
                container("unchecked"),
            )
        ),
    )
    assert described(region)["healthStatus"] == health


def test_a_task_without_health_checks_is_of_unknown_health(region: EcsRegion) -> None:
    region.put(a_definition(), a_task(containers=(container(),)))
    assert described(region)["healthStatus"] == "UNKNOWN"


def test_tags_are_described_only_when_asked_for(region: EcsRegion) -> None:
    region.put(a_task(tags={"team": "a"}))
    assert described(region)["tags"] == []
    assert described(region, include=["TAGS"])["tags"] == [{"key": "team", "value": "a"}]


def test_unknown_tasks_are_missing_and_the_order_is_the_requests(region: EcsRegion) -> None:
    region.put(a_task(1), a_task(2))
    ids = [f"{number:032x}" for number in (2, 9, 1)]
    answer = region.call("describe_tasks", cluster=CLUSTER, tasks=ids)
    assert [task["taskArn"] for task in answer["tasks"]] == [
        ARNS.task(CLUSTER, ids[0]),
        ARNS.task(CLUSTER, ids[2]),
    ]
    assert answer["failures"] == [{"arn": ARNS.task(CLUSTER, ids[1]), "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([], "Tasks cannot be empty."),
        ([f"{number:032x}" for number in range(101)], "Tasks cannot have more than 100 elements."),
        (["abc"], "taskId length should be one of [32,36]"),
        ([ARNS.task("other", "0" * 32)], f"Identifier is for cluster other. Your cluster is {CLUSTER}"),
    ],
)
def test_wrong_names_of_tasks_are_refused(region: EcsRegion, tasks: list[str], message: str) -> None:
    assert region.refusal("describe_tasks", cluster=CLUSTER, tasks=tasks) == (INVALID, message)


def stop(region: EcsRegion, number: int = 1, **more: Any) -> dict[str, Any]:
    answer = region.call("stop_task", cluster=CLUSTER, task=f"{number:032x}", **more)
    found: dict[str, Any] = answer["task"]
    return found


def test_a_stopped_task_says_that_a_user_did_it(region: EcsRegion) -> None:
    region.put(a_task())
    region.clock.advance(5)
    task = stop(region)
    assert (task["desiredStatus"], task["lastStatus"]) == ("STOPPED", "STOPPING")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
    assert (task["stoppingAt"], task["version"]) == (after(5), 2)


def test_a_reason_that_is_given_is_kept(region: EcsRegion) -> None:
    region.put(a_task())
    assert stop(region, reason="too hot")["stoppedReason"] == "too hot"
    region.put(a_task(2))
    refused = region.refusal("stop_task", cluster=CLUSTER, task=f"{2:032x}", reason="x" * 1025)
    assert refused == (INVALID, "reason can have at most 1024 characters.")


def test_a_task_with_targets_drains_before_it_stops(region: EcsRegion) -> None:
    service = a_service()
    task = a_task(of=service)
    region.put(service, task, a_target(task))
    stopped = stop(region)
    assert (stopped["desiredStatus"], stopped["lastStatus"]) == ("STOPPED", "DEACTIVATING")


def test_stopping_again_changes_nothing(region: EcsRegion) -> None:
    region.put(a_task())
    first = stop(region, reason="once")
    region.clock.advance(5)
    assert stop(region, reason="twice") == first


def test_stopping_a_stopped_task_changes_nothing(region: EcsRegion) -> None:
    task = a_task(last_status="STOPPED")
    region.put(task)
    stop(region)
    assert region.row(TASKS, task.arn) == task


def test_an_unknown_task_cannot_be_stopped(region: EcsRegion) -> None:
    refused = region.refusal("stop_task", cluster=CLUSTER, task="f" * 32)
    assert refused == (INVALID, "The referenced task was not found.")


@pytest.fixture
def busy_region(region: EcsRegion) -> EcsRegion:
    """Four tasks: 1 and 2 of a service, 3 by itself on instance 2, 4 stopping."""
    service = a_service()
    region.put(
        service,
        a_task(1, of=service, started_by="ecs-svc/1"),
        a_task(2, of=service, started_by="ecs-svc/1", on=a_container_instance(2)),
        a_task(
            3,
            on=a_container_instance(2),
            started_by="me",
            task_definition_arn=ARNS.task_definition("cron", 7),
        ),
        a_task(4, last_status="STOPPING"),
    )
    return region


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"desiredStatus": "STOPPED"}, [4]),
        ({"desiredStatus": "PENDING"}, []),
        ({"serviceName": "web"}, [1, 2]),
        ({"serviceName": "web", "containerInstance": f"{2:032x}"}, [2]),
        ({"containerInstance": f"{2:032x}"}, [2, 3]),
        ({"family": "cron"}, [3]),
        ({"family": "cr"}, []),
        ({"startedBy": "ecs-svc/1"}, [1, 2]),
        ({"startedBy": "me", "desiredStatus": "STOPPED"}, []),
        ({"launchType": "EC2"}, [1, 2, 3]),
        ({"launchType": "FARGATE"}, []),
    ],
)
def test_tasks_are_listed_by_filters(
    busy_region: EcsRegion, filters: dict[str, str], numbers: list[int]
) -> None:
    arns = busy_region.call("list_tasks", cluster=CLUSTER, **filters)["taskArns"]
    assert arns == [ARNS.task(CLUSTER, f"{number:032x}") for number in numbers]


@pytest.mark.parametrize(
    ("filters", "refused"),
    [
        ({"serviceName": "nope"}, ("ServiceNotFoundException", "Service not found.")),
        ({"cluster": "nope"}, ("ClusterNotFoundException", "Cluster not found.")),
        (
            {"desiredStatus": "GONE"},
            (INVALID, "desiredStatus should be one of [RUNNING,PENDING,STOPPED]"),
        ),
        (
            {"startedBy": "me", "family": "web"},
            (INVALID, "startedBy cannot be combined with other filters."),
        ),
    ],
)
def test_wrong_filters_are_refused(
    busy_region: EcsRegion, filters: dict[str, str], refused: tuple[str, str]
) -> None:
    assert busy_region.refusal("list_tasks", **{"cluster": CLUSTER, **filters}) == refused
