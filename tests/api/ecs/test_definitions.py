"""Revisions: registered, read back as sent, made inactive, deleted; never given out twice."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.store.tables import TASK_DEFINITIONS
from tidegate.testing.builders import ARNS, a_deployment, a_service, a_task
from tidegate.testing.ecs import WEB, EcsRegion

UNABLE = ("ClientException", "Unable to describe task definition.")


def described(region: EcsRegion, named: str) -> dict[str, Any]:
    found: dict[str, Any] = region.call("describe_task_definition", taskDefinition=named)["taskDefinition"]
    return found


def test_a_registered_definition_has_the_defaults_that_aws_writes_into_it(empty_region: EcsRegion) -> None:
    registered = empty_region.registered()
    assert registered == {
        "taskDefinitionArn": ARNS.task_definition("web", 1),
        "family": "web",
        "revision": 1,
        "status": "ACTIVE",
        "networkMode": "bridge",
        "containerDefinitions": [
            {
                "name": "app",
                "image": "web:1",
                "cpu": 128,
                "memory": 128,
                "essential": True,
                "portMappings": [{"containerPort": 5000, "hostPort": 0, "protocol": "tcp"}],
                "environment": [],
                "mountPoints": [],
                "volumesFrom": [],
                "systemControls": [],
            }
        ],
        "volumes": [],
        "placementConstraints": [],
        "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.17"}],
        "compatibilities": ["EXTERNAL", "EC2"],
        "registeredAt": registered["registeredAt"],
        "registeredBy": "arn:aws:iam::000000000000:root",
    }
    assert registered["registeredAt"] == empty_region.clock.now()


FULL: dict[str, Any] = {
    "name": "app",
    "image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/users-service:staging",
    "cpu": 300,
    "memory": 512,
    "memoryReservation": 300,
    "essential": True,
    "links": ["db:users-db"],
    "portMappings": [{"containerPort": 5000, "hostPort": 8080, "protocol": "tcp", "name": "http"}],
    "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": ""}],
    "command": ["serve"],
    "entryPoint": ["/bin/sh", "-c"],
    "mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": True}],
    "dependsOn": [{"containerName": "db", "condition": "HEALTHY"}],
    "startTimeout": 60,
    "stopTimeout": 2,
    "hostname": "web",
    "user": "1000",
    "workingDirectory": "/srv",
    "privileged": False,
    "readonlyRootFilesystem": True,
    "dockerLabels": {"team": "a"},
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
}
DB: dict[str, Any] = {
    "name": "db",
    "image": "users-db:1",
    "cpu": 0,
    "memory": 256,
    "essential": False,
    "healthCheck": {"command": ["CMD-SHELL", "pg_isready"], "interval": 10, "timeout": 5, "retries": 3},
}


def test_a_definition_is_read_back_as_it_was_sent(empty_region: EcsRegion) -> None:
    volumes = [{"name": "data", "host": {"sourcePath": "/srv/data"}}, {"name": "own", "host": {}}]
    more = {"volumes": volumes, "taskRoleArn": "arn:aws:iam::000000000000:role/web", "cpu": "512"}
    empty_region.registered(FULL, DB, **more)
    found = described(empty_region, "web:1")
    filled = {"volumesFrom": [], "systemControls": []}
    none = {"portMappings": [], "environment": [], "mountPoints": []}
    assert found["containerDefinitions"] == [{**FULL, **filled}, {**DB, **filled, **none}]
    assert {name: found[name] for name in more} == more
    assert "memory" not in found


def test_no_default_of_a_container_is_made_explicit_that_terraform_would_take_for_a_change(
    empty_region: EcsRegion,
) -> None:
    sent = {**WEB, "command": [], "dockerLabels": {}, "links": [], "secrets": []}
    container = empty_region.registered(sent)["containerDefinitions"][0]
    tolerated = {"essential", "environment", "mountPoints", "volumesFrom", "systemControls"}
    assert container.keys() == WEB.keys() | tolerated


def test_a_description_can_be_registered_again_without_what_the_service_added(
    empty_region: EcsRegion,
) -> None:
    # Deploy tools do so: they send back the whole answer but for these.
    added = {"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"}
    added |= {"registeredAt", "registeredBy"}
    empty_region.registered(FULL, DB, volumes=[{"name": "data", "host": {"sourcePath": "/srv/data"}}])
    first = described(empty_region, "web")
    sent = {name: value for name, value in first.items() if name not in added}
    empty_region.call("register_task_definition", taskRoleArn="", executionRoleArn="", **sent)
    second = described(empty_region, "web")
    assert second["revision"] == 2
    assert {n: v for n, v in second.items() if n not in added} == sent


def test_host_mode_gives_container_ports_as_host_ports(empty_region: EcsRegion) -> None:
    definition = empty_region.registered(networkMode="host")
    assert definition["containerDefinitions"][0]["portMappings"] == [
        {"containerPort": 5000, "hostPort": 5000, "protocol": "tcp"}
    ]


def test_a_health_check_gets_its_defaults(empty_region: EcsRegion) -> None:
    check = {"command": ["CMD", "true"]}
    definition = empty_region.registered({**WEB, "healthCheck": check})
    expected = {**check, "interval": 30, "timeout": 5, "retries": 3}
    assert definition["containerDefinitions"][0]["healthCheck"] == expected


def test_what_a_definition_uses_is_what_an_instance_must_be_capable_of(empty_region: EcsRegion) -> None:
    role = "arn:aws:iam::000000000000:role/r"
    privileged = {**FULL, "privileged": True}
    definition = empty_region.registered(
        privileged,
        DB,
        volumes=[{"name": "data"}],
        taskRoleArn=role,
        executionRoleArn=role,
    )
    assert {one["name"] for one in definition["requiresAttributes"]} == {
        "com.amazonaws.ecs.capability.docker-remote-api.1.17",
        "com.amazonaws.ecs.capability.docker-remote-api.1.19",
        "com.amazonaws.ecs.capability.docker-remote-api.1.21",
        "com.amazonaws.ecs.capability.docker-remote-api.1.24",
        "com.amazonaws.ecs.capability.ecr-auth",
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "com.amazonaws.ecs.capability.privileged-container",
        "com.amazonaws.ecs.capability.task-iam-role",
        "ecs.capability.container-health-check",
        "ecs.capability.container-ordering",
        "ecs.capability.execution-role-awslogs",
        "ecs.capability.execution-role-ecr-pull",
    }
    on_host = empty_region.registered(networkMode="host", taskRoleArn=role)
    names = [one["name"] for one in on_host["requiresAttributes"]]
    assert "com.amazonaws.ecs.capability.task-iam-role-network-host" in names


def test_a_family_without_a_revision_is_its_newest_active_one(empty_region: EcsRegion) -> None:
    for _ in range(3):
        empty_region.registered()
    empty_region.call("deregister_task_definition", taskDefinition="web:3")
    for named in ("web", "web:2", ARNS.task_definition("web", 2)):
        assert described(empty_region, named)["revision"] == 2


@pytest.mark.parametrize(
    "named", ["nope", "nope:1", "web:2", "arn:aws:ecs:us-east-1:000000000000:task-definition/web:2"]
)
def test_an_unknown_revision_cannot_be_described(empty_region: EcsRegion, named: str) -> None:
    empty_region.registered()
    assert empty_region.refusal("describe_task_definition", taskDefinition=named) == UNABLE


def test_a_family_of_inactive_revisions_cannot_be_described_but_they_can(empty_region: EcsRegion) -> None:
    empty_region.registered()
    empty_region.call("deregister_task_definition", taskDefinition="web:1")
    assert empty_region.refusal("describe_task_definition", taskDefinition="web") == UNABLE
    found = described(empty_region, "web:1")
    assert (found["status"], found["deregisteredAt"]) == ("INACTIVE", empty_region.clock.now())


@pytest.mark.parametrize("number", ["foo", "", "-1", "²", "9" * 5000])
def test_a_revision_that_is_no_number_is_refused(empty_region: EcsRegion, number: str) -> None:
    expected = ("InvalidParameterException", f"Invalid revision number. Number: {number}")
    assert empty_region.refusal("describe_task_definition", taskDefinition=f"web:{number}") == expected


def test_deregistering_needs_a_revision_that_exists(empty_region: EcsRegion) -> None:
    empty_region.registered()
    refused = empty_region.refusal("deregister_task_definition", taskDefinition="web")
    assert refused == ("ClientException", "Revision is missing.")
    code, message = empty_region.refusal("deregister_task_definition", taskDefinition="web:7")
    assert (code, message[:49]) == ("ClientException", "The specified task definition does not exist. Spe")


def test_deregistering_again_changes_nothing(empty_region: EcsRegion) -> None:
    empty_region.registered()
    first = empty_region.call("deregister_task_definition", taskDefinition="web:1")
    empty_region.clock.advance(60)
    assert empty_region.call("deregister_task_definition", taskDefinition="web:1") == first


def test_revisions_are_never_given_out_twice(empty_region: EcsRegion) -> None:
    empty_region.registered()
    empty_region.registered()
    for named in ("web:1", "web:2"):
        empty_region.call("deregister_task_definition", taskDefinition=named)
    empty_region.call("delete_task_definitions", taskDefinitions=["web:1", "web:2"])
    assert empty_region.registered()["revision"] == 3


def test_tags_stand_beside_the_definition_and_only_when_asked_for(empty_region: EcsRegion) -> None:
    tags = [{"key": "team", "value": "a"}]
    parameters = {"family": "web", "containerDefinitions": [dict(WEB)], "tags": tags}
    assert empty_region.call("register_task_definition", **parameters)["tags"] == tags
    assert "tags" not in empty_region.call("describe_task_definition", taskDefinition="web")
    asked = empty_region.call("describe_task_definition", taskDefinition="web", include=["TAGS"])
    assert asked["tags"] == tags
    assert "tags" not in asked["taskDefinition"]


def test_deleting_answers_each_revision_with_a_reason_where_it_cannot_be(empty_region: EcsRegion) -> None:
    empty_region.registered()
    empty_region.registered()
    empty_region.call("deregister_task_definition", taskDefinition="web:1")
    named = ["web:1", "web:2", "web:9", "web", "web:x"]
    answer = empty_region.call("delete_task_definitions", taskDefinitions=named)
    assert [row["status"] for row in answer["taskDefinitions"]] == ["DELETE_IN_PROGRESS"]
    assert answer["failures"] == [
        {
            "arn": "web:2",
            "reason": "The specified task definition is still in ACTIVE status. Please deregister the target "
            "and try again.",
        },
        {
            "arn": "web:9",
            "reason": "The specified task definition does not exist. Specify a valid account, family, "
            "revision and try again.",
        },
        *(
            {
                "arn": named,
                "reason": "The specified task definition identifier is invalid. Specify a valid name or ARN "
                "and try again.",
            }
            for named in ("web", "web:x")
        ),
    ]


def test_one_to_ten_revisions_are_deleted_at_once(empty_region: EcsRegion) -> None:
    assert empty_region.refusal("delete_task_definitions", taskDefinitions=[]) == (
        "InvalidParameterException",
        "size of TaskDefinition references list must be greater than 0",
    )
    assert empty_region.refusal("delete_task_definitions", taskDefinitions=["web:1"] * 11) == (
        "InvalidParameterException",
        "Size of TaskDefinition references list cannot exceed 10",
    )


def test_a_deleted_revision_is_described_while_something_refers_to_it(empty_region: EcsRegion) -> None:
    empty_region.registered()
    empty_region.call("deregister_task_definition", taskDefinition="web:1")
    empty_region.put(a_service(deployments=(a_deployment(1),)), a_task(1))
    empty_region.call("delete_task_definitions", taskDefinitions=["web:1"])

    def shown() -> list[str]:
        answer = empty_region.call("list_task_definitions", status="DELETE_IN_PROGRESS")
        found: list[str] = answer["taskDefinitionArns"]
        return found

    assert described(empty_region, "web:1")["status"] == "DELETE_IN_PROGRESS"
    empty_region.put(a_service(status="INACTIVE"))
    assert shown() == [ARNS.task_definition("web", 1)]
    empty_region.put(a_task(1, last_status="STOPPED"))
    assert shown() == []
    assert empty_region.refusal("describe_task_definition", taskDefinition="web:1") == UNABLE
    # Its number stays taken.
    empty_region.row(TASK_DEFINITIONS, ARNS.task_definition("web", 1))


def test_revisions_are_listed_by_family_and_then_by_number(empty_region: EcsRegion) -> None:
    for _ in range(11):
        empty_region.registered()
    empty_region.registered(family="web-api")

    def listed(**filters: Any) -> list[str]:
        pages = empty_region.client.get_paginator("list_task_definitions").paginate(
            **filters, PaginationConfig={"PageSize": 4}
        )
        return [arn.rsplit("/", 1)[1] for page in pages for arn in page["taskDefinitionArns"]]

    ascending = [*(f"web:{number}" for number in range(1, 12)), "web-api:1"]
    assert listed() == ascending
    assert listed(sort="DESC") == ascending[::-1]
    # Despite its name it is a whole family's name.
    assert listed(familyPrefix="web") == ascending[:-1]
    assert listed(familyPrefix="we") == []
    empty_region.call("deregister_task_definition", taskDefinition="web:3")
    assert listed(status="INACTIVE") == ["web:3"]
    assert "web:3" not in listed()


def test_families_are_listed_by_prefix_and_by_having_an_active_revision(empty_region: EcsRegion) -> None:
    empty_region.registered()
    empty_region.registered(family="web-api")
    empty_region.registered(family="cron")
    empty_region.call("deregister_task_definition", taskDefinition="web-api:1")

    def listed(**filters: Any) -> list[str]:
        found: list[str] = empty_region.call("list_task_definition_families", **filters)["families"]
        return found

    assert listed() == ["cron", "web", "web-api"]
    assert listed(familyPrefix="we") == ["web", "web-api"]
    assert listed(status="ACTIVE") == ["cron", "web"]
    assert listed(status="INACTIVE") == ["web-api"]


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        (
            "list_task_definitions",
            {"status": "GONE"},
            "status should be one of [ACTIVE,INACTIVE,DELETE_IN_PROGRESS]",
        ),
        ("list_task_definitions", {"sort": "UP"}, "sort should be one of [ASC,DESC]"),
        (
            "list_task_definition_families",
            {"status": "GONE"},
            "status should be one of [ACTIVE,INACTIVE,ALL]",
        ),
    ],
)
def test_wrong_filters_are_refused(
    empty_region: EcsRegion, operation: str, parameters: dict[str, str], message: str
) -> None:
    assert empty_region.refusal(operation, **parameters) == ("ClientException", message)
