"""Logs of load balancers, from the attribute to the bucket."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from tests.system.conftest import Product
from tests.system.shops import LoadBalancer, until

from tidegate.cli.processes import process_ids
from tidegate.testing.balancing.bucket_logs import entries

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


@pytest.fixture
def logging(start_product: Callable[..., Product]) -> Product:
    return start_product(environment={"TIDEGATE_LOG_INTERVAL": "1"})


def url_of(product: Product) -> str:
    """The load balancer's, as `tidegate status` tells it."""
    lines = product.tidegate("status").stdout.splitlines()
    return next(line.split()[1] for line in lines if line.startswith("listener "))


def test_a_balancer_that_is_killed_costs_no_line(logging: Product) -> None:
    shop = LoadBalancer.made(logging)
    _log_requests(logging, shop)
    until(lambda: "listener " in logging.tidegate("status").stdout, "the listener answers", 60)
    url, answered = url_of(logging), []
    for number in range(400):
        if number == 150:
            (pid,) = process_ids(logging.data_dir, "balancer")
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}asked/{number}", timeout=5)
        answered.append(str(number))
        time.sleep(0.01)
    until(lambda: process_ids(logging.data_dir, "balancer") not in ([], [pid]), "it is there again", 30)
    logging.tidegate("down")
    assert sorted(_asked(entries(logging.data_dir / "s3" / "shop-logs"))) == sorted(answered)


def test_an_attribute_turns_logs_on_and_a_client_finds_its_request(logging: Product) -> None:
    shop = LoadBalancer.made(logging)
    _log_requests(logging, shop)
    bucket = logging.data_dir / "s3" / "shop-logs"
    asked = 0

    def is_logged() -> bool:
        nonlocal asked
        asked += 1
        # There is no target: it is answered, and logged, with 503.
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url_of(logging)}asked/{asked}", timeout=5)
        return bool(entries(bucket))

    until(is_logged, "a request is logged", 60)
    entry = entries(bucket)[-1]
    assert entry["elb"] == shop.arn.split("loadbalancer/")[1]
    assert (entry["elb_status_code"], entry["target_group_arn"]) == ("503", shop.group_arn)
    logging.tidegate("down")
    assert str(asked) in _asked(entries(bucket)), "what came last is delivered on the way down"
    traces = {one["conn_trace_id"] for one in entries(bucket, "conn_log_")}
    assert {one["conn_trace_id"] for one in entries(bucket)} == traces


def _log_requests(product: Product, shop: LoadBalancer) -> None:
    product.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=shop.arn,
        Attributes=[
            {"Key": f"{kind}_logs.s3.{part}", "Value": value}
            for kind in ("access", "connection")
            for part, value in (("enabled", "true"), ("bucket", "shop-logs"))
        ],
    )


def _asked(found: list[dict[str, str]]) -> list[str]:
    """The numbers of requests for asked/NUMBER."""
    return [entry["request"].split("/asked/")[1].split(" ")[0] for entry in found]
