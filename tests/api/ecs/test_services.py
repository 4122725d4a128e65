"""Services: what is read of them, what makes a deployment, when they may go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.store.tables import SERVICES
from tidegate.domain.ecs import Service, ServiceEvent
from tidegate.testing.builders import (
    ARNS,
    CLUSTER,
    CLUSTER_ARN,
    GROUP_ARN,
    a_deployment,
    a_service,
    a_task,
    after,
)
from tidegate.testing.clock import EPOCH
from tidegate.testing.ecs import WEB, EcsRegion

INVALID = "InvalidParameterException"
SERVICE_ARN = ARNS.service(CLUSTER, "web")
USE = {"targetGroupArn": GROUP_ARN, "containerName": "app", "containerPort": 5000}
WANTED: dict[str, Any] = {
    "cluster": CLUSTER,
    "serviceName": "web",
    "taskDefinition": "web",
    "desiredCount": 2,
    "loadBalancers": [USE],
    "clientToken": "token",
}


@pytest.fixture
def region(region: EcsRegion) -> EcsRegion:
    region.registered()
    return region


def created(region: EcsRegion, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = region.call("create_service", **{**WANTED, **changes})["service"]
    return found


def updated(region: EcsRegion, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = region.call("update_service", cluster=CLUSTER, service="web", **changes)[
        "service"
    ]
    return found


def described(region: EcsRegion, **more: Any) -> dict[str, Any]:
    answer = region.call("describe_services", cluster=CLUSTER, services=["web"], **more)
    found: dict[str, Any] = answer["services"][0]
    return found


def row(region: EcsRegion) -> Service:
    return region.row(SERVICES, SERVICE_ARN)


def test_a_new_service_has_aws_defaults_and_one_deployment_in_progress(region: EcsRegion) -> None:
    service = created(region)
    deployment = service["deployments"][0]
    number = deployment["id"].removeprefix("ecs-svc/")
    assert number.isdecimal()
    assert len(number) == 19
    assert service == {
        "serviceArn": SERVICE_ARN,
        "serviceName": "web",
        "clusterArn": CLUSTER_ARN,
        "loadBalancers": [USE],
        "serviceRegistries": [],
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": 0,
        "pendingCount": 0,
        "launchType": "EC2",
        "taskDefinition": ARNS.task_definition("web", 1),
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "alarms": {"alarmNames": [], "rollback": False, "enable": False},
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        },
        "deployments": [
            {
                "id": f"ecs-svc/{number}",
                "status": "PRIMARY",
                "taskDefinition": ARNS.task_definition("web", 1),
                "desiredCount": 2,
                "pendingCount": 0,
                "runningCount": 0,
                "failedTasks": 0,
                "createdAt": deployment["createdAt"],
                "updatedAt": deployment["createdAt"],
                "launchType": "EC2",
                "rolloutState": "IN_PROGRESS",
                "rolloutStateReason": f"ECS deployment ecs-svc/{number} in progress.",
            }
        ],
        "currentServiceDeployment": service["currentServiceDeployment"],
        "currentServiceRevisions": [
            {
                "arn": f"arn:aws:ecs:us-east-1:000000000000:service-revision/{CLUSTER}/web/{number}",
                "requestedTaskCount": 2,
                "runningTaskCount": 0,
                "pendingTaskCount": 0,
            }
        ],
        "roleArn": "arn:aws:iam::000000000000:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "events": [],
        "createdAt": deployment["createdAt"],
        "createdBy": "arn:aws:iam::000000000000:root",
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": 0,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": False,
        "propagateTags": "NONE",
        "enableExecuteCommand": False,
        "availabilityZoneRebalancing": "DISABLED",
        "tags": [],
    }
    assert deployment["createdAt"] == EPOCH


def test_without_a_load_balancer_there_is_neither_role_nor_grace_period(region: EcsRegion) -> None:
    service = created(region, loadBalancers=[])
    assert not {"roleArn", "healthCheckGracePeriodSeconds"} & service.keys()


def test_an_empty_network_configuration_is_never_shown(region: EcsRegion) -> None:
    # Terraform's provider panics on it.
    created(region)
    assert "networkConfiguration" not in described(region)


def test_what_was_asked_for_is_read_back(region: EcsRegion) -> None:
    asked: dict[str, Any] = {
        "placementStrategy": [
            {"type": "spread", "field": "attribute:ecs.availability-zone"},
            {"type": "binpack", "field": "memory"},
        ],
        "placementConstraints": [{"type": "distinctInstance"}],
        "healthCheckGracePeriodSeconds": 60,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "deploymentConfiguration": {
            "maximumPercent": 150,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        "tags": [{"key": "team", "value": "a"}],
    }
    created(region, **asked)
    found = described(region, include=["TAGS"])
    configuration = found.pop("deploymentConfiguration")
    expected = asked.pop("deploymentConfiguration")
    assert {name: configuration[name] for name in expected} == expected
    assert {name: found[name] for name in asked} == asked


def test_a_role_may_be_named_by_name_or_arn(region: EcsRegion) -> None:
    assert created(region, role="own")["roleArn"] == "arn:aws:iam::000000000000:role/own"
    other = created(region, serviceName="other", role="arn:aws:iam::000000000000:role/x")
    assert other["roleArn"] == "arn:aws:iam::000000000000:role/x"


def test_tags_are_described_only_when_asked_for(region: EcsRegion) -> None:
    created(region, tags=[{"key": "team", "value": "a"}])
    assert "tags" not in described(region)
    assert described(region, include=["TAGS"])["tags"] == [{"key": "team", "value": "a"}]


def test_creating_the_same_service_again_returns_it(region: EcsRegion) -> None:
    assert created(region) == created(region)
    assert created(region, clientToken="another") == created(region)


def test_the_request_of_a_service_repeated_later_returns_what_it_has_become(region: EcsRegion) -> None:
    created(region)
    region.registered()
    changed = updated(region, taskDefinition="web", desiredCount=5)
    repeated = created(region)
    assert repeated["desiredCount"] == 5
    assert repeated["deployments"] == changed["deployments"]
    refused = region.refusal("create_service", **{**WANTED, "clientToken": "another"})
    assert refused == (INVALID, "Creation of service was not idempotent.")


@pytest.mark.parametrize(
    "changes", [{"desiredCount": 3}, {"loadBalancers": []}, {"healthCheckGracePeriodSeconds": 5}]
)
def test_creating_another_service_of_that_name_is_refused(region: EcsRegion, changes: dict[str, Any]) -> None:
    created(region)
    refused = region.refusal("create_service", **{**WANTED, **changes})
    assert refused == (INVALID, "Creation of service was not idempotent.")


def test_a_service_cannot_be_created_while_one_of_that_name_drains(region: EcsRegion) -> None:
    region.put(a_service(status="DRAINING"))
    refused = region.refusal("create_service", **WANTED)
    assert refused == (INVALID, "Unable to Start a service that is still Draining.")


def test_a_service_created_over_a_deleted_one_is_new(region: EcsRegion) -> None:
    old = a_service(status="INACTIVE", tags={"a": "b"})
    event = ServiceEvent(id="e", service_arn=old.arn, created_at=EPOCH, sequence=1, message="gone")
    region.put(old, event)
    service = created(region)
    assert (service["status"], service["events"], service["tags"]) == ("ACTIVE", [], [])


def test_a_family_is_resolved_when_the_service_is_made(region: EcsRegion) -> None:
    created(region)
    region.registered()
    assert described(region)["taskDefinition"] == ARNS.task_definition("web", 1)
    assert updated(region, taskDefinition="web")["taskDefinition"] == ARNS.task_definition("web", 2)


def test_a_new_revision_begins_a_deployment_and_the_former_becomes_active(region: EcsRegion) -> None:
    first = created(region)["deployments"][0]["id"]
    region.registered()
    region.clock.advance(5)
    service = updated(region, taskDefinition="web:2")
    new, old = service["deployments"]
    assert (new["status"], new["taskDefinition"]) == ("PRIMARY", ARNS.task_definition("web", 2))
    assert (old["id"], old["status"]) == (first, "ACTIVE")
    assert new["id"] != first
    assert new["createdAt"] == after(5)
    assert service["taskDefinition"] == ARNS.task_definition("web", 2)


def test_forcing_begins_a_deployment_of_the_same_revision(region: EcsRegion) -> None:
    created(region)
    deployments = updated(region, forceNewDeployment=True)["deployments"]
    assert [d["taskDefinition"] for d in deployments] == [ARNS.task_definition("web", 1)] * 2


def test_other_load_balancers_begin_a_deployment(region: EcsRegion) -> None:
    created(region)
    service = updated(region, loadBalancers=[])
    assert service["loadBalancers"] == []
    assert len(service["deployments"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"desiredCount": 5},
        {"taskDefinition": "web:1"},
        {"loadBalancers": [USE]},
        {"forceNewDeployment": False},
        {"deploymentConfiguration": {"maximumPercent": 150}},
        {"healthCheckGracePeriodSeconds": 60},
        {"placementStrategy": [{"type": "random"}]},
        {"placementConstraints": [{"type": "distinctInstance"}]},
        {"propagateTags": "SERVICE", "enableECSManagedTags": True},
    ],
)
def test_nothing_else_begins_a_deployment(region: EcsRegion, changes: dict[str, Any]) -> None:
    before = created(region)["deployments"]
    after_it = updated(region, **changes)
    assert [d["id"] for d in after_it["deployments"]] == [d["id"] for d in before]
    for name, value in changes.items():
        if name in after_it and name not in ("taskDefinition", "deploymentConfiguration"):
            assert after_it[name] == value


def test_an_update_changes_only_what_it_names(region: EcsRegion) -> None:
    created(region, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 150})
    before = described(region)
    service = updated(region, deploymentConfiguration={"maximumPercent": 175})
    configuration = {**before["deploymentConfiguration"], "maximumPercent": 175}
    assert service == {**before, "deploymentConfiguration": configuration}


def test_scaling_makes_a_steady_service_unsteady(region: EcsRegion) -> None:
    region.put(a_service(desired=1, steady_at=EPOCH, group_arn=None))
    updated(region, desiredCount=2)
    assert row(region).steady_at is None
    assert row(region).desired_count == 2


def test_a_revision_without_the_port_that_a_load_balancer_reaches_is_refused(region: EcsRegion) -> None:
    created(region)
    region.registered({**WEB, "portMappings": [{"containerPort": 80}]})
    region.registered({**WEB, "name": "other"})

    def refusal(revision: str) -> tuple[str, str]:
        return region.refusal("update_service", cluster=CLUSTER, service="web", taskDefinition=revision)

    assert refusal("web:2") == (INVALID, "The container app did not have a container port 5000 defined.")
    assert refusal("web:3") == (INVALID, "The container app does not exist in the task definition.")
    assert len(row(region).deployments) == 1


def test_a_service_of_an_inactive_revision_still_scales_and_is_forced(region: EcsRegion) -> None:
    created(region)
    region.call("deregister_task_definition", taskDefinition="web:1")
    assert updated(region, desiredCount=4)["desiredCount"] == 4
    assert len(updated(region, forceNewDeployment=True)["deployments"]) == 2
    refused = region.refusal("update_service", cluster=CLUSTER, service="web", taskDefinition="web:1")
    assert refused == ("ClientException", "TaskDefinition is inactive")


def test_updating_needs_an_active_service(region: EcsRegion) -> None:
    refused = region.refusal("update_service", cluster=CLUSTER, service="web")
    assert refused == ("ServiceNotFoundException", "Service not found.")
    for status in ("DRAINING", "INACTIVE"):
        region.put(a_service(status=status))
        refused = region.refusal("update_service", cluster=CLUSTER, service="web")
        assert refused == ("ServiceNotActiveException", "Service was not ACTIVE.")


def test_a_service_with_tasks_wanted_is_deleted_only_by_force(region: EcsRegion) -> None:
    created(region)
    refused = region.refusal("delete_service", cluster=CLUSTER, service="web")
    expected = "The service cannot be stopped while the primary deployment is scaled above 0."
    assert refused == (INVALID, expected)
    service = region.call("delete_service", cluster=CLUSTER, service="web", force=True)["service"]
    assert (service["status"], service["desiredCount"]) == ("DRAINING", 0)


def test_a_service_scaled_to_zero_is_deleted_while_its_tasks_still_run(region: EcsRegion) -> None:
    service = a_service(desired=0)
    region.put(service, a_task(of=service))
    answer = region.call("delete_service", cluster=CLUSTER, service="web", force=False)["service"]
    assert (answer["status"], answer["runningCount"]) == ("DRAINING", 1)
    assert region.call("delete_service", cluster=CLUSTER, service="web")["service"] == answer


def test_a_deleted_service_is_not_found_and_yet_described(region: EcsRegion) -> None:
    region.put(a_service(status="INACTIVE", desired=0))
    refused = region.refusal("delete_service", cluster=CLUSTER, service="web")
    assert refused == ("ServiceNotFoundException", "Service not found.")
    assert described(region)["status"] == "INACTIVE"


def test_services_of_a_deleted_cluster_are_described(region: EcsRegion) -> None:
    region.put(a_service(status="INACTIVE", desired=0))
    for number in (1, 2):
        region.call("deregister_container_instance", cluster=CLUSTER, containerInstance=f"{number:032x}")
    region.call("delete_cluster", cluster=CLUSTER)
    assert described(region)["status"] == "INACTIVE"


def test_counts_are_those_of_the_tasks(region: EcsRegion) -> None:
    service = a_service(desired=2, deployments=(a_deployment(2), a_deployment(1, status="ACTIVE")))
    region.put(
        service,
        a_task(1, of=service, deployment=1),
        a_task(2, of=service, deployment=1, last_status="DEACTIVATING"),
        a_task(3, of=service, deployment=2, last_status="PENDING"),
        a_task(4, of=service, deployment=2, last_status="STOPPED"),
    )
    found = described(region)
    assert (found["desiredCount"], found["runningCount"], found["pendingCount"]) == (2, 1, 1)
    counts = [(d["desiredCount"], d["runningCount"], d["pendingCount"]) for d in found["deployments"]]
    assert counts == [(2, 0, 1), (1, 1, 0)]


def test_the_newest_hundred_events_are_described_newest_first(region: EcsRegion) -> None:
    service = a_service()
    region.put(service)
    region.put(
        *(
            ServiceEvent(
                id=str(number),
                service_arn=service.arn,
                created_at=after(number),
                sequence=number,
                message="m",
            )
            for number in range(105)
        )
    )
    events = described(region)["events"]
    assert [int(event["id"]) for event in events] == list(range(104, 4, -1))
    assert events[0] == {"id": "104", "createdAt": after(104), "message": "m"}


def test_unknown_services_are_missing_by_their_long_arn(region: EcsRegion) -> None:
    created(region)
    answer = region.call("describe_services", cluster=CLUSTER, services=["nope", SERVICE_ARN, "web"])
    assert [s["serviceName"] for s in answer["services"]] == ["web"]
    assert answer["failures"] == [{"arn": ARNS.service(CLUSTER, "nope"), "reason": "MISSING"}]


def test_a_service_is_found_by_its_old_short_arn(region: EcsRegion) -> None:
    created(region)
    short = "arn:aws:ecs:us-east-1:000000000000:service/web"
    answer = region.call("describe_services", cluster=CLUSTER, services=[short])
    assert answer["services"][0]["serviceArn"] == SERVICE_ARN


def test_an_arn_of_another_cluster_is_refused(region: EcsRegion) -> None:
    refused = region.refusal("describe_services", cluster=CLUSTER, services=[ARNS.service("other", "web")])
    assert refused == (INVALID, f"Identifier is for cluster other. Your cluster is {CLUSTER}")


@pytest.mark.parametrize("resource", ["service", "service/", "service/a/b/c", "task/web", "x"])
def test_an_arn_that_is_no_services_is_refused(region: EcsRegion, resource: str) -> None:
    arn = f"arn:aws:ecs:us-east-1:000000000000:{resource}"
    refused = region.refusal("describe_services", cluster=CLUSTER, services=[arn])
    assert refused == (INVALID, "Invalid identifier: Unexpected number of separators")


def test_one_to_ten_services_are_described_at_once(region: EcsRegion) -> None:
    refused = region.refusal("describe_services", cluster=CLUSTER, services=[])
    assert refused == (INVALID, "Services cannot be empty.")
    names = [f"s{number}" for number in range(11)]
    refused = region.refusal("describe_services", cluster=CLUSTER, services=names)
    assert refused == (INVALID, "Services cannot have more than 10 elements.")


def test_active_services_are_listed(region: EcsRegion) -> None:
    for number in range(12):
        region.put(replace(a_service(f"s{number:02d}"), status="ACTIVE"))
    region.put(a_service("draining", status="DRAINING"), a_service("gone", status="INACTIVE"))
    first = region.call("list_services", cluster=CLUSTER)
    assert len(first["serviceArns"]) == 10
    rest = region.call("list_services", cluster=CLUSTER, nextToken=first["nextToken"])
    assert [arn.rsplit("/", 1)[1] for arn in rest["serviceArns"]] == ["s10", "s11"]
    assert "nextToken" not in rest
    assert region.call("list_services", cluster=CLUSTER, launchType="FARGATE")["serviceArns"] == []
    assert region.call("list_services", cluster=CLUSTER, schedulingStrategy="DAEMON")["serviceArns"] == []
