"""CreateService and UpdateService refuse what is wrong in the service's words, and what is not honoured by
name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.testing.builders import ARNS, CLUSTER, GROUP_ARN, a_group
from tidegate.testing.ecs import EcsRegion, a_listener

INVALID = "InvalidParameterException"
OTHER_ARN = ARNS.target_group("other", "0123456789abcdef")
USE = {"targetGroupArn": GROUP_ARN, "containerName": "app", "containerPort": 5000}


@pytest.fixture
def region(region: EcsRegion) -> EcsRegion:
    region.registered()
    return region


def refusal(region: EcsRegion, **parameters: Any) -> tuple[str, str]:
    wanted = {"cluster": CLUSTER, "serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
    return region.refusal("create_service", **{**wanted, **parameters})


def deploying(**configuration: Any) -> dict[str, Any]:
    return {"deploymentConfiguration": configuration}


WRONG = [
    ({"serviceName": "a b"}, r"ServiceName must match ^[a-zA-Z0-9\-_]{1,255}$, but was a b"),
    ({"clientToken": "t" * 37}, "clientToken must have 1 to 36 printable ASCII characters."),
    ({"desiredCount": -1}, "desiredCount must be between 0 and 2147483647."),
    (
        {"healthCheckGracePeriodSeconds": -1},
        "healthCheckGracePeriodSeconds must be between 0 and 2147483647.",
    ),
    (
        {"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "x"}]},
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try "
        "again.",
    ),
    ({"launchType": "FARGATE"}, "Task definition does not support launch_type FARGATE."),
    (
        {"platformVersion": "LATEST"},
        "The platform version must be null when specifying an EC2 launch type.",
    ),
    (
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}},
        "Network Configuration is not valid for the given networkMode of this task definition.",
    ),
    ({"schedulingStrategy": "SOME"}, "scheduling strategy should be one of [REPLICA,DAEMON]"),
    ({"propagateTags": "ALL"}, "propagateTags should be one of [TASK_DEFINITION,SERVICE,NONE]"),
    (deploying(minimumHealthyPercent=101), "minimumHealthyPercent must be at most 100"),
    (deploying(minimumHealthyPercent=-1), "minimumHealthyPercent must be at least 0"),
    (deploying(maximumPercent=99), "maximumPercent must be at least 100"),
    (
        deploying(maximumPercent=100, minimumHealthyPercent=100),
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block any deployment",
    ),
    (
        {"placementStrategy": [{"type": "random", "field": "cpu"}]},
        "random field should not be specified",
    ),
    ({"placementStrategy": [{"type": "binpack", "field": "disk"}]}, "binpack field 'disk' is invalid."),
    ({"placementStrategy": [{"type": "spread", "field": "zone"}]}, "spread field 'zone' is invalid."),
    ({"placementStrategy": [{"type": "pack"}]}, "strategy type should be one of [random,spread,binpack]"),
    ({"placementStrategy": [{"type": "random"}] * 6}, "Maximum number of strategies is 5."),
    (
        {"placementConstraints": [{"type": "distinctInstance", "expression": "x"}]},
        "distinctInstance expression should not be specified",
    ),
    (
        {"placementConstraints": [{"type": "apart"}]},
        "constraint type should be one of [distinctInstance,memberOf]",
    ),
    (
        {"placementConstraints": [{"type": "distinctInstance"}] * 11},
        "Maximum number of constraints is 10.",
    ),
    ({"role": "ecsServiceRole"}, "IAM roles are only valid for services configured to use load balancers"),
    (
        {"loadBalancers": [{**USE, "loadBalancerName": "x"}]},
        "loadBalancerName and targetGroupArn cannot both be specified",
    ),
    (
        {"loadBalancers": [USE, {"loadBalancerName": "x", "containerName": "app", "containerPort": 5000}]},
        "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 (defining "
        "targetGroupArn)",
    ),
    ({"loadBalancers": [{"targetGroupArn": GROUP_ARN}]}, "containerName can not be blank."),
    ({"loadBalancers": [USE, USE]}, f"Duplicate targetGroupArn found: {GROUP_ARN}"),
    ({"loadBalancers": [USE] * 6}, "load balancers can have at most 5 items."),
    (
        {"loadBalancers": [{**USE, "targetGroupArn": OTHER_ARN}]},
        f"The specified target group does not exist. (targetGroupArn {OTHER_ARN})",
    ),
    (
        {"loadBalancers": [{**USE, "containerName": "db"}]},
        "The container db does not exist in the task definition.",
    ),
    (
        {"loadBalancers": [{**USE, "containerPort": 80}]},
        "The container app did not have a container port 80 defined.",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), WRONG)
def test_what_is_wrong_is_refused_in_the_services_words(
    region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    assert refusal(region, **parameters) == (INVALID, message)


UNSUPPORTED = [
    (
        {"capacityProviderStrategy": [{"capacityProvider": "x"}]},
        "capacityProviderStrategy: capacity providers are not supported.",
    ),
    ({"launchType": "EXTERNAL"}, "launchType: EXTERNAL is not supported, only EC2."),
    ({"schedulingStrategy": "DAEMON"}, "schedulingStrategy: DAEMON is not supported, only REPLICA."),
    (
        {"deploymentController": {"type": "CODE_DEPLOY"}},
        "deploymentController: CODE_DEPLOY is not supported, only ECS.",
    ),
    (
        {"availabilityZoneRebalancing": "ENABLED"},
        "availabilityZoneRebalancing: ENABLED is not supported, only DISABLED.",
    ),
    ({"enableExecuteCommand": True}, "enableExecuteCommand: ECS Exec is not supported."),
    (
        deploying(strategy="BLUE_GREEN"),
        "deploymentConfiguration: strategy BLUE_GREEN is not supported, only ROLLING.",
    ),
    (
        deploying(alarms={"alarmNames": ["a"], "enable": True, "rollback": True}),
        "deploymentConfiguration: alarms are not supported.",
    ),
    (deploying(bakeTimeInMinutes=5), "bakeTimeInMinutes: blue/green deployments are not supported."),
    (
        {"placementConstraints": [{"type": "memberOf", "expression": "attribute:rack == r1"}]},
        "placementConstraints: memberOf is not supported, only distinctInstance.",
    ),
    (
        {"loadBalancers": [{"loadBalancerName": "x", "containerName": "app", "containerPort": 5000}]},
        "loadBalancerName: Classic Load Balancers are not supported, only target groups.",
    ),
    (
        {
            "loadBalancers": [
                {**USE, "advancedConfiguration": {"alternateTargetGroupArn": OTHER_ARN}},
            ]
        },
        "advancedConfiguration: blue/green deployments are not supported.",
    ),
    (
        {"serviceRegistries": [{"registryArn": "arn:aws:servicediscovery:x"}]},
        "Tidegate does not serve the parameter serviceRegistries.",
    ),
    (
        {"serviceConnectConfiguration": {"enabled": True}},
        "Tidegate does not serve the parameter serviceConnectConfiguration.",
    ),
    (
        {"volumeConfigurations": [{"name": "data"}]},
        "Tidegate does not serve the parameter volumeConfigurations.",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), UNSUPPORTED)
def test_what_is_not_honoured_is_refused_by_name(
    region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    assert refusal(region, **parameters) == (INVALID, message)


def test_a_service_needs_a_definition_and_a_desired_count(region: EcsRegion) -> None:
    wanted = {"cluster": CLUSTER, "serviceName": "web"}
    refused = region.refusal("create_service", **wanted, desiredCount=1)
    assert refused == (INVALID, "TaskDefinition can not be blank.")
    refused = region.refusal("create_service", **wanted, taskDefinition="web")
    assert refused == (INVALID, "Desired count must be specified.")


def test_a_launch_type_that_aws_does_not_know_is_a_client_exception(region: EcsRegion) -> None:
    assert refusal(region, launchType="LAMBDA") == (
        "ClientException",
        "launch type should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]",
    )


def test_a_service_needs_a_revision_that_is_active(region: EcsRegion) -> None:
    assert refusal(region, taskDefinition="web:9") == ("ClientException", "TaskDefinition not found.")
    region.call("deregister_task_definition", taskDefinition="web:1")
    assert refusal(region, taskDefinition="web:1") == ("ClientException", "TaskDefinition is inactive")
    assert refusal(region, taskDefinition="web") == ("ClientException", "TaskDefinition not found.")


def test_a_service_needs_its_cluster(region: EcsRegion) -> None:
    assert refusal(region, cluster="nope") == ("ClusterNotFoundException", "Cluster not found.")


def test_a_target_group_must_be_reached_by_a_listener_and_take_instances(region: EcsRegion) -> None:
    region.put(a_group(arn=OTHER_ARN))
    assert refusal(region, loadBalancers=[{**USE, "targetGroupArn": OTHER_ARN}]) == (
        INVALID,
        f"The target group with targetGroupArn {OTHER_ARN} does not have an associated load balancer.",
    )
    region.put(a_group(target_type="ip"))
    assert refusal(region, loadBalancers=[USE]) == (
        INVALID,
        f"The provided target group {GROUP_ARN} has target type ip, which is incompatible with the bridge "
        "network mode specified in the task definition.",
    )


def test_several_target_groups_need_the_service_linked_role(region: EcsRegion) -> None:
    listener = replace(a_listener(OTHER_ARN), arn=ARNS.listener(CLUSTER, "0", "1"))
    region.put(a_group(arn=OTHER_ARN), listener)
    assert refusal(region, loadBalancers=[USE, {**USE, "targetGroupArn": OTHER_ARN}], role="own") == (
        INVALID,
        "You cannot specify an IAM role for services that require a service linked role",
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"launchType": "EC2", "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"}},
        {"availabilityZoneRebalancing": "DISABLED", "enableExecuteCommand": False},
        {"serviceRegistries": [], "capacityProviderStrategy": [], "vpcLatticeConfigurations": []},
        {"volumeConfigurations": [], "networkConfiguration": {}, "role": "", "platformVersion": ""},
        deploying(strategy="ROLLING", bakeTimeInMinutes=0, lifecycleHooks=[]),
        deploying(alarms={"alarmNames": [], "enable": False, "rollback": False}),
    ],
)
def test_what_says_the_default_or_nothing_is_accepted(region: EcsRegion, parameters: dict[str, Any]) -> None:
    wanted = {"cluster": CLUSTER, "serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
    answer = region.call("create_service", **{**wanted, **parameters})
    assert answer["service"]["status"] == "ACTIVE"
