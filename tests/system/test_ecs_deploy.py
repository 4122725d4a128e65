"""ecs-deploy, as a user installs it, deploys, scales, runs and rolls back."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.system.commands import run
from tests.system.conftest import Product

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SHOP = Path(__file__).parent / "shop"
USER_DATA = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"
WEB: dict[str, Any] = {
    "name": "web",
    "image": "shop:1",
    "memory": 64,
    "portMappings": [{"containerPort": 8080}],
}


class Shop:
    """A steady service of two tasks behind a load balancer."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.ecs = product.client("ecs")
        for tag in ("1", "2"):
            product.tidegate("image", "build", str(SHOP), "-t", f"shop:{tag}")
        self._make_instances()
        self.ecs.register_task_definition(family="shop", containerDefinitions=[WEB])
        use = {"targetGroupArn": self._make_target_group(), "containerName": "web", "containerPort": 8080}
        self.ecs.create_service(
            cluster="shop", serviceName="shop", taskDefinition="shop", desiredCount=2, loadBalancers=[use]
        )
        waiter = self.ecs.get_waiter("services_stable")
        waiter.wait(cluster="shop", services=["shop"], WaiterConfig={"Delay": 1, "MaxAttempts": 90})

    def _make_instances(self) -> None:
        ec2 = self._product.client("ec2")
        self.ecs.create_cluster(clusterName="shop")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        ec2.run_instances(ImageId=image, InstanceType="t2.micro", MinCount=2, MaxCount=2, UserData=USER_DATA)
        # A service made earlier would tell, truly, that it was unable to place its tasks.
        ends_at = time.monotonic() + 60
        while len(self.ecs.list_container_instances(cluster="shop")["containerInstanceArns"]) < 2:
            assert time.monotonic() < ends_at, "the instances have not registered"
            time.sleep(0.2)

    def _make_target_group(self) -> str:
        ec2, elbv2 = self._product.client("ec2"), self._product.client("elbv2")
        subnets = ec2.describe_subnets()["Subnets"]
        made = elbv2.create_load_balancer(Name="shop", Subnets=[s["SubnetId"] for s in subnets[:2]])
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
        elbv2.create_listener(
            LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=8080,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return group

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One `ecs` command."""
        return run(self._product, "ecs", *arguments)

    def commanded(self, *arguments: str) -> str:
        """What a command prints that has to succeed."""
        done = self.command(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ecs.describe_services(cluster="shop", services=["shop"])["services"][0]
        return found

    def status_of(self, revision: str) -> str:
        definition = self.ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
        return str(definition["status"])


@pytest.fixture
def shop(product: Product) -> Shop:
    return Shop(product)


def test_ecs_deploy_deploys_scales_and_runs(shop: Shop) -> None:
    printed = shop.commanded("deploy", "shop", "shop", "--image", "web", "shop:2", "--timeout", "120")
    assert "Deployment successful" in printed
    service = shop.service
    assert service["taskDefinition"].endswith("/shop:2")
    assert (len(service["deployments"]), service["runningCount"]) == (1, 2)
    # It deregisters the revision that it replaced.
    assert (shop.status_of("shop:1"), shop.status_of("shop:2")) == ("INACTIVE", "ACTIVE")

    changed = shop.commanded("deploy", "shop", "shop", "-e", "web", "GREETING", "hello", "--timeout", "120")
    assert 'Changed environment "GREETING" of container "web"' in changed

    assert "Scaling successful" in shop.commanded("scale", "shop", "shop", "1", "--timeout", "120")
    assert (shop.service["desiredCount"], shop.service["runningCount"]) == (1, 1)

    shop.commanded("run", "shop", "shop", "1")
    (task,) = shop.ecs.list_tasks(cluster="shop", startedBy="ECS Deploy")["taskArns"]
    waiter = shop.ecs.get_waiter("tasks_running")
    waiter.wait(cluster="shop", tasks=[task], WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    assert '"shop:2"' in shop.commanded("diff", "shop", "1", "2")
    shop.commanded("update", "shop", "--image", "web", "shop:1")
    assert not [event for event in shop.service["events"] if "unable" in event["message"]]


def test_ecs_deploy_rolls_a_broken_image_back(shop: Shop) -> None:
    done = shop.command(
        *("deploy", "shop", "shop", "--image", "web", "shop:missing", "--timeout", "120", "--rollback")
    )
    assert done.returncode == 1
    assert "service has been rolled back to previous task definition: shop:1" in done.stdout + done.stderr
    service = shop.service
    assert service["taskDefinition"].endswith("/shop:1")
    assert (len(service["deployments"]), service["runningCount"]) == (1, 2)
    assert shop.status_of("shop:2") == "INACTIVE"
