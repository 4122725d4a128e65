"""Container health as observed state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.metrics import RecentMetrics
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.telemetry import record_health, serve_telemetry
from tidegate.control.nodes.usage import UsageReports
from tidegate.control.store import Store
from tidegate.control.store.tables import TASKS
from tidegate.domain.ecs import Container, ContainerDefinition, Resources, Task
from tidegate.testing.builders import a_cluster, a_container_instance, a_definition, a_task
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


def used(task: Task, percent: float = 12.5, memory: float = 64.0) -> dict[str, Any]:
    return {
        "taskArn": task.arn,
        "containerMetrics": [
            {
                "containerName": "app",
                "cpuStatsSet": {"min": percent, "max": percent, "sum": percent, "sampleCount": 1},
                "memoryStatsSet": {"min": memory, "max": memory, "sum": 2 * memory, "sampleCount": 2},
            }
        ],
    }


def averages(context: NodeContext) -> dict[tuple[str, int], float]:
    """Of every metric, by its name and how many dimensions it has."""
    assert isinstance(context.metrics, RecentMetrics)
    return {
        (one.metric.name, len(one.metric.dimensions)): one.summary.average for one in context.metrics.samples
    }


async def test_usage_becomes_metrics_of_the_cluster_and_the_service(context: NodeContext, put: Any) -> None:
    instance = replace(INSTANCE, resources=Resources(cpu=1024, memory_mib=1024))
    task = replace(TASK, last_status="RUNNING", cpu=256, memory_mib=128, service_arn="a:service/c/web")
    await put(instance, task)
    reports = UsageReports(context, INSTANCE.arn)
    metadata = {"messageId": "m", "fin": False}
    await reports.hear({"metadata": metadata, "taskMetrics": [used(task)]})
    assert averages(context) == {}
    await reports.hear({"metadata": metadata | {"fin": True}, "taskMetrics": []})
    assert averages(context) == {
        ("CPUUtilization", 1): 12.5,
        ("MemoryUtilization", 1): 6.25,
        ("CPUReservation", 1): 25,
        ("MemoryReservation", 1): 12.5,
        ("CPUUtilization", 2): 50,
        ("MemoryUtilization", 2): 50,
    }


async def test_enhanced_insights_tell_of_each_task_and_container(context: NodeContext, put: Any) -> None:
    instance = replace(INSTANCE, resources=Resources(cpu=1024, memory_mib=1024))
    cluster = replace(a_cluster(), settings={"containerInsights": "enhanced"})
    shared = ContainerDefinition(name="proxy", image="i")
    definition = a_definition(cpu=256, memory_mib=64)
    definition = replace(definition, containers=(*definition.containers, shared))
    task = replace(
        a_task(1),
        cpu=512,
        memory_mib=128,
        overrides={"containerOverrides": [{"name": "app", "cpu": 128}]},
    )
    await put(cluster, instance, definition, task)
    report = used(task)
    report["containerMetrics"].append(report["containerMetrics"][0] | {"containerName": "proxy"})
    report["containerMetrics"].append(report["containerMetrics"][0] | {"containerName": "stranger"})
    await UsageReports(context, INSTANCE.arn).hear({"taskMetrics": [report]})
    assert isinstance(context.metrics, RecentMetrics)
    found = {
        (one.metric.name, dict(one.metric.dimensions).get("ContainerName")): one.summary.average
        for one in context.metrics.samples
        if ("TaskId", task.id) in one.metric.dimensions
        and ("TaskDefinitionFamily", "web") in one.metric.dimensions
    }
    assert found == {
        ("TaskCpuUtilization", None): 75,
        ("TaskMemoryUtilization", None): 150,
        ("ContainerCpuUtilization", "app"): 100,
        ("ContainerMemoryUtilization", "app"): 100,
        # What reserves nothing for itself is measured by what its task does.
        ("ContainerCpuUtilization", "proxy"): 25,
        ("ContainerMemoryUtilization", "proxy"): 50,
    }


async def test_tasks_of_others_and_tasks_that_do_not_run_are_not_counted(
    context: NodeContext, put: Any
) -> None:
    await put(INSTANCE, replace(TASK, last_status="PENDING"))
    await UsageReports(context, INSTANCE.arn).hear({"taskMetrics": [used(TASK), used(a_task(9))]})
    assert {dimensions for _, dimensions in averages(context)} == {1}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"metadata": 5, "taskMetrics": 5},
        {"taskMetrics": [None, {}, {"taskArn": TASK.arn, "containerMetrics": [1, {"cpuStatsSet": 1}]}]},
        {
            "taskMetrics": [
                {
                    "taskArn": TASK.arn,
                    "containerMetrics": [
                        {"cpuStatsSet": {"sum": "x", "sampleCount": 1}},
                        {"cpuStatsSet": {"sum": float("inf"), "sampleCount": 1}},
                        {"cpuStatsSet": {"sum": 1, "sampleCount": 0}},
                    ],
                }
            ]
        },
    ],
)
async def test_what_is_no_usage_is_none(context: NodeContext, put: Any, message: dict[str, Any]) -> None:
    await put(INSTANCE, replace(TASK, last_status="RUNNING"))
    await UsageReports(context, INSTANCE.arn).hear(message)
    assert averages(context).get(("CPUUtilization", 1), 0) == 0


async def test_an_instance_that_is_gone_has_no_metrics(context: NodeContext) -> None:
    await UsageReports(context, INSTANCE.arn).hear({"taskMetrics": [used(TASK)]})
    assert averages(context) == {}
