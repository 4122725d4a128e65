"""Registering, describing and deregistering scalable targets; their tags."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tidegate.domain.scaling import NotScaledReason
from tidegate.testing.builders import BEFORE, a_service
from tidegate.testing.clock import EPOCH
from tidegate.testing.scaling import RESOURCE, SCALED, an_activity

ROLE = (
    "arn:aws:iam::000000000000:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService"
)
MISSING = (
    f"No scalable target found for service namespace: ecs, resource ID: {RESOURCE}, scalable dimension: "
    "ecs:service:DesiredCount"
)


def test_a_target_is_described_as_it_was_registered(client: Any, register: Any) -> None:
    arn = register(RoleARN="arn:aws:iam::000000000000:role/mine")["ScalableTargetARN"]
    assert re.fullmatch(
        "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/[0-9a-f]{36}", arn
    )
    found = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert found == [
        {
            **SCALED,
            "MinCapacity": 1,
            "MaxCapacity": 3,
            "RoleARN": ROLE,
            "CreationTime": EPOCH,
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
            "ScalableTargetARN": arn,
        }
    ]


def test_registering_again_changes_what_is_given_and_keeps_the_rest(
    client: Any, call: Any, register: Any
) -> None:
    first = register(SuspendedState={"ScheduledScalingSuspended": True})
    second = call(
        "register_scalable_target", MaxCapacity=9, SuspendedState={"DynamicScalingInSuspended": True}
    )
    assert first == second
    found = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    assert (found["MinCapacity"], found["MaxCapacity"]) == (1, 9)
    assert found["SuspendedState"] == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"MinCapacity": 4}, "Maximum capacity cannot be less than minimum capacity"),
        ({"MinCapacity": -1}, "Minimum capacity cannot be less than 0"),
        ({"MinCapacity": 0, "MaxCapacity": -1}, "Maximum capacity cannot be less than minimum capacity"),
        ({"ResourceId": "service/shop/none"}, "ECS service doesn't exist: service/shop/none"),
        (
            {"ResourceId": "service/shop"},
            "Unsupported service namespace, resource type or scalable dimension",
        ),
        (
            {"ScalableDimension": "dynamodb:table:ReadCapacityUnits"},
            "Unsupported service namespace, resource type or scalable dimension",
        ),
        (
            {
                "ServiceNamespace": "dynamodb",
                "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
                "ResourceId": "table/t",
            },
            "Tidegate does not serve the service namespace dynamodb.",
        ),
        (
            {"ScalableDimension": "x", "ServiceNamespace": "y"},
            "2 validation errors detected: Value 'y' at 'serviceNamespace' failed to satisfy constraint: "
            "Member must satisfy enum value set: [",
        ),
        ({"ResourceId": "service/\x00/x"}, "failed to satisfy constraint: Member must satisfy regular"),
        ({"Tags": {"aws:x": "y"}}, "aws:"),
    ],
)
def test_bad_registrations_are_refused(
    register: Any, refused: Any, parameters: dict[str, Any], text: str
) -> None:
    with refused("ValidationException", text):
        register(**parameters)


@pytest.mark.parametrize("given", [{}, {"MinCapacity": 1}, {"MaxCapacity": 1}])
def test_the_first_registration_gives_both_bounds(call: Any, refused: Any, given: dict[str, int]) -> None:
    with refused("ValidationException", "MinCapacity and MaxCapacity must be set"):
        call("register_scalable_target", **given)


def test_a_service_that_is_being_deleted_cannot_be_registered(register: Any, put: Any, refused: Any) -> None:
    put(a_service(status="DRAINING"))
    with refused("ValidationException", f"ECS service doesn't exist: {RESOURCE}"):
        register()


def test_a_target_outlives_its_service_until_it_is_deregistered(
    client: Any, call: Any, register: Any, put: Any
) -> None:
    register()
    put(a_service(status="INACTIVE", deployments=()))
    assert len(client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]) == 1
    call("deregister_scalable_target")
    assert client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []


def test_deregistering_takes_policies_and_schedules_along(client: Any, call: Any, register: Any) -> None:
    register()
    tracking = {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    call(
        "put_scaling_policy",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
    call(
        "put_scheduled_action",
        ScheduledActionName="night",
        Schedule="rate(1 day)",
        ScalableTargetAction={"MinCapacity": 1},
    )
    call("deregister_scalable_target")
    assert client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    assert client.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"] == []


def test_what_was_done_is_described_after_the_target_is_gone(
    client: Any, call: Any, register: Any, put: Any
) -> None:
    register()
    put(an_activity(1))
    call("deregister_scalable_target")
    (found,) = client.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
    assert (found["StatusCode"], found["EndTime"]) == ("Overridden", EPOCH)


def test_activities_are_listed_newest_first_and_those_that_did_not_scale_when_asked_for(
    client: Any, put: Any
) -> None:
    reason = NotScaledReason(code="AlreadyAtMaxCapacity", max_capacity=3)
    put(an_activity(1), an_activity(2), an_activity(3, started_at=BEFORE), an_activity(4, reasons=(reason,)))

    def ids(**parameters: Any) -> list[str]:
        pages = client.get_paginator("describe_scaling_activities").paginate(
            ServiceNamespace="ecs", PaginationConfig={"PageSize": 2}, **parameters
        )
        return [row["ActivityId"] for page in pages for row in page["ScalingActivities"]]

    assert ids() == ["2", "1", "3"]
    assert ids(IncludeNotScaledActivities=True) == ["4", "2", "1", "3"]
    found = client.describe_scaling_activities(ServiceNamespace="ecs", IncludeNotScaledActivities=True)
    assert found["ScalingActivities"][0]["NotScaledReasons"] == [
        {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 3}
    ]


def test_what_is_not_there_cannot_be_deregistered(call: Any, refused: Any) -> None:
    with refused("ObjectNotFoundException", MISSING):
        call("deregister_scalable_target")


def test_targets_are_listed_in_pages_and_by_their_ids(client: Any, put: Any) -> None:
    put(*(a_service(f"web{number}") for number in range(5)))
    ids = [f"service/shop/web{number}" for number in range(5)]
    for named in ids:
        client.register_scalable_target(**{**SCALED, "ResourceId": named}, MinCapacity=1, MaxCapacity=1)
    pages = client.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="ecs", PaginationConfig={"PageSize": 2}
    )
    assert [[row["ResourceId"] for row in page["ScalableTargets"]] for page in pages] == [
        ids[:2],
        ids[2:4],
        ids[4:],
    ]
    found = client.describe_scalable_targets(
        ServiceNamespace="ecs",
        ResourceIds=[ids[3], "service/shop/x"],
        ScalableDimension=SCALED["ScalableDimension"],
    )
    assert [row["ResourceId"] for row in found["ScalableTargets"]] == [ids[3]]
    assert client.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []


def test_bad_listings_are_refused(client: Any, refused: Any) -> None:
    listings = (client.describe_scalable_targets, client.describe_scaling_activities)
    listings += (client.describe_scaling_policies, client.describe_scheduled_actions)
    for listing in listings:
        with refused("InvalidNextTokenException"):
            listing(ServiceNamespace="ecs", NextToken="x")
        for size in (0, 51):
            with refused("ValidationException", "MaxResults"):
                listing(ServiceNamespace="ecs", MaxResults=size)
        with refused("ValidationException", "together with a resource ID"):
            listing(ServiceNamespace="ecs", ScalableDimension=SCALED["ScalableDimension"])
    with refused("ValidationException", "between 1 and 10"):
        client.describe_scaling_policies(ServiceNamespace="ecs", MaxResults=11)


def test_tags_are_kept_changed_and_removed(client: Any, register: Any) -> None:
    arn = register(Tags={"a": "1"})["ScalableTargetARN"]
    client.tag_resource(ResourceARN=arn, Tags={"b": "2", "a": "3"})
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "3", "b": "2"}
    client.untag_resource(ResourceARN=arn, TagKeys=["a", "none"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


def test_bad_tags_are_refused(client: Any, register: Any, refused: Any) -> None:
    arn = register()["ScalableTargetARN"]
    with refused("TooManyTagsException"):
        client.tag_resource(ResourceARN=arn, Tags={str(number): "" for number in range(51)})
    with refused("ValidationException", "aws:"):
        client.tag_resource(ResourceARN=arn, Tags={"aws:x": ""})
    missing = arn[:-1] + "x"
    for call in (
        lambda: client.tag_resource(ResourceARN=missing, Tags={}),
        lambda: client.untag_resource(ResourceARN=missing, TagKeys=[]),
        lambda: client.list_tags_for_resource(ResourceARN=missing),
    ):
        with refused("ResourceNotFoundException", missing):
            call()
