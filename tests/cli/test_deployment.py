"""`tidegate deploy` against the real API, controllers and decisions on a clock that stands still."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.deployment import DeployError, Rollout, read_definition
from tidegate.cli.target_notes import TargetNotes
from tidegate.control.api import ec2, ecs, elbv2
from tidegate.control.api.context import ApiContext
from tidegate.control.settings import RegionSettings
from tidegate.control.store.tables import (
    CLUSTERS,
    CONTAINER_INSTANCES,
    LISTENERS,
    LOAD_BALANCERS,
    SERVICES,
    SUBNETS,
)
from tidegate.domain.ec2 import Subnet
from tidegate.domain.ecs import CircuitBreaker, DeploymentConfiguration
from tidegate.domain.elbv2 import ZoneMapping
from tidegate.testing.api import Api, logs_in_memory, series_in_memory
from tidegate.testing.builders import CLUSTER, VPC, a_cluster, a_service
from tidegate.testing.control import ControlHarness
from tidegate.testing.ecs import an_able_instance
from tidegate.testing.ids import SeededIds
from tidegate.testing.load_balancers import a_listener, a_load_balancer

CONTAINER: dict[str, Any] = {
    "name": "app",
    "image": "web:4",
    "memory": 64,
    "portMappings": [{"containerPort": 5000}],
}
DEFINITION: dict[str, Any] = {"family": "web", "containerDefinitions": [CONTAINER]}
ROLLING_BACK = DeploymentConfiguration(circuit_breaker=CircuitBreaker(enable=True, rollback=True))
STOPPING_ONLY = DeploymentConfiguration(circuit_breaker=CircuitBreaker(enable=True, rollback=False))


class Shop:
    """A steady service, a rollout of it, and what the rollout told."""

    def __init__(self, *, desired: int = 1, **more: Any) -> None:
        self.control = ControlHarness()
        self.service = a_service(desired=desired, **more)
        settings = RegionSettings(region="us-east-1", account="000000000000", network="127.80", endpoint="")
        context = ApiContext(
            store=self.control.store,
            series=series_in_memory(self.control.clock),
            logs=logs_in_memory(self.control.clock),
            clock=self.control.clock,
            ids=SeededIds(2),
            settings=settings,
        )
        api = Api(context, [ecs.FRONT_END, elbv2.FRONT_END, ec2.FRONT_END])
        self.ecs = api.client("ecs")
        notes = TargetNotes(
            api.client("elbv2"), api.client("ec2"), lambda: self.control.clock.now().astimezone()
        )
        self.told: list[str] = []
        self.rollout = Rollout(self.ecs, CLUSTER, self.service.name, self.told.append, notes.of)

    async def open(self) -> None:
        await self.control.found(self.service, delay=3)
        await self.control.put(CLUSTERS, a_cluster())
        for number, zone in ((1, "us-east-1a"), (2, "us-east-1b")):
            await self.control.put(CONTAINER_INSTANCES, an_able_instance(number, zone=zone))
        await self.control.until_steady(self.service)

    async def begin(self, definition: dict[str, Any] = DEFINITION) -> None:
        await asyncio.to_thread(self.rollout.begin, definition)
        await self.control.driver.settle()

    async def look(self) -> bool:
        # A client's call runs on an event loop of its own.
        return await asyncio.to_thread(self.rollout.is_complete)

    async def second(self) -> None:
        await self.control.obey()
        await self.control.probe()
        await self.control.after(1)

    async def fail_starts(self, count: int) -> None:
        """So many tasks of the new revision end before they run."""
        failed = 0
        while failed < count:
            for task in self.control.tasks():
                if task.last_status == "PENDING":
                    await self.control.report(task, "STOPPED")
                    failed += 1
            await self.control.after(1)


@pytest.fixture
async def shop() -> Shop:
    shop = Shop()
    await shop.open()
    return shop


async def test_it_tells_the_events_since_its_beginning_and_ends_when_only_the_new_revision_runs(
    shop: Shop,
) -> None:
    await shop.begin()
    looks = 0
    while not await shop.look():
        await shop.second()
        looks += 1
        assert looks < 60, shop.told
    assert looks > 3
    texts = [line.split(" ", 1)[1] if line[2] == ":" else line for line in shop.told]
    assert texts[0] == "registered web:4"
    assert texts[1].endswith("to 1 task(s) began")
    started = [text for text in texts if "has started 1 tasks" in text]
    drained = [text for text in texts if text.endswith("has begun draining connections on 1 tasks.")]
    assert (len(started), len(drained)) == (1, 1)
    assert texts[-1].endswith("completed: 1 task(s) run")
    assert len(texts) == len(set(shop.told)), "an event is told twice"
    (task,) = shop.control.tasks()
    assert task.task_definition_arn.endswith("web:4")


async def test_until_when_targets_drain_is_told(shop: Shop) -> None:
    await shop.begin()
    while not await shop.look():
        await shop.second()
    (drained,) = [line for line in shop.told if " drain until " in line]
    began = next(line for line in shop.told if "has begun draining" in line)
    assert drained.endswith(": deregistration_delay.timeout_seconds is 3")
    assert drained.split(" drain until ")[1][:8] > began[:8]


async def test_a_zone_that_the_load_balancer_does_not_serve_is_told_once_with_the_mend(shop: Shop) -> None:
    subnets = [
        Subnet(
            id=f"subnet-{zone}", vpc_id=VPC, cidr_block="10.0.0.0/24", availability_zone=f"us-east-1{zone}"
        )
        for zone in "ab"
    ]
    for subnet in subnets:
        await shop.control.put(SUBNETS, subnet)
    zones = tuple(ZoneMapping(zone_name=f"us-east-1{zone}", subnet_id=f"subnet-{zone}") for zone in "cd")
    await shop.control.put(LOAD_BALANCERS, a_load_balancer(name="shop", zones=zones))
    await shop.control.put(LISTENERS, a_listener())
    await shop.begin()
    for _ in range(2):
        await shop.look()
        await shop.look()
        await shop.second()
    first, later = [line for line in shop.told if " unused: " in line]
    (old, *_) = sorted(shop.control.tasks(), key=lambda task: task.created_at)
    zone = old.availability_zone
    assert f"unused: in {zone}, not enabled for the load balancer shop" in first
    assert f"--subnets subnet-c subnet-d {zone.replace('us-east-1', 'subnet-')}`" in first
    # The new task is in the other zone.
    assert zone not in later


async def test_the_standing_of_one_that_goes_on_says_how_many_tasks_run(shop: Shop) -> None:
    await shop.begin()
    assert not await shop.look()
    going_on, back = shop.rollout.standing.split("; it goes on, and ")
    assert going_on.endswith("is still in progress (0 of 1 run, 1 pending)")
    command = back.removesuffix("` rolls it back").removeprefix("`aws ecs ").split()
    assert command[:2] == ["stop-service-deployment", "--service-deployment-arn"]
    await asyncio.to_thread(shop.ecs.stop_service_deployment, serviceDeploymentArn=command[2])
    await shop.control.driver.settle()
    with pytest.raises(DeployError) as failure:
        await shop.look()
    assert str(failure.value).endswith(" failed: a user stopped it. The service is rolled back to web:1.")


async def test_no_roll_back_is_offered_where_the_api_names_no_service_deployment(shop: Shop) -> None:
    def without(parsed: dict[str, Any], **_: object) -> None:
        del parsed["service"]["currentServiceDeployment"]

    shop.ecs.meta.events.register("after-call.ecs.UpdateService", without)
    await shop.begin()
    assert not await shop.look()
    assert shop.rollout.standing.endswith("(0 of 1 run, 1 pending); it goes on")


async def test_a_deployment_that_is_rolled_back_fails_and_says_to_what() -> None:
    shop = Shop(deployment_configuration=ROLLING_BACK)
    await shop.open()
    await shop.begin()
    await shop.fail_starts(3)
    # Its tasks are gone, and it has left the service's list with them.
    await shop.control.after(5)
    with pytest.raises(DeployError) as failure:
        await shop.look()
    assert str(failure.value).endswith(" failed: tasks failed to start. The service is rolled back to web:1.")
    assert any("rolling back to deployment ecs-svc/" in line for line in shop.told)


async def test_a_deployment_that_fails_without_roll_back_says_so() -> None:
    shop = Shop(deployment_configuration=STOPPING_ONLY)
    await shop.open()
    await shop.begin()
    await shop.fail_starts(3)
    with pytest.raises(DeployError, match=r"failed: tasks failed to start\.$"):
        await shop.look()


async def test_why_tasks_of_the_new_revision_stopped_is_told_once(shop: Shop) -> None:
    await shop.begin()
    await shop.fail_starts(2)
    assert not await shop.look()
    assert not await shop.look()
    (line,) = [line for line in shop.told if " stopped: " in line]
    assert line.split(" stopped: ")[1]


async def test_a_deployment_that_another_replaces_is_told_as_that(shop: Shop) -> None:
    await shop.begin()
    other = Rollout(shop.ecs, CLUSTER, shop.service.name, lambda _: None)
    await asyncio.to_thread(other.begin, DEFINITION)
    with pytest.raises(DeployError, match="was replaced by another deployment"):
        await shop.look()


async def test_a_service_that_is_not_there_is_named_with_where_to_look(shop: Shop) -> None:
    rollout = Rollout(shop.ecs, CLUSTER, "nothing", shop.told.append)
    with pytest.raises(DeployError, match=r"no service nothing in cluster shop: `tidegate status`"):
        await asyncio.to_thread(rollout.begin, DEFINITION)
    assert shop.told == []


async def test_a_cluster_that_is_not_there_is_named_with_what_to_do(shop: Shop) -> None:
    rollout = Rollout(shop.ecs, "nowhere", shop.service.name, shop.told.append)
    with pytest.raises(DeployError, match="no cluster nowhere: --cluster names another"):
        await asyncio.to_thread(rollout.begin, DEFINITION)


async def test_nothing_is_registered_for_a_service_that_is_deleted(shop: Shop) -> None:
    row = shop.control.service(shop.service)
    await shop.control.put(SERVICES, replace(row, status="INACTIVE", deployments=()))
    with pytest.raises(DeployError, match="is INACTIVE"):
        await shop.begin()
    assert shop.told == []


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({**DEFINITION, "bogus": 1}, "Unknown parameter in input"),
        ({"containerDefinitions": [CONTAINER]}, "Missing required parameter in input"),
        ({**DEFINITION, "networkMode": "awsvpc"}, "awsvpc"),
    ],
)
async def test_a_definition_that_is_refused_changes_nothing(
    shop: Shop, definition: dict[str, Any], said: str
) -> None:
    before = shop.control.service(shop.service)
    with pytest.raises(DeployError, match=said):
        await shop.begin(definition)
    assert shop.control.service(shop.service) == before


def test_a_definition_is_read_as_it_was_described(tmp_path: Path) -> None:
    """People save what `aws ecs describe-task-definition` prints."""
    described = {
        **DEFINITION,
        "taskDefinitionArn": "arn",
        "revision": 3,
        "status": "ACTIVE",
        "taskRoleArn": None,
    }
    file = tmp_path / "definition.json"
    for document in (described, {"taskDefinition": described}):
        file.write_text(json.dumps(document))
        assert read_definition(file) == DEFINITION


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "is not JSON"), ("[]", "containerDefinitions is missing"), ('{"family": "x"}', "is missing")],
)
def test_a_file_that_holds_no_definition_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "definition.json"
    file.write_text(content)
    with pytest.raises(DeployError, match=f"{file}.*{said}"):
        read_definition(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="No such file"):
        read_definition(tmp_path / "nothing.json")
