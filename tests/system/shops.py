"""A small service on a started product, with a load balancer where one is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.system.conftest import Product

from tidegate.cli.demo.sabotage import container_processes
from tidegate.cli.demo.stage import build
from tidegate.cli.processes import start_time

SHOP = Path(__file__).parent / "shop"
LISTENER_PORT = 8081
USER_DATA = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"


def until(claim: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for what no event tells of; fails the test after so many seconds."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


def open_port(ec2: Any, vpc_id: str) -> None:
    """Let everybody in at the listener's port: a VPC's default group lets in only itself."""
    named = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    [group] = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    anybody = [{"CidrIp": "0.0.0.0/0"}]
    ports = {"IpProtocol": "tcp", "FromPort": LISTENER_PORT, "ToPort": LISTENER_PORT, "IpRanges": anybody}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[ports])


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """`shop`, in front of target group `shop`, which drains in two seconds."""

    arn: str
    group_arn: str

    @classmethod
    def made(cls, product: Product) -> LoadBalancer:
        ec2, elbv2 = product.client("ec2"), product.client("elbv2")
        subnets = ec2.describe_subnets()["Subnets"]
        open_port(ec2, subnets[0]["VpcId"])
        made = elbv2.create_load_balancer(Name="shop", Subnets=[s["SubnetId"] for s in subnets])
        group: str = elbv2.create_target_group(
            Name="shop",
            Protocol="HTTP",
            Port=8080,
            VpcId=subnets[0]["VpcId"],
            HealthCheckPath="/",
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group_attributes(
            TargetGroupArn=group,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "2"}],
        )
        arn = str(made["LoadBalancers"][0]["LoadBalancerArn"])
        elbv2.create_listener(
            LoadBalancerArn=arn,
            Protocol="HTTP",
            Port=LISTENER_PORT,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return cls(arn, group)

    @property
    def use(self) -> dict[str, Any]:
        """As CreateService takes it."""
        return {"targetGroupArn": self.group_arn, "containerName": "web", "containerPort": 8080}


class Shop:
    """Service `shop` in cluster `shop` on two instances."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.ecs = product.client("ecs")

    def open(self, desired: int, **more: Any) -> None:
        """Start it, and wait until so many tasks run; `more` goes to CreateService."""
        self.build("shop:1")
        self.ecs.create_cluster(clusterName="shop")
        ec2 = self._product.client("ec2")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        ec2.run_instances(ImageId=image, InstanceType="t2.micro", MinCount=2, MaxCount=2, UserData=USER_DATA)
        until(lambda: self.connected == 2, "both agents are connected")
        self.ecs.register_task_definition(**self.definition("shop:1"))
        self.ecs.create_service(
            cluster="shop", serviceName="shop", taskDefinition="shop", desiredCount=desired, **more
        )
        until(lambda: self.service["runningCount"] == desired, f"{desired} tasks run")

    def build(self, tag: str) -> None:
        build(self._product.data_dir, SHOP, tag, runtime=self._product.settings["runtime"])

    def definition(self, image: str) -> dict[str, Any]:
        container = {"name": "web", "image": image, "memory": 64, "portMappings": [{"containerPort": 8080}]}
        return {"family": "shop", "containerDefinitions": [container]}

    @property
    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
        return found

    @property
    def events(self) -> list[str]:
        """The service's events, oldest first."""
        return [event["message"] for event in reversed(self.service["events"])]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="shop", serviceName="shop")["taskArns"]
        found: list[dict[str, Any]] = []
        if arns:
            found = self.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"]
        return found

    @property
    def connected(self) -> int:
        """How many agents are connected."""
        return sum(1 for row in self._instances() if row["agentConnected"])

    def containers(self) -> dict[int, int | None]:
        """pid -> start time of every process of the running tasks' containers, as the kernel knows them."""
        ids = {row["containerInstanceArn"]: row["ec2InstanceId"] for row in self._instances()}
        answer = self._product.client("ec2").describe_instances(InstanceIds=list(ids.values()))
        machines = [one for group in answer["Reservations"] for one in group["Instances"]]
        addresses = {machine["InstanceId"]: machine["PrivateIpAddress"] for machine in machines}
        pids: list[int] = []
        for task in self.tasks:
            (container,) = task["containers"]
            (binding,) = container["networkBindings"]
            address = addresses[ids[task["containerInstanceArn"]]]
            pids += container_processes(address, binding["hostPort"], container.get("runtimeId"))
        return {pid: start_time(pid) for pid in sorted(pids)}

    def _instances(self) -> list[dict[str, Any]]:
        arns = self.ecs.list_container_instances(cluster="shop")["containerInstanceArns"]
        found: list[dict[str, Any]] = []
        if arns:
            answer = self.ecs.describe_container_instances(cluster="shop", containerInstances=arns)
            found = answer["containerInstances"]
        return found
