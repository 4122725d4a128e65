"""ecs-deploy, as a user installs it, deploys, scales, runs and rolls back."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from tests.system.commands import run
from tests.system.conftest import Product
from tests.system.shops import LoadBalancer, Shop

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


class EcsDeploy:
    """The client, and a steady service of two tasks behind a load balancer."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._shop = Shop(product)
        self.ecs = self._shop.ecs
        self._shop.open(desired=2, loadBalancers=[LoadBalancer.made(product).use])
        self._shop.build("shop:2")
        waiter = self.ecs.get_waiter("services_stable")
        waiter.wait(cluster="shop", services=["shop"], WaiterConfig={"Delay": 1, "MaxAttempts": 90})

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
        return self._shop.service

    def status_of(self, revision: str) -> str:
        definition = self.ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
        return str(definition["status"])


@pytest.fixture
def shop(product: Product) -> EcsDeploy:
    return EcsDeploy(product)


def test_ecs_deploy_deploys_scales_and_runs(shop: EcsDeploy) -> None:
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


def test_ecs_deploy_rolls_a_broken_image_back(shop: EcsDeploy) -> None:
    done = shop.command(
        *("deploy", "shop", "shop", "--image", "web", "shop:missing", "--timeout", "120", "--rollback")
    )
    assert done.returncode == 1
    assert "service has been rolled back to previous task definition: shop:1" in done.stdout + done.stderr
    service = shop.service
    assert service["taskDefinition"].endswith("/shop:1")
    assert (len(service["deployments"]), service["runningCount"]) == (1, 2)
    assert shop.status_of("shop:2") == "INACTIVE"
