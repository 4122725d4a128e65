"""Metrics of load balancers, from the requests of clients to CloudWatch and Prometheus."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.system.conftest import Product
from tests.system.shops import LoadBalancer, Shop, until

from tidegate.cli.places import Places
from tidegate.cli.processes import process_ids

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

# A report every five seconds, and a restart between.
_REPORTED_SECONDS = 40


class Metrics:
    """What CloudWatch says of one load balancer and its target group."""

    def __init__(self, product: Product, balancer: LoadBalancer) -> None:
        self._cloudwatch = product.client("cloudwatch")
        self._balancer = {"Name": "LoadBalancer", "Value": balancer.arn.partition("loadbalancer/")[2]}
        self._group = {"Name": "TargetGroup", "Value": balancer.group_arn.rpartition(":")[2]}

    def points(self, name: str, statistic: str, *, of_group: bool = False) -> list[float]:
        """One number a minute, of the last ten."""
        now = datetime.now(UTC)
        is_percentile = statistic.startswith("p")
        asked: dict[str, Any] = {("ExtendedStatistics" if is_percentile else "Statistics"): [statistic]}
        answer = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/ApplicationELB",
            MetricName=name,
            Dimensions=[self._balancer, *([self._group] if of_group else [])],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            **asked,
        )
        points = answer["Datapoints"]
        return [one["ExtendedStatistics"][statistic] if is_percentile else one[statistic] for one in points]


def url_of(product: Product) -> str:
    lines = product.tidegate("status").stdout.splitlines()
    return next(line.split()[1] for line in lines if line.startswith("listener "))


def scraped(product: Product) -> str:
    try:
        with urllib.request.urlopen(metrics_url(product), timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def metrics_url(product: Product) -> str:
    places = Places(product.data_dir)
    return places.metrics_url(places.balancer).read_text()


def check_operators_view(product: Product) -> None:
    """Every process has metrics and is ready, and `tidegate status` says where."""
    targets = json.loads(product.tidegate("status", "--scrape-targets").stdout)
    named = {group["labels"]["process"]: group["targets"][0] for group in targets}
    assert {name.split("-")[0] for name in named} == {"control", "balancer", "agent"}
    shown = product.tidegate("status").stdout
    assert metrics_url(product) in shown
    for address in named.values():
        assert f"http://{address}/metrics" in shown
        until(lambda at=address: _status(f"http://{at}/health/ready") == 200, f"{address} is ready")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
            assert b"\ntidegate_ready 1.0\n" in answer.read()
    assert _status(f"{product.endpoint}/health/ready") == 200


def check_top(product: Product) -> None:
    """`tidegate top` prints a look, and draws on a terminal's other screen until somebody has seen enough."""
    once = product.tidegate("top", "--once").stdout
    assert re.search(r"^shop/shop +2/2 +0 +COMPLETED ", once, re.MULTILINE), once
    assert re.search(r"^shop +2/2 +shop ", once, re.MULTILINE), once
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "tidegate.cli.main", "top", "--data-dir", str(product.data_dir)]
    process = subprocess.Popen(command, stdin=its, stdout=its, env={**os.environ, "TERM": "xterm"})
    os.close(its)
    drawn = b""
    while b"DEPLOYMENT" not in drawn:
        drawn += os.read(ours, 65536)
    os.write(ours, b"q")
    while b"\x1b[?1049l" not in drawn:
        drawn += os.read(ours, 65536)
    assert process.wait(20) == 0
    assert drawn.count(b"\x1b[?1049h") == 1


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def kill(product: Product, part: str) -> None:
    (pid,) = process_ids(product.data_dir, part)
    os.kill(pid, signal.SIGKILL)
    until(lambda: process_ids(product.data_dir, part) not in ([], [pid]), f"{part} is restarted", 40)


def test_cloudwatch_has_every_request_when_control_and_the_balancer_were_killed(product: Product) -> None:
    balancer, shop = LoadBalancer.made(product), Shop(product)
    shop.open(desired=2, loadBalancers=[balancer.use])
    elbv2, metrics, url = product.client("elbv2"), Metrics(product, balancer), url_of(product)

    def is_healthy() -> bool:
        found = elbv2.describe_target_health(TargetGroupArn=balancer.group_arn)["TargetHealthDescriptions"]
        return [one["TargetHealth"]["State"] for one in found] == ["healthy"] * 2

    until(is_healthy, "both targets are healthy")

    def ask(times: int) -> None:
        for _ in range(times):
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200

    ask(30)
    kill(product, "control")
    ask(30)
    # What is in the pipe dies with the balancer, so its lines are let into the file first.
    time.sleep(1)
    kill(product, "balancer")
    until(lambda: "tidegate_haproxy_starts_total 1.0" in scraped(product), "HAProxy is started anew")
    ask(30)
    until(lambda: sum(metrics.points("RequestCount", "Sum")) >= 90, "90 requests", _REPORTED_SECONDS)
    assert sum(metrics.points("RequestCount", "Sum")) == 90
    assert sum(metrics.points("RequestCount", "Sum", of_group=True)) == 90
    assert sum(metrics.points("HTTPCode_Target_2XX_Count", "Sum")) == 90
    assert sum(metrics.points("RequestCountPerTarget", "Sum", of_group=True)) == pytest.approx(45, abs=15)
    assert max(metrics.points("HealthyHostCount", "Maximum", of_group=True)) == 2
    assert metrics.points("TargetResponseTime", "p99")
    assert 'tidegate_targets{load_balancer="app/shop/' in scraped(product)
    check_operators_view(product)
    check_top(product)
