"""A deploy of a service whose target group drains early: seconds, not its deregistration delay."""

from __future__ import annotations

import time

import pytest
from tests.system.commands import address_of
from tests.system.conftest import Product
from tests.system.shops import LISTENER_PORT, LoadBalancer, Shop, until

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

DELAY_SECONDS = 300


def test_a_deploy_under_load_takes_seconds_and_fails_no_request(product: Product) -> None:
    shop, balancer = Shop(product), LoadBalancer.made(product)
    elbv2 = product.client("elbv2")
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(DELAY_SECONDS)}
    elbv2.modify_target_group_attributes(TargetGroupArn=balancer.group_arn, Attributes=[delay])
    elbv2.add_tags(ResourceArns=[balancer.group_arn], Tags=[{"Key": "tidegate:drain", "Value": "early"}])
    shop.open(desired=2, loadBalancers=[balancer.use])
    until(lambda: is_complete(shop), "the first deployment is complete")

    kinds = [Kind(name="kept"), Kind(name="new", keep_alive=False)]
    with LoadGenerator(
        address_of(product, balancer.arn), LISTENER_PORT, host="shop", rate=60, kinds=kinds
    ) as load:
        before = {task["taskArn"] for task in shop.tasks}
        began = time.monotonic()
        shop.ecs.update_service(cluster="shop", service="shop", forceNewDeployment=True)
        until(lambda: is_replaced(shop, before), "all tasks are other ones", DELAY_SECONDS / 4)
        elapsed = time.monotonic() - began
        tally = load.stop()
    assert tally.failures == []
    assert tally.completed > 100
    assert elapsed < DELAY_SECONDS / 4


def is_complete(shop: Shop) -> bool:
    return [one["rolloutState"] for one in shop.service["deployments"]] == ["COMPLETED"]


def is_replaced(shop: Shop, before: set[str]) -> bool:
    present = {task["taskArn"] for task in shop.tasks}
    return len(present) == 2 and not present & before and len(shop.service["deployments"]) == 1
