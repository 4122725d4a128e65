"""Service deployments and revisions: what is read of them, and who may be stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tidegate.control.decisions.services import history
from tidegate.control.store.tables import SERVICE_DEPLOYMENTS, SERVICES
from tidegate.domain.ecs import ServiceDeployment
from tidegate.testing.builders import ARNS, CLUSTER, CLUSTER_ARN, GROUP_ARN, a_task, after
from tidegate.testing.clock import EPOCH
from tidegate.testing.ecs import WEB, EcsRegion

INVALID = "InvalidParameterException"
SERVICE_ARN = ARNS.service(CLUSTER, "web")
USE = {"targetGroupArn": GROUP_ARN, "containerName": "app", "containerPort": 5000}
NONE = f"arn:aws:ecs:us-east-1:000000000000:service-deployment/{CLUSTER}/web/none"
REVISION = f"arn:aws:ecs:us-east-1:000000000000:service-revision/{CLUSTER}/web/"


@pytest.fixture
def region(region: EcsRegion) -> EcsRegion:
    """With a service whose first deployment has just been asked for."""
    region.registered()
    region.call(
        "create_service",
        cluster=CLUSTER,
        serviceName="web",
        taskDefinition="web",
        desiredCount=2,
        loadBalancers=[USE],
    )
    return region


def listed(region: EcsRegion, **more: Any) -> list[dict[str, Any]]:
    answer = region.call("list_service_deployments", cluster=CLUSTER, service="web", **more)
    found: list[dict[str, Any]] = answer["serviceDeployments"]
    return found


def current(region: EcsRegion) -> str:
    return str(listed(region)[0]["serviceDeploymentArn"])


def described(region: EcsRegion) -> dict[str, Any]:
    answer = region.call("describe_service_deployments", serviceDeploymentArns=[current(region)])
    found: dict[str, Any] = answer["serviceDeployments"][0]
    return found


def deploy(region: EcsRegion, definition: str = "web") -> dict[str, Any]:
    answer = region.call(
        "update_service",
        cluster=CLUSTER,
        service="web",
        taskDefinition=definition,
        forceNewDeployment=True,
    )
    found: dict[str, Any] = answer["service"]
    return found


def followed(region: EcsRegion) -> None:
    """What the services controller does to the open records."""
    service = region.row(SERVICES, SERVICE_ARN)
    for row in list(region.store.snapshot.by(SERVICE_DEPLOYMENTS, "open", SERVICE_ARN)):
        region.put(history.followed(row, service, dict, region.clock.now()))


def completed(region: EcsRegion) -> None:
    service = region.row(SERVICES, SERVICE_ARN)
    now = region.clock.now()
    (primary, *_) = service.deployments
    done = replace(primary, rollout_state="COMPLETED", completed_at=now)
    region.put(replace(service, deployments=(done,)))
    followed(region)


def row(region: EcsRegion) -> ServiceDeployment:
    return region.row(SERVICE_DEPLOYMENTS, current(region))


def test_a_new_service_has_a_deployment_that_has_not_begun(region: EcsRegion) -> None:
    service = region.call("describe_services", cluster=CLUSTER, services=["web"])["services"][0]
    number = service["deployments"][0]["id"].removeprefix("ecs-svc/")
    (brief,) = listed(region)
    arn = brief["serviceDeploymentArn"]
    assert service["currentServiceDeployment"] == arn
    assert len(arn.rsplit("/", 1)[-1]) == 21
    assert brief == {
        "serviceDeploymentArn": arn,
        "serviceArn": SERVICE_ARN,
        "clusterArn": CLUSTER_ARN,
        "createdAt": EPOCH,
        "targetServiceRevisionArn": f"{REVISION}{number}",
        "status": "PENDING",
    }


def test_a_deployment_in_progress_is_described_with_its_tasks_of_now(region: EcsRegion) -> None:
    old = listed(region)[0]["targetServiceRevisionArn"]
    completed(region)
    region.clock.advance(60)
    number = deploy(region)["deployments"][0]["id"].removeprefix("ecs-svc/")
    followed(region)
    service = region.row(SERVICES, SERVICE_ARN)
    new, former = (deployment.id for deployment in service.deployments)
    region.put(
        a_task(1, service_arn=SERVICE_ARN, deployment_id=former, last_status="RUNNING"),
        a_task(2, service_arn=SERVICE_ARN, deployment_id=new, last_status="PENDING"),
    )
    assert described(region) == {
        "serviceDeploymentArn": current(region),
        "serviceArn": SERVICE_ARN,
        "clusterArn": CLUSTER_ARN,
        "createdAt": after(60),
        "startedAt": after(60),
        "updatedAt": after(60),
        "sourceServiceRevisions": [
            {"arn": old, "requestedTaskCount": 1, "runningTaskCount": 1, "pendingTaskCount": 0}
        ],
        "targetServiceRevision": {
            "arn": f"{REVISION}{number}",
            "requestedTaskCount": 2,
            "runningTaskCount": 0,
            "pendingTaskCount": 1,
        },
        "status": "IN_PROGRESS",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "alarms": {"alarmNames": [], "rollback": False, "enable": False},
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        },
        "deploymentCircuitBreaker": {"status": "DISABLED", "failureCount": 0, "threshold": 3},
        "alarms": {"status": "DISABLED", "alarmNames": [], "triggeredAlarmNames": []},
    }


def test_a_revision_is_what_the_service_was_then(region: EcsRegion) -> None:
    first = listed(region)[0]["targetServiceRevisionArn"]
    region.registered({**WEB, "image": "web:2"})
    region.clock.advance(60)
    deploy(region, "web:2")
    second = listed(region)[0]["targetServiceRevisionArn"]
    answer = region.call("describe_service_revisions", serviceRevisionArns=[first, second, f"{REVISION}7"])
    old, new = answer["serviceRevisions"]
    assert old == {
        "serviceRevisionArn": first,
        "serviceArn": SERVICE_ARN,
        "clusterArn": CLUSTER_ARN,
        "taskDefinition": ARNS.task_definition("web", 1),
        "launchType": "EC2",
        "loadBalancers": [USE],
        "serviceRegistries": [],
        "containerImages": [{"containerName": "app", "image": "web:1"}],
        "guardDutyEnabled": False,
        "createdAt": EPOCH,
        "resolvedConfiguration": {"loadBalancers": [{"targetGroupArn": GROUP_ARN}]},
    }
    assert (new["taskDefinition"], new["containerImages"][0]["image"]) == (
        ARNS.task_definition("web", 2),
        "web:2",
    )
    assert answer["failures"] == [{"arn": f"{REVISION}7", "reason": "MISSING"}]


def test_an_update_that_begins_no_deployment_makes_no_record(region: EcsRegion) -> None:
    region.call("update_service", cluster=CLUSTER, service="web", desiredCount=5)
    assert len(listed(region)) == 1


def test_a_newer_deployment_stops_the_one_in_progress(region: EcsRegion) -> None:
    region.clock.advance(1)
    deploy(region)
    assert [one["status"] for one in listed(region)] == ["PENDING", "STOP_REQUESTED"]
    followed(region)
    newer, older = listed(region)
    assert (newer["status"], older["status"]) == ("IN_PROGRESS", "STOPPED")
    assert older["statusReason"] == history.SUPERSEDED


def test_they_are_listed_the_newest_first_page_by_page(region: EcsRegion) -> None:
    for _ in range(4):
        region.clock.advance(60)
        deploy(region)
    found: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        answer = region.call("list_service_deployments", cluster=CLUSTER, service="web", maxResults=2, **more)
        found += answer["serviceDeployments"]
        if "nextToken" not in answer:
            break
        more = {"nextToken": answer["nextToken"]}
    assert [one["createdAt"] for one in found] == [after(60 * n) for n in (4, 3, 2, 1, 0)]


def test_they_are_listed_by_status_and_time(region: EcsRegion) -> None:
    region.clock.advance(60)
    deploy(region)
    assert len(listed(region, status=["PENDING"])) == 1
    assert listed(region, status=["SUCCESSFUL"]) == []
    # What Terraform asks: those since it called UpdateService.
    (newer,) = listed(region, createdAt={"after": EPOCH + timedelta(seconds=59)})
    assert newer["createdAt"] == after(60)
    assert len(listed(region, createdAt={"after": EPOCH, "before": after(60)})) == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"status": ["DONE"]}, "status should be one of [PENDING,IN_PROGRESS,STOP_REQUESTED,"),
        ({"maxResults": 101}, "maxResults must be between 1 and 100."),
        ({"createdAt": {"after": 2, "before": 1}}, "createdAt: after must not be later than before."),
    ],
)
def test_filters_that_make_no_sense_are_refused(
    region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    code, found = region.refusal("list_service_deployments", cluster=CLUSTER, service="web", **parameters)
    assert (code, found[: len(message)]) == (INVALID, message)


def test_what_is_not_there_is_told(region: EcsRegion) -> None:
    answer = region.call("describe_service_deployments", serviceDeploymentArns=[NONE])
    assert answer == {"serviceDeployments": [], "failures": [{"arn": NONE, "reason": "MISSING"}]}
    assert region.refusal("stop_service_deployment", serviceDeploymentArn=NONE) == (
        "ServiceDeploymentNotFoundException",
        "The service deployment does not exist.",
    )
    assert region.refusal("list_service_deployments", cluster=CLUSTER, service="other")[0] == (
        "ServiceNotFoundException"
    )


@pytest.mark.parametrize("arns", [[], ["web"], [SERVICE_ARN], [NONE] * 21])
def test_arns_are_of_the_kind_and_at_most_twenty(region: EcsRegion, arns: list[str]) -> None:
    assert region.refusal("describe_service_deployments", serviceDeploymentArns=arns)[0] == INVALID


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "ROLLBACK_REQUESTED"),
        ({"stopType": "ROLLBACK"}, "ROLLBACK_REQUESTED"),
        ({"stopType": "ABORT"}, "STOP_REQUESTED"),
    ],
)
def test_a_stop_is_noted_and_asking_again_changes_nothing(
    region: EcsRegion, more: dict[str, Any], status: str
) -> None:
    arn = current(region)
    for again in (more, {"stopType": "ABORT"}, {"stopType": "ROLLBACK"}):
        answer = region.call("stop_service_deployment", serviceDeploymentArn=arn, **again)
        assert answer == {"serviceDeploymentArn": arn}
        assert row(region).status == status


def test_what_has_ended_cannot_be_stopped(region: EcsRegion) -> None:
    completed(region)
    assert region.refusal("stop_service_deployment", serviceDeploymentArn=current(region)) == (
        "ConflictException",
        "Stopping a service deployment is not allowed for service deployment in terminal states.",
    )


def test_a_stop_type_that_there_is_not_is_refused(region: EcsRegion) -> None:
    arn = current(region)
    assert region.refusal("stop_service_deployment", serviceDeploymentArn=arn, stopType="PAUSE") == (
        INVALID,
        "stopType should be one of [ABORT,ROLLBACK]",
    )
    assert row(region).status == "PENDING"


def test_a_service_that_is_made_again_begins_a_new_history(region: EcsRegion) -> None:
    old = current(region)
    service = region.row(SERVICES, SERVICE_ARN)
    region.put(replace(service, status="INACTIVE", deployments=(), deleted_at=region.clock.now()))
    region.call("create_service", cluster=CLUSTER, serviceName="web", taskDefinition="web", desiredCount=0)
    assert [one["serviceDeploymentArn"] for one in listed(region)] != [old]
    assert len(listed(region)) == 1
