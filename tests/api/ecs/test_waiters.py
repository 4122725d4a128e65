"""boto3's waiters, over controllers that really roll, scale and stop, on a clock that stands still."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tidegate.control.api import ecs
from tidegate.control.api.context import ApiContext
from tidegate.control.store.tables import (
    CLUSTERS,
    CONTAINER_INSTANCES,
    INSTANCES,
    LISTENERS,
    SERVICES,
    TARGET_GROUPS,
)
from tidegate.domain.ecs import Service
from tidegate.testing.api import Api, api_context, logs_in_memory, series_in_memory
from tidegate.testing.builders import ARNS, CLUSTER, GROUP_ARN, a_cluster, a_group, an_instance
from tidegate.testing.control import ControlHarness
from tidegate.testing.ecs import WEB, a_listener, an_able_instance
from tidegate.testing.ids import SeededIds

ONCE = {"Delay": 0, "MaxAttempts": 1}
WANTED: dict[str, Any] = {
    "cluster": CLUSTER,
    "serviceName": "web",
    "taskDefinition": "web",
    "desiredCount": 2,
    "loadBalancers": [{"targetGroupArn": GROUP_ARN, "containerName": "app", "containerPort": 5000}],
}


class Life:
    """A region with its controllers, and a client."""

    def __init__(self) -> None:
        self.harness = ControlHarness()
        settings = api_context().settings
        context = ApiContext(
            store=self.harness.store,
            series=series_in_memory(self.harness.clock),
            logs=logs_in_memory(self.harness.clock),
            clock=self.harness.clock,
            ids=SeededIds(2),
            settings=settings,
        )
        self.client = Api(context, [ecs.FRONT_END]).client("ecs")
        for table, rows in (
            (CLUSTERS, [a_cluster()]),
            (INSTANCES, [an_instance(1), an_instance(2, zone="us-east-1b")]),
            (CONTAINER_INSTANCES, [an_able_instance(1), an_able_instance(2, zone="us-east-1b")]),
            (TARGET_GROUPS, [a_group(delay=10)]),
            (LISTENERS, [a_listener()]),
        ):
            for row in rows:
                asyncio.run(self.harness.put(table, row))
        self.client.register_task_definition(family="web", containerDefinitions=[dict(WEB)])

    @property
    def service(self) -> Service:
        row = self.harness.store.snapshot.get(SERVICES, ARNS.service(CLUSTER, "web"))
        assert row is not None
        return row

    def settle(self) -> None:
        asyncio.run(self.harness.until_steady(self.service))

    def waits(self, waiter: str, **parameters: Any) -> bool:
        """Whether the waiter is content at once."""
        try:
            self.client.get_waiter(waiter).wait(cluster=CLUSTER, **parameters, WaiterConfig=ONCE)
        except WaiterError:
            return False
        return True


@pytest.fixture
def life() -> Life:
    return Life()


def test_services_stable_waits_until_a_new_service_runs(life: Life) -> None:
    life.client.create_service(**WANTED)
    assert not life.waits("services_stable", services=["web"])
    life.settle()
    assert life.waits("services_stable", services=["web"])


def test_services_stable_does_not_return_before_a_new_revision_runs(life: Life) -> None:
    life.client.create_service(**WANTED)
    life.settle()
    life.client.register_task_definition(family="web", containerDefinitions=[dict(WEB)])
    life.client.update_service(cluster=CLUSTER, service="web", taskDefinition="web:2")
    assert not life.waits("services_stable", services=["web"])
    life.settle()
    assert life.waits("services_stable", services=["web"])
    deployments = life.client.describe_services(cluster=CLUSTER, services=["web"])["services"][0][
        "deployments"
    ]
    assert [(d["rolloutState"], d["runningCount"]) for d in deployments] == [("COMPLETED", 2)]


def test_services_inactive_waits_until_a_deleted_service_has_no_tasks(life: Life) -> None:
    life.client.create_service(**WANTED)
    life.settle()
    life.client.delete_service(cluster=CLUSTER, service="web", force=True)
    assert not life.waits("services_inactive", services=["web"])
    for _ in range(60):
        asyncio.run(life.harness.obey())
        asyncio.run(life.harness.probe())
        asyncio.run(life.harness.after(1))
    assert life.waits("services_inactive", services=["web"])


def test_tasks_running_and_tasks_stopped_wait_for_their_agents(life: Life) -> None:
    task = life.client.run_task(cluster=CLUSTER, taskDefinition="web")["tasks"][0]["taskArn"]
    assert not life.waits("tasks_running", tasks=[task])
    asyncio.run(life.harness.obey())
    assert life.waits("tasks_running", tasks=[task])
    life.client.stop_task(cluster=CLUSTER, task=task)
    assert not life.waits("tasks_stopped", tasks=[task])
    asyncio.run(life.harness.obey())
    assert life.waits("tasks_stopped", tasks=[task])
