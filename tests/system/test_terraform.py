"""Terraform applies, replans empty, changes the image under load with no failed request, destroys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import Product
from tests.system.stack import HERE, Stack

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.terraform, pytest.mark.timeout(600)]


@pytest.fixture
def stack(product: Product, tmp_path: Path) -> Stack:
    return Stack(product, tmp_path / "terraform", "main.tf")


def test_small_stack_lives_its_whole_life(product: Product, stack: Stack) -> None:
    for tag in ("1", "2"):
        product.tidegate("image", "build", str(HERE / "shop"), "-t", f"shop:{tag}")
    ec2 = product.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    user_data = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"
    started = ec2.run_instances(
        ImageId=image,
        InstanceType="t2.micro",
        MinCount=2,
        MaxCount=2,
        UserData=user_data,
        SecurityGroupIds=[_open_group(ec2)],
    )

    stack.apply(image="shop:1")
    stack.assert_replans_empty(image="shop:1")
    assert _account_settings(product) == ("enabled", "enabled", "blocking", "14", "enabled")
    balancer = product.client("elbv2").describe_load_balancers(Names=["shop"])["LoadBalancers"][0]
    address = _address_of(product, balancer["LoadBalancerArn"])
    kinds = [
        Kind(name="kept alive", path="/", weight=3),
        Kind(name="new connection", path="/", keep_alive=False),
    ]
    with LoadGenerator(address, 80, host=balancer["DNSName"], rate=100, kinds=kinds) as load:
        stack.apply(image="shop:2")
        tally = load.stop()
    assert tally.failures == []
    assert tally.completed > 100
    stack.assert_replans_empty(image="shop:2")
    _assert_runs(product, "shop:2")

    # They are not Terraform's, and as on AWS a cluster with container instances cannot be deleted.
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"] for instance in started["Instances"]])
    stack.destroy()
    stack.destroy()
    # Terraform sets defaults back; long ARNs stay, as on AWS.
    assert _account_settings(product) == ("disabled", "disabled", "non-blocking", "7", "enabled")


def _open_group(ec2: Any) -> str:
    """A security group that lets the load balancer reach host ports: the default one lets in its own
    members only."""
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="instances", Description="host ports", VpcId=vpc)["GroupId"]
    ports = {"IpProtocol": "tcp", "FromPort": 32768, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ports])
    return str(group)


def _address_of(product: Product, arn: str) -> str:
    description = "ELB " + arn.split("loadbalancer/", 1)[1]
    filters = [{"Name": "description", "Values": [description]}]
    found = product.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return str(sorted(entry["PrivateIpAddress"] for entry in found)[0])


def _account_settings(product: Product) -> tuple[str, ...]:
    """What holds for those that main.tf sets."""
    names = (
        "awsvpcTrunking",
        "containerInsights",
        "defaultLogDriverMode",
        "fargateTaskRetirementWaitPeriod",
        "serviceLongArnFormat",
    )
    pages = product.client("ecs").get_paginator("list_account_settings").paginate(effectiveSettings=True)
    found = {one["name"]: one["value"] for page in pages for one in page["settings"]}
    return tuple(found[name] for name in names)


def _assert_runs(product: Product, image: str) -> None:
    ecs = product.client("ecs")
    arns = ecs.list_tasks(cluster="shop")["taskArns"]
    tasks = ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"]
    assert [container["image"] for task in tasks for container in task["containers"]] == [image]
