"""What containers print, from their own write to CloudWatch Logs, whoever is killed meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.system.conftest import Product
from tests.system.shops import Shop, until

from tidegate.cli.processes import process_ids

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

# Version 1 of the command line, which pip installs, has no `logs tail`.
AWS = "/usr/bin/aws"
COUNTING = (
    "import itertools, time\nfor n in itertools.count(): print('number', n, flush=True); time.sleep(0.02)"
)


def numbers(product: Product, prefix: str) -> Iterator[int]:
    pages = (
        product.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName="shop", logStreamNamePrefix=prefix, filterPattern="number")
    )
    return (int(event["message"].split()[1]) for page in pages for event in page["events"])


@pytest.mark.parametrize("runtime", ["process", pytest.param("docker", marks=pytest.mark.docker)])
def test_every_line_is_put_once_while_control_and_agents_are_killed(
    start_product: Callable[..., Product], runtime: str
) -> None:
    product = start_product(runtime=runtime)
    shop = Shop(product)
    product.client("logs").create_log_group(logGroupName="shop")
    shop.open(0)
    _deploy(shop, group="shop", prefix="web")
    until(lambda: list(numbers(product, "web/web/")), "lines are put")
    (task,) = shop.tasks
    stream = f"web/web/{task['taskArn'].rsplit('/', 1)[-1]}"

    (control,) = process_ids(product.data_dir, "control")
    os.kill(control, signal.SIGSTOP)
    time.sleep(2)
    for agent in process_ids(product.data_dir, "agent"):
        os.kill(agent, signal.SIGKILL)
    time.sleep(1)
    os.kill(control, signal.SIGKILL)
    until(lambda: process_ids(product.data_dir, "control") not in ([], [control]), "control is back")
    before = len(list(numbers(product, stream)))
    until(lambda: len(list(numbers(product, stream))) > before + 250, "what waited is put, and more")

    found = list(numbers(product, stream))
    assert found == list(range(len(found))), "each once, in order"
    printed = product.tidegate("logs", "shop", "-n", "0").stdout.splitlines()
    assert [line.split(" number ")[1] for line in printed[: len(found)]] == [str(n) for n in found]
    if shutil.which(AWS):
        tail = [AWS, "logs", "tail", "shop", "--since", "1h", "--endpoint-url", product.endpoint]
        told = subprocess.run(tail, capture_output=True, text=True, check=True, env=product.environment)
        assert f"{stream} number {found[-1]}" in told.stdout

    _deploy(shop, group="none", prefix="web")
    until(lambda: any("CannotStartContainerError" in reason for reason in _reasons(shop)), "it fails", 60)
    assert any("The specified log group does not exist." in reason for reason in _reasons(shop))


def _deploy(shop: Shop, **options: str) -> None:
    """Move the service to a task that counts aloud."""
    definition = shop.definition("shop:1")
    (container,) = definition["containerDefinitions"]
    container |= {
        "command": ["python", "-c", COUNTING],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": options["group"],
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": options["prefix"],
            },
        },
    }
    arn = shop.ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    shop.ecs.update_service(cluster="shop", service="shop", desiredCount=1, taskDefinition=arn)


def _reasons(shop: Shop) -> list[str]:
    arns = shop.ecs.list_tasks(cluster="shop", desiredStatus="STOPPED")["taskArns"]
    tasks: list[dict[str, Any]] = shop.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []
    return [one.get("reason", "") for task in tasks for one in task["containers"]]
