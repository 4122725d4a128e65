"""Container instances: what is registered and what remains, draining, deregistering."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import Attribute, VersionInfo
from tidegate.testing.builders import (
    ARNS,
    BEFORE,
    CLUSTER,
    a_container_instance,
    a_definition,
    a_task,
    ec2_id,
)
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"
ONE = ARNS.container_instance(CLUSTER, f"{1:032x}")
TWO = ARNS.container_instance(CLUSTER, f"{2:032x}")


def described(region: EcsRegion, **more: Any) -> dict[str, Any]:
    answer = region.call("describe_container_instances", cluster=CLUSTER, containerInstances=[ONE], **more)
    found: dict[str, Any] = answer["containerInstances"][0]
    return found


def resources(cpu: int, memory: int, *ports: str) -> list[dict[str, Any]]:
    unused = {"doubleValue": 0.0, "longValue": 0}
    return [
        {"name": "CPU", "type": "INTEGER", **unused, "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", **unused, "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", **unused, "integerValue": 0, "stringSetValue": list(ports)},
        {"name": "PORTS_UDP", "type": "STRINGSET", **unused, "integerValue": 0, "stringSetValue": []},
    ]


def test_an_instance_shows_its_agent_its_attributes_and_its_resources(region: EcsRegion) -> None:
    attributes = (Attribute(name="ecs.os-type", value="linux"), Attribute(name="rack"))
    versions = VersionInfo(agent_version="1.0", agent_hash="abc", docker_version="DockerVersion: 24")
    region.put(a_container_instance(1, attributes=attributes, version_info=versions, tags={"a": "b"}))
    assert described(region) == {
        "containerInstanceArn": ONE,
        "ec2InstanceId": ec2_id(1),
        "version": 1,
        "versionInfo": {
            "agentVersion": "1.0",
            "agentHash": "abc",
            "dockerVersion": "DockerVersion: 24",
        },
        "remainingResources": resources(1024, 983, "22", "2375"),
        "registeredResources": resources(1024, 983, "22", "2375"),
        "status": "ACTIVE",
        "agentConnected": True,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "attributes": [{"name": "ecs.os-type", "value": "linux"}, {"name": "rack"}],
        "registeredAt": BEFORE,
        "attachments": [],
        "tags": [],
    }
    assert described(region, include=["TAGS"])["tags"] == [{"key": "a", "value": "b"}]
    health = described(region, include=["CONTAINER_INSTANCE_HEALTH"])["healthStatus"]
    assert health == {"overallStatus": "INSUFFICIENT_DATA", "details": []}


def test_what_remains_is_what_no_live_task_has_and_dynamic_ports_are_not_listed(region: EcsRegion) -> None:
    region.put(
        a_definition(1),
        a_definition(2, host_port=8080),
        a_task(1),
        a_task(2, deployment=2, host_port=8080, last_status="PENDING"),
        a_task(3, last_status="STOPPING"),
        a_task(4, last_status="STOPPED"),
    )
    found = described(region)
    assert found["remainingResources"] == resources(1024 - 3 * 128, 983 - 3 * 128, "22", "2375", "8080")
    assert found["registeredResources"] == resources(1024, 983, "22", "2375")
    assert (found["runningTasksCount"], found["pendingTasksCount"]) == (1, 1)


def test_unknown_instances_are_missing(region: EcsRegion) -> None:
    answer = region.call(
        "describe_container_instances", cluster=CLUSTER, containerInstances=["f" * 32, TWO.rsplit("/", 1)[1]]
    )
    assert [row["containerInstanceArn"] for row in answer["containerInstances"]] == [TWO]
    assert answer["failures"] == [{"arn": ARNS.container_instance(CLUSTER, "f" * 32), "reason": "MISSING"}]


def test_describing_nothing_is_refused(region: EcsRegion) -> None:
    refused = region.refusal("describe_container_instances", cluster=CLUSTER, containerInstances=[])
    assert refused == ("ClientException", "Container Instances cannot be empty.")


def listed(region: EcsRegion, **filters: Any) -> list[str]:
    found: list[str] = region.call("list_container_instances", cluster=CLUSTER, **filters)[
        "containerInstanceArns"
    ]
    return found


def test_instances_are_listed_by_status(region: EcsRegion) -> None:
    region.put(a_container_instance(2, status="DRAINING"), a_container_instance(3, status="INACTIVE"))
    assert listed(region) == [ONE, TWO]
    assert listed(region, status="ACTIVE") == [ONE]
    assert listed(region, status="DRAINING") == [TWO]


def test_instances_are_listed_by_an_expression(region: EcsRegion) -> None:
    rack = Attribute(name="rack", value="r1")
    region.put(a_container_instance(1, attributes=(rack,)), a_task(1), a_task(2, on=a_container_instance(2)))
    region.put(a_task(3, on=a_container_instance(2), group="service:web"))
    assert listed(region, filter="attribute:rack == r1") == [ONE]
    assert listed(region, filter="task:group == service:web") == [TWO]
    assert listed(region, filter="runningTasksCount > 1 or attribute:rack exists") == [ONE, TWO]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"filter": "attribute:rack =="}, "Invalid expression: a value is missing at the end"),
        (
            {"status": "GONE"},
            "Container instance status should be one of [ACTIVE, DRAINING, REGISTERING, DEREGISTERING, "
            "REGISTRATION_FAILED]",
        ),
    ],
)
def test_wrong_filters_are_refused(region: EcsRegion, filters: dict[str, str], message: str) -> None:
    refused = region.refusal("list_container_instances", cluster=CLUSTER, **filters)
    assert refused == (INVALID, message)


def drain(region: EcsRegion, *instances: str, status: str = "DRAINING") -> dict[str, Any]:
    return region.call(
        "update_container_instances_state",
        cluster=CLUSTER,
        containerInstances=list(instances),
        status=status,
    )


def test_an_instance_drains_and_comes_back(region: EcsRegion) -> None:
    answer = drain(region, ONE)["containerInstances"][0]
    assert (answer["status"], answer["version"]) == ("DRAINING", 2)
    assert drain(region, ONE)["containerInstances"][0]["version"] == 2
    answer = drain(region, ONE, status="ACTIVE")["containerInstances"][0]
    assert (answer["status"], answer["version"]) == ("ACTIVE", 3)


def test_instances_that_cannot_drain_are_failures(region: EcsRegion) -> None:
    region.put(a_container_instance(2, status="INACTIVE"))
    answer = drain(region, ONE, TWO, "f" * 32)
    assert [row["containerInstanceArn"] for row in answer["containerInstances"]] == [ONE]
    assert answer["failures"] == [
        {"arn": TWO, "reason": "INACTIVE"},
        {"arn": ARNS.container_instance(CLUSTER, "f" * 32), "reason": "MISSING"},
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"status": "INACTIVE"}, "Container instance status should be one of [ACTIVE, DRAINING]"),
        ({"containerInstances": [ONE] * 11}, "Container Instances cannot have more than 10 elements."),
    ],
)
def test_other_states_are_refused(region: EcsRegion, parameters: dict[str, Any], message: str) -> None:
    wanted = {"cluster": CLUSTER, "containerInstances": [ONE], "status": "DRAINING", **parameters}
    assert region.refusal("update_container_instances_state", **wanted) == (INVALID, message)


def test_an_empty_instance_is_deregistered(region: EcsRegion) -> None:
    region.put(a_task(1, last_status="STOPPED"))
    answer = region.call("deregister_container_instance", cluster=CLUSTER, containerInstance=ONE)
    assert answer["containerInstance"]["status"] == "INACTIVE"
    assert region.store.snapshot.get(CONTAINER_INSTANCES, ONE) is None
    assert listed(region) == [TWO]


def test_an_instance_with_tasks_is_deregistered_only_by_force(region: EcsRegion) -> None:
    task = a_task(1)
    region.put(task)
    refused = region.refusal("deregister_container_instance", cluster=CLUSTER, containerInstance=ONE)
    assert refused == (INVALID, "Found running tasks on the instance.")
    region.call("deregister_container_instance", cluster=CLUSTER, containerInstance=ONE, force=True)
    stopped = region.row(TASKS, task.arn)
    assert stopped.last_status == "STOPPED"
    assert stopped.stopped_reason == "Container instance deregistration forced by user"


def test_an_unknown_instance_cannot_be_deregistered(region: EcsRegion) -> None:
    refused = region.refusal("deregister_container_instance", cluster=CLUSTER, containerInstance="f" * 32)
    assert refused == (INVALID, "Container instance not found.")


def test_an_instance_of_another_cluster_is_refused(region: EcsRegion) -> None:
    other = ARNS.container_instance("other", "f" * 32)
    refused = region.refusal("describe_container_instances", cluster=CLUSTER, containerInstances=[other])
    assert refused == (INVALID, f"Identifier is for cluster other. Your cluster is {CLUSTER}")
