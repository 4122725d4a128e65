"""The commands on a running installation, as their user sees them."""

from __future__ import annotations

import json
import os
import resource
import signal
from pathlib import Path

import pytest
from tests.system.conftest import Product, tidegate
from tests.system.shops import LoadBalancer, Shop, until

from tidegate.cli.processes import process_ids

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROLLING_BACK = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
ONE_BY_ONE = {"maximumPercent": 200, "minimumHealthyPercent": 100}
STARTS = 3


@pytest.fixture
def shop(product: Product) -> Shop:
    shop = Shop(product)
    shop.open(desired=1)
    return shop


def is_settled(shop: Shop) -> bool:
    """One deployment is left, and it has completed."""
    # Without a load balancer that would take 40 s: so long must a task run to count as healthy.
    return [d["rolloutState"] for d in shop.service["deployments"]] == ["COMPLETED"]


def test_deploy_status_and_logs_tell_the_same_story(product: Product, tmp_path: Path) -> None:
    shop = Shop(product)
    more = {"deploymentConfiguration": {**ROLLING_BACK, **ONE_BY_ONE}}
    shop.open(desired=1, loadBalancers=[LoadBalancer.made(product).use], **more)
    (task,) = shop.tasks
    short_id = task["taskArn"].rsplit("/", 1)[-1][:8]
    for name in ("shop", short_id, task["taskArn"]):
        assert "/web  " in product.tidegate("logs", name).stdout
    assert product.tidegate("logs", "shop").stdout.rstrip().endswith("the shop is open")

    until(lambda: is_settled(shop), "there is a revision to roll back to", 90)
    file = tmp_path / "ecs_taskdefinition.json"
    file.write_text(json.dumps(shop.definition("shop:missing")))
    deploy = ("deploy", str(file), "--cluster", "shop", "--service", "shop")
    done = product.tidegate(*deploy, check=False)
    assert done.returncode == 1
    assert "registered shop:2" in done.stdout
    assert "deployment failed: tasks failed to start." in done.stdout
    assert done.stderr.endswith("The service is rolled back to shop:1.\n")
    assert {container["image"] for row in shop.tasks for container in row["containers"]} == {"shop:1"}

    until(lambda: is_settled(shop), "it is rolled back", 90)
    status = product.tidegate("status").stdout
    assert "service    shop  1 of 1 tasks run  COMPLETED" in status
    assert shop.service["taskDefinition"].endswith("/shop:1")
    shop.build("shop:2")
    file.write_text(json.dumps(shop.definition("shop:2")))
    told = product.tidegate(*deploy, "--timeout", "120").stdout
    assert "registered shop:3" in told
    assert "completed: 1 task(s) run" in told
    assert [container["image"] for row in shop.tasks for container in row["containers"]] == ["shop:2"]
    # The dead task's lines are still there.
    assert product.tidegate("logs", "shop").stdout.count("the shop is open") >= 2
    assert "the shop is open" in product.tidegate("logs", short_id).stdout


def test_what_keeps_a_service_from_running_is_told_with_its_mend(product: Product, shop: Shop) -> None:
    shop.ecs.register_task_definition(
        family="large",
        containerDefinitions=[{"name": "web", "image": "shop:1", "memory": 4096}],
    )
    shop.ecs.create_service(cluster="shop", serviceName="large", taskDefinition="large", desiredCount=1)
    until(lambda: product.tidegate("status", check=False).returncode == 1, "status tells of a problem")
    problem = product.tidegate("status", check=False).stdout.splitlines()[-1]
    assert problem.startswith("problem: (service large) was unable to place a task")
    assert problem.endswith("start more container instances, or let the task ask for less")


def test_what_dies_is_started_again_and_status_counts_it(product: Product) -> None:
    for name in ("control", "balancer"):
        (pid,) = process_ids(product.data_dir, name)
        os.kill(pid, signal.SIGKILL)
        until(lambda name=name, pid=pid: process_ids(product.data_dir, name) not in ([], [pid]), name)
        assert product.client("ecs").list_clusters()["clusterArns"] == []
    status = product.tidegate("status").stdout
    assert status.count(", 1 restart\n") == 2


def test_a_killed_supervisor_leaves_its_work_to_the_next_one(product: Product, shop: Shop) -> None:
    before = shop.containers()
    balancer = process_ids(product.data_dir, "balancer")
    (pid,) = process_ids(product.data_dir, "supervisor")
    os.kill(pid, signal.SIGKILL)
    status = product.tidegate("status", check=False)
    assert status.returncode == 1
    assert "problem: supervisor does not run: `tidegate up --data-dir " in status.stdout
    product.tidegate("up", "--detach")
    until(lambda: shop.connected == 2, "both agents are connected")
    assert shop.containers() == before
    assert process_ids(product.data_dir, "balancer") == balancer


def test_down_ends_every_process_and_up_starts_the_services_again(product: Product, shop: Shop) -> None:
    containers = shop.containers()
    product.tidegate("down")
    assert not [pid for pid in containers if Path(f"/proc/{pid}").exists()]
    assert not [pid for pid in map(_pid, Path("/proc").iterdir()) if pid and _is_ours(pid, product)]
    product.tidegate("up", "--detach")
    until(lambda: shop.service["runningCount"] == 1, "its task runs again")
    assert not set(shop.containers()) & set(containers)


def test_the_first_answer_costs_about_a_second_of_a_processor(tmp_path: Path) -> None:
    """Nothing else is waited for. The clock would depend on what else runs; the time that processors count
    does so too, and on how fast they are. The limit stops what is twice as much as it takes here, on any
    machine that is not half as fast: `tests/control/test_first_answer.py` holds what makes it little."""
    data_dir = tmp_path / "d"
    costs = []
    for _ in range(STARTS):
        before = _children_seconds()
        tidegate(data_dir, "up", "--detach", "--runtime", "process", "--endpoint", "127.0.0.1:0")
        (pid,) = process_ids(data_dir, "control")
        costs.append(_children_seconds() - before + _seconds_of(pid))
        tidegate(data_dir, "down")
    assert min(costs) < 1.6, costs


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pid(entry: Path) -> int | None:
    return int(entry.name) if entry.name.isdigit() else None


def _is_ours(pid: int, product: Product) -> bool:
    try:
        return str(product.data_dir).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
