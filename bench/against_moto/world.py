"""The same world on both sides, made through boto3: two instances, two tasks of one service, two targets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.against_moto.sides import MotoSide, Side, client
from bench.measuring.http import LoadFailedError

CLUSTER, SERVICE = "bench", "web"
_USER_DATA = f"#!/bin/bash\necho ECS_CLUSTER={CLUSTER} >> /etc/ecs/ecs.config\n"
CONTAINER = {
    "name": "web",
    "image": "bench:1",
    "cpu": 64,
    "memory": 64,
    "essential": True,
    "portMappings": [{"containerPort": 5000, "hostPort": 0}],
    "environment": [{"name": "STAGE", "value": "bench"}],
}


@dataclass(frozen=True, slots=True)
class World:
    """What the requests name."""

    tasks: tuple[str, ...]
    target_group: str


def make_world(side: Side) -> World:
    """Create it and wait until it stands. Raises LoadFailedError."""
    ec2, ecs, elbv2 = (client(side, name) for name in ("ec2", "ecs", "elbv2"))
    side.prepare()
    ecs.create_cluster(clusterName=CLUSTER)
    instances = _launch(ec2)
    if isinstance(side, MotoSide):
        for instance in instances:
            document = json.dumps({"instanceId": instance, "region": "us-east-1"})
            ecs.register_container_instance(cluster=CLUSTER, instanceIdentityDocument=document)
    _until("two container instances", lambda: _instances(ecs) == 2)
    ecs.register_task_definition(family="web", containerDefinitions=[CONTAINER])
    group = _load_balancer(ec2, elbv2)
    ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition="web",
        desiredCount=2,
        loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 5000}],
    )
    if isinstance(side, MotoSide):
        ecs.run_task(cluster=CLUSTER, taskDefinition="web", count=2, group=f"service:{SERVICE}")
        targets = [{"Id": instance, "Port": 32768} for instance in instances]
        elbv2.register_targets(TargetGroupArn=group, Targets=targets)
    _until("two healthy targets", lambda: _states(elbv2, group) == ["healthy", "healthy"])
    # Not described before the measuring: moto moves a task's status on whenever somebody looks.
    return World(tuple(ecs.list_tasks(cluster=CLUSTER)["taskArns"]), group)


def _launch(ec2: Any) -> list[str]:
    subnets = ec2.describe_subnets()["Subnets"][:2]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return [
        ec2.run_instances(
            ImageId=image,
            InstanceType="t2.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet["SubnetId"],
            UserData=_USER_DATA,
        )["Instances"][0]["InstanceId"]
        for subnet in subnets
    ]


def _load_balancer(ec2: Any, elbv2: Any) -> str:
    subnets = ec2.describe_subnets()["Subnets"][:2]
    balancer = elbv2.create_load_balancer(Name="bench", Subnets=[one["SubnetId"] for one in subnets])
    group = elbv2.create_target_group(
        Name="bench", Protocol="HTTP", Port=5000, VpcId=subnets[0]["VpcId"], HealthCheckPath="/"
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    return str(group)


def _instances(ecs: Any) -> int:
    return len(ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"])


def _states(elbv2: Any, group: str) -> list[str]:
    found = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [one["TargetHealth"]["State"] for one in found]


def _until(what: str, condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LoadFailedError(f"{what} did not come about within {seconds:g} s")
        time.sleep(0.1)
