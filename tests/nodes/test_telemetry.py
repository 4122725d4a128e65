"""Container health as observed state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.metrics import RecentMetrics
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.telemetry import record_health, record_usage, serve_telemetry
from tidegate.control.store import Store
from tidegate.control.store.tables import TASKS
from tidegate.domain.ecs import Container
from tidegate.testing.builders import a_container_instance, a_service, a_task
from tidegate.testing.sessions import FakeSession

INSTANCE = a_container_instance(1)
TASK = replace(
    a_task(1),
    containers=(Container(arn="a", name="app", image="i"), Container(arn="b", name="db", image="i")),
)


def health(status: str, name: str = "app") -> dict[str, Any]:
    container = {"containerName": name, "healthStatus": status}
    return {"tasks": [{"taskArn": TASK.arn, "containers": [container]}]}


def health_of(store: Store) -> list[str]:
    row = store.snapshot.get(TASKS, TASK.arn)
    assert row is not None
    return [container.health_status for container in row.containers]


async def test_health_is_put_on_the_container_it_is_about(
    context: NodeContext, store: Store, put: Any
) -> None:
    await put(TASK)
    await record_health(context, INSTANCE.arn, health("HEALTHY"))
    assert health_of(store) == ["HEALTHY", "UNKNOWN"]
    await record_health(context, INSTANCE.arn, health("UNHEALTHY", "db"))
    assert health_of(store) == ["HEALTHY", "UNHEALTHY"]


async def test_the_same_health_again_is_no_commit(context: NodeContext, store: Store, put: Any) -> None:
    await put(TASK)
    await record_health(context, INSTANCE.arn, health("HEALTHY"))
    revision = store.snapshot.revision
    await record_health(context, INSTANCE.arn, health("HEALTHY"))
    assert store.snapshot.revision == revision


@pytest.mark.parametrize("tasks", [None, 1, "x", {}, [1], [{"taskArn": TASK.arn, "containers": [None, 1]}]])
async def test_what_is_no_health_means_nothing(
    context: NodeContext, store: Store, put: Any, tasks: object
) -> None:
    await put(TASK)
    await record_health(context, INSTANCE.arn, {"tasks": tasks})
    assert health_of(store) == ["UNKNOWN", "UNKNOWN"]


@pytest.mark.parametrize("status", ["", "FINE"])
async def test_a_status_that_does_not_exist_means_nothing(
    context: NodeContext, store: Store, put: Any, status: str
) -> None:
    await put(TASK)
    await record_health(context, INSTANCE.arn, health(status))
    assert health_of(store) == ["UNKNOWN", "UNKNOWN"]


async def test_an_agent_speaks_for_its_own_tasks_only(context: NodeContext, store: Store, put: Any) -> None:
    await put(TASK)
    await record_health(context, a_container_instance(2).arn, health("UNHEALTHY"))
    assert health_of(store) == ["UNKNOWN", "UNKNOWN"]


async def test_every_kind_of_telemetry_is_acknowledged_until_the_session_ends(context: NodeContext) -> None:
    session = FakeSession()
    for type_ in (
        "PublishMetricsRequest",
        "PublishHealthRequest",
        "PublishInstanceStatusRequest",
        "Surprise",
    ):
        session.say(type_)
    session.hang_up()
    await serve_telemetry(context, session, INSTANCE.arn)
    assert [name for name, _ in session.sent] == [
        "AckPublishMetric",
        "AckPublishHealth",
        "AckPublishInstanceStatus",
    ]


def usage(cpu: object, memory: object = 64.0, arn: str = TASK.arn) -> dict[str, Any]:
    container = {
        "containerName": "app",
        "cpuStatsSet": {"sum": cpu, "sampleCount": 1},
        "memoryStatsSet": {"sum": memory, "sampleCount": 1},
    }
    return {"taskMetrics": [{"taskArn": arn, "containerMetrics": [container]}]}


async def test_what_the_instances_own_tasks_use_becomes_their_services_metrics(
    context: NodeContext, put: Any
) -> None:
    task = replace(TASK, service_arn=a_service().arn)
    await put(INSTANCE)
    await put(task)
    await record_usage(context, INSTANCE.arn, usage(6.25))
    assert isinstance(context.metrics, RecentMetrics)
    found = {sample.metric.name: sample.summary.average for sample in context.metrics.samples}
    assert found == pytest.approx({"CPUUtilization": 50.0, "MemoryUtilization": 50.0})
    await record_usage(context, a_container_instance(2).arn, usage(6.25))
    assert len(context.metrics.samples) == 2


@pytest.mark.parametrize("cpu", [None, "x", -1, float("nan"), float("inf"), {}])
async def test_what_is_no_use_means_nothing(context: NodeContext, put: Any, cpu: object) -> None:
    await put(INSTANCE)
    await put(replace(TASK, service_arn=a_service().arn))
    await record_usage(context, INSTANCE.arn, usage(cpu))
    assert isinstance(context.metrics, RecentMetrics)
    assert not context.metrics.samples
