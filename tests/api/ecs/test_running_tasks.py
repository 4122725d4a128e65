"""RunTask and StartTask: places, reasons where there are none, overrides, and requests that repeat."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.store.tables import TASKS
from tidegate.testing.builders import ARNS, CLUSTER, a_cluster, a_container_instance, a_task
from tidegate.testing.ecs import WEB, EcsRegion, an_able_instance

INVALID = "InvalidParameterException"
FIXED = {**WEB, "portMappings": [{"containerPort": 5000, "hostPort": 5000}]}
ONE = ARNS.container_instance(CLUSTER, f"{1:032x}")
TWO = ARNS.container_instance(CLUSTER, f"{2:032x}")


@pytest.fixture
def region(region: EcsRegion) -> EcsRegion:
    region.registered()
    return region


def run(region: EcsRegion, **changes: Any) -> dict[str, Any]:
    return region.call("run_task", **{"cluster": CLUSTER, "taskDefinition": "web", **changes})


def refusal(region: EcsRegion, **changes: Any) -> tuple[str, str]:
    return region.refusal("run_task", **{"cluster": CLUSTER, "taskDefinition": "web", **changes})


def test_a_task_starts_as_pending_in_its_place(region: EcsRegion) -> None:
    answer = run(region, startedBy="ECS Deploy")
    task = answer["tasks"][0]
    task_id = task["taskArn"].rsplit("/", 1)[1]
    assert answer["failures"] == []
    assert len(task_id) == 32
    container_arn = task["containers"][0].pop("containerArn")
    assert container_arn.startswith(f"arn:aws:ecs:us-east-1:000000000000:container/{CLUSTER}/{task_id}/")
    assert task.pop("availabilityZone") in ("us-east-1a", "us-east-1b")
    assert task.pop("containerInstanceArn") in (ONE, TWO)
    assert task == {
        "attachments": [],
        "attributes": [],
        "clusterArn": ARNS.cluster(CLUSTER),
        "containers": [
            {
                "taskArn": task["taskArn"],
                "name": "app",
                "image": "web:1",
                "lastStatus": "PENDING",
                "networkBindings": [],
                "networkInterfaces": [],
                "healthStatus": "UNKNOWN",
                "cpu": "128",
                "memory": "128",
            }
        ],
        "cpu": "128",
        "createdAt": region.clock.now(),
        "desiredStatus": "RUNNING",
        "enableExecuteCommand": False,
        "group": "family:web",
        "healthStatus": "UNKNOWN",
        "lastStatus": "PENDING",
        "launchType": "EC2",
        "memory": "128",
        "overrides": {"containerOverrides": [{"name": "app"}], "inferenceAcceleratorOverrides": []},
        "startedBy": "ECS Deploy",
        "tags": [],
        "taskArn": task["taskArn"],
        "taskDefinitionArn": ARNS.task_definition("web", 1),
        "version": 1,
    }


def test_tasks_spread_over_zones(region: EcsRegion) -> None:
    tasks = run(region, count=4)["tasks"]
    assert sorted(task["availabilityZone"] for task in tasks) == ["us-east-1a"] * 2 + ["us-east-1b"] * 2


def test_a_strategy_of_the_request_is_followed(region: EcsRegion) -> None:
    packed = run(region, count=4, placementStrategy=[{"type": "binpack", "field": "memory"}])["tasks"]
    assert len({task["containerInstanceArn"] for task in packed}) == 1


def test_distinct_instances_take_one_task_of_the_group_each(region: EcsRegion) -> None:
    answer = run(region, count=3, placementConstraints=[{"type": "distinctInstance"}])
    assert len({task["containerInstanceArn"] for task in answer["tasks"]}) == 2
    assert len(answer["failures"]) == 2


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        ({**WEB, "cpu": 1025}, "RESOURCE:CPU"),
        ({**WEB, "memory": 984}, "RESOURCE:MEMORY"),
        ({**WEB, "privileged": True}, "ATTRIBUTE"),
    ],
)
def test_each_instance_says_why_it_takes_no_task(
    region: EcsRegion, container: dict[str, Any], reason: str
) -> None:
    region.registered(container)
    assert run(region) == {
        "tasks": [],
        "failures": [{"arn": ONE, "reason": reason}, {"arn": TWO, "reason": reason}],
    }


def test_what_fits_is_started_and_the_rest_are_failures(region: EcsRegion) -> None:
    region.registered(FIXED)
    answer = run(region, count=3)
    assert len(answer["tasks"]) == 2
    assert {failure["reason"] for failure in answer["failures"]} == {"RESOURCE:PORTS"}


def test_an_instance_without_its_agent_is_a_failure(empty_region: EcsRegion) -> None:
    empty_region.put(a_cluster(), an_able_instance(agent_connected=False))
    empty_region.registered()
    assert run(empty_region)["failures"] == [{"arn": ONE, "reason": "AGENT"}]


def test_a_cluster_without_active_instances_is_a_fault(empty_region: EcsRegion) -> None:
    empty_region.put(a_cluster())
    empty_region.registered()
    expected = (INVALID, "No Container Instances were found in your cluster.")
    assert refusal(empty_region) == expected
    empty_region.put(an_able_instance(status="DRAINING"))
    assert refusal(empty_region) == expected


def test_a_draining_instance_is_not_considered(region: EcsRegion) -> None:
    region.put(an_able_instance(2, zone="us-east-1b", status="DRAINING"))
    answer = run(region, count=10)
    assert {task["containerInstanceArn"] for task in answer["tasks"]} == {ONE}
    assert [failure["arn"] for failure in answer["failures"]] == [ONE]


def test_overrides_are_kept_and_sizes_count(region: EcsRegion) -> None:
    override = {
        "name": "app",
        "command": ["migrate"],
        "environment": [{"name": "A", "value": "1"}],
        "cpu": 256,
        "memory": 512,
    }
    task = run(region, overrides={"containerOverrides": [override]})["tasks"][0]
    assert task["overrides"]["containerOverrides"] == [override]
    assert (task["cpu"], task["memory"]) == ("256", "512")
    assert (task["containers"][0]["cpu"], task["containers"][0]["memory"]) == ("256", "512")


def test_a_request_repeated_with_its_token_starts_nothing_more(region: EcsRegion) -> None:
    first = run(region, count=2, clientToken="token")["tasks"]
    again = run(region, count=2, clientToken="token")["tasks"]
    assert again == sorted(first, key=lambda task: str(task["taskArn"]))
    assert len(list(region.store.snapshot.all(TASKS))) == 2


def test_a_token_used_for_another_request_is_a_conflict(region: EcsRegion) -> None:
    task = run(region, clientToken="token")["tasks"][0]
    with pytest.raises(ClientError) as raised:
        run(region, count=2, clientToken="token")
    assert raised.value.response["Error"]["Code"] == "ConflictException"
    assert raised.value.response["resourceIds"] == [task["taskArn"]]


def test_tags_of_the_request_win_over_those_of_the_definition(region: EcsRegion) -> None:
    region.call(
        "register_task_definition",
        family="web",
        containerDefinitions=[dict(WEB)],
        tags=[{"key": "team", "value": "a"}, {"key": "tier", "value": "1"}],
    )
    task = run(
        region,
        tags=[{"key": "team", "value": "b"}],
        propagateTags="TASK_DEFINITION",
        enableECSManagedTags=True,
    )["tasks"][0]
    assert {tag["key"]: tag["value"] for tag in task["tags"]} == {
        "team": "b",
        "tier": "1",
        "aws:ecs:clusterName": CLUSTER,
    }
    assert run(region)["tasks"][0]["tags"] == []


def test_a_group_of_ones_own_is_kept(region: EcsRegion) -> None:
    assert run(region, group="nightly")["tasks"][0]["group"] == "nightly"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"count": 0}, "Count must be between 1 and 10."),
        ({"count": 11}, "Count must be between 1 and 10."),
        ({"group": "service:web"}, "Invalid namespace for group."),
        ({"group": "a b"}, "group must have up to 255 letters, digits or - _ / : ."),
        ({"startedBy": "x" * 129}, "startedBy must have up to 128 letters, digits or - _ /."),
        ({"clientToken": "x" * 65}, "clientToken can have at most 64 characters."),
        ({"propagateTags": "SERVICE"}, "propagateTags should be one of [TASK_DEFINITION,NONE]"),
        ({"launchType": "FARGATE"}, "Task definition does not support launch_type FARGATE."),
        ({"enableExecuteCommand": True}, "enableExecuteCommand: ECS Exec is not supported."),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "db"}]}},
            "Override for container named db is not a container in the TaskDefinition.",
        ),
        ({"overrides": {"cpu": "256"}}, "overrides: cpu: it is not supported."),
        (
            {"overrides": {"taskRoleArn": "arn:aws:iam::0:role/x"}},
            "overrides: taskRoleArn: it is not supported.",
        ),
        (
            {
                "overrides": {
                    "containerOverrides": [
                        {"name": "app", "environmentFiles": [{"value": "arn:aws:s3:::b/k.env", "type": "s3"}]}
                    ]
                }
            },
            "containerOverrides: environmentFiles: it is not supported.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "app", "memory": -1}]}},
            "Invalid 'memory' of an override. It must be at least 0.",
        ),
        (
            {"overrides": {"containerOverrides": [{"name": "app", "command": ["x" * 8192]}]}},
            "overrides can have at most 8192 characters.",
        ),
        (
            {"volumeConfigurations": [{"name": "a"}]},
            "Tidegate does not serve the parameter volumeConfigurations.",
        ),
    ],
)
def test_what_cannot_be_run_is_refused(region: EcsRegion, parameters: dict[str, Any], message: str) -> None:
    assert refusal(region, **parameters) == (INVALID, message)


def test_an_unknown_or_inactive_revision_is_refused(region: EcsRegion) -> None:
    assert refusal(region, taskDefinition="nope") == ("ClientException", "TaskDefinition not found.")
    region.call("deregister_task_definition", taskDefinition="web:1")
    assert refusal(region, taskDefinition="web:1") == (INVALID, "TaskDefinition is inactive")


def start(region: EcsRegion, *instances: str, **changes: Any) -> dict[str, Any]:
    wanted = {"cluster": CLUSTER, "taskDefinition": "web", "containerInstances": list(instances)}
    return region.call("start_task", **{**wanted, **changes})


def test_start_task_goes_to_the_instances_that_are_named(region: EcsRegion) -> None:
    answer = start(region, ONE, f"{2:032x}")
    assert [task["containerInstanceArn"] for task in answer["tasks"]] == [ONE, TWO]
    assert answer["failures"] == []


def test_start_task_tells_each_instance_that_cannot_take_it(region: EcsRegion) -> None:
    region.registered(FIXED)
    region.put(a_task(1, on=a_container_instance(1), host_port=5000))
    answer = start(region, ONE, TWO, "f" * 32)
    assert [task["containerInstanceArn"] for task in answer["tasks"]] == [TWO]
    assert answer["failures"] == [
        {"arn": ONE, "reason": "RESOURCE:PORTS"},
        {"arn": ARNS.container_instance(CLUSTER, "f" * 32), "reason": "MISSING"},
    ]


def test_start_task_takes_one_to_ten_instances(region: EcsRegion) -> None:
    for instances, message in (
        ([], "Container Instances cannot be empty."),
        ([ONE] * 11, "Container Instances cannot have more than 10 elements."),
    ):
        wanted = {"cluster": CLUSTER, "taskDefinition": "web", "containerInstances": instances}
        assert region.refusal("start_task", **wanted) == (INVALID, message)


def test_start_task_takes_a_shorter_started_by(region: EcsRegion) -> None:
    wanted = {"cluster": CLUSTER, "taskDefinition": "web", "containerInstances": [ONE]}
    refused = region.refusal("start_task", **wanted, startedBy="x" * 37)
    assert refused == (INVALID, "startedBy must have up to 36 letters, digits or - _ /.")
