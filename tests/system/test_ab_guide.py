"""The examples of `docs/ab.md`, run as they are written, on live traffic."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import Product
from tests.system.shops import LISTENER_PORT, LoadBalancer, Shop, until

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

# What the guide says, and what it is in a test: quick, on a machine that others use too.
HERE = {"shop:80": f"shop:{LISTENER_PORT}", "%/5m": "%/5s", "baseline+50%": "baseline+500%"}
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "ab.md"


def split(product: Product, balancer: LoadBalancer) -> str:
    """Give a second target group, with the same targets, a tenth of the requests; its ARN."""
    elbv2 = product.client("elbv2")
    first = elbv2.describe_target_groups(TargetGroupArns=[balancer.group_arn])["TargetGroups"][0]
    made = elbv2.create_target_group(Name="canary", Protocol="HTTP", Port=8080, VpcId=first["VpcId"])
    canary = str(made["TargetGroups"][0]["TargetGroupArn"])
    health = elbv2.describe_target_health(TargetGroupArn=balancer.group_arn)["TargetHealthDescriptions"]
    ids = [one["Target"]["Id"] for one in health]

    def is_running() -> bool:
        found = product.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
        return {one["State"]["Name"] for group in found for one in group["Instances"]} == {"running"}

    # An agent is connected a moment before its instance is running.
    until(is_running, "the instances are running")
    elbv2.register_targets(TargetGroupArn=canary, Targets=[one["Target"] for one in health])
    listener = elbv2.describe_listeners(LoadBalancerArn=balancer.arn)["Listeners"][0]["ListenerArn"]
    groups = [{"TargetGroupArn": balancer.group_arn, "Weight": 90}, {"TargetGroupArn": canary, "Weight": 10}]
    forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=[forward])

    def is_healthy() -> bool:
        found = elbv2.describe_target_health(TargetGroupArn=canary)["TargetHealthDescriptions"]
        return {one["TargetHealth"]["State"] for one in found} == {"healthy"}

    until(is_healthy, "the canary's targets are healthy")
    return canary


def weights(product: Product, balancer: LoadBalancer) -> dict[str, int]:
    found: list[dict[str, Any]] = product.client("elbv2").describe_listeners(LoadBalancerArn=balancer.arn)[
        "Listeners"
    ]
    groups = found[0]["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    return {one["TargetGroupArn"].split("/")[1]: one["Weight"] for one in groups}


def run(product: Product, block: str) -> str:
    environment = product.environment
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    # Each `tidegate` of the guide is the installation's that the reader has; here it is the test's.
    text = re.sub(r"^(tidegate ab \w+)", rf"\1 --data-dir {product.data_dir}", block, flags=re.MULTILINE)
    for said, here in HERE.items():
        text = text.replace(said, here)
    done = subprocess.run(
        ["bash", "-ec", text],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guides_examples_do_what_they_say(product: Product) -> None:
    balancer, shop = LoadBalancer.made(product), Shop(product)
    shop.open(desired=1, loadBalancers=[balancer.use])
    split(product, balancer)
    compare, linear, canary = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    line = next(
        one
        for one in product.tidegate("status", check=False).stdout.splitlines()
        if one.startswith("listener ")
    )
    address, _, port = line.split()[1].removeprefix("http://").strip("/").rpartition(":")
    kinds = [Kind(name="GET /", path="/")]
    with LoadGenerator(address, int(port), host="shop", rate=200, kinds=kinds) as load:
        until(lambda: "No difference seen yet between canary and shop" in run(product, compare), "a verdict")
        said = run(product, linear)
        assert "IN_PROGRESS  canary, 20 % in step 1 of 9" in said
        assert "ROLLED_BACK: stopped by the user, rolled back" in said
        assert weights(product, balancer) == {"shop": 90, "canary": 10}
        steps = [one.partition(" ")[2] for one in run(product, canary).splitlines()[1:]]
        assert [one.partition(":")[0] for one in steps] == ["step 1 of 2", "step 2 of 2", "done"]
        assert weights(product, balancer) == {"shop": 0, "canary": 100}
        tally = load.stop()
    assert not tally.failures, tally.reasons()
