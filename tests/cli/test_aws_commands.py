"""What the demo prints is what the AWS CLI takes."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.cli.demo.aws_commands import aws_command


@pytest.mark.parametrize(
    ("front_end", "operation", "parameters", "command"),
    [
        ("ecs", "CreateCluster", {"clusterName": "shop"}, "aws ecs create-cluster --cluster-name shop"),
        (
            "ecs",
            "DeleteService",
            {"cluster": "c", "service": "s", "force": True},
            "aws ecs delete-service --cluster c --service s --force",
        ),
        (
            "ecs",
            "UpdateService",
            {"service": "s", "forceNewDeployment": False, "desiredCount": 2},
            "aws ecs update-service --service s --no-force-new-deployment --desired-count 2",
        ),
        (
            "elbv2",
            "CreateLoadBalancer",
            {"Name": "shop", "Subnets": ["subnet-1", "subnet-2"]},
            "aws elbv2 create-load-balancer --name shop --subnets subnet-1 subnet-2",
        ),
        (
            "elbv2",
            "ModifyTargetGroupAttributes",
            {"TargetGroupArn": "arn", "Attributes": [{"Key": "k", "Value": "10"}]},
            "aws elbv2 modify-target-group-attributes --target-group-arn arn "
            """--attributes '[{"Key":"k","Value":"10"}]'""",
        ),
        (
            "ec2",
            "RunInstances",
            {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2, "UserData": "echo A=b >> c"},
            "aws ec2 run-instances --image-id ami-1 --count 2 --user-data 'echo A=b >> c'",
        ),
    ],
)
def test_a_call_is_shown_as_the_command_that_makes_it(
    front_end: str, operation: str, parameters: dict[str, Any], command: str
) -> None:
    assert aws_command(front_end, operation, parameters) == command


@pytest.mark.parametrize("operation", ["DescribeServices", "ListTasks", "GetCallerIdentity"])
def test_what_only_looks_is_not_shown(operation: str) -> None:
    assert aws_command("ecs", operation, {}) is None
