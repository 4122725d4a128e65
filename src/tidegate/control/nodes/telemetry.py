"""TCS: what agents measure. Container health is kept as observed state; what containers use becomes the
metrics of their services. The frames are those of Amazon's agent (its `ecs-agent/tcs`)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from tidegate.control.decisions.container_metrics import ContainerUsage, service_samples
from tidegate.control.decisions.task_health import with_health
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import NodeSession, SessionClosedError
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.cloudwatch import Sample

_ACKS = {
    "PublishMetricsRequest": "AckPublishMetric",
    "PublishHealthRequest": "AckPublishHealth",
    "PublishInstanceStatusRequest": "AckPublishInstanceStatus",
}
_HEALTH = ("HEALTHY", "UNHEALTHY", "UNKNOWN")


async def serve_telemetry(context: NodeContext, session: NodeSession, container_instance_arn: str) -> None:
    """Take one agent's telemetry until its session ends."""
    try:
        while True:
            type_, message = await session.receive()
            if type_ == "PublishHealthRequest":
                await record_health(context, container_instance_arn, message)
            elif type_ == "PublishMetricsRequest":
                await record_usage(context, container_instance_arn, message)
            if type_ in _ACKS:
                await session.send(_ACKS[type_], {"message": "ok"})
    except SessionClosedError:
        return


async def record_health(
    context: NodeContext, container_instance_arn: str, message: Mapping[str, Any]
) -> None:
    """Put the health that an agent reports on the containers of its own tasks."""

    def record(tx: Transaction) -> None:
        for report in _structures(message.get("tasks")):
            task = tx.get(TASKS, str(report.get("taskArn", "")))
            if task is None or task.container_instance_arn != container_instance_arn:
                continue
            health = {
                str(one.get("containerName")): str(one.get("healthStatus"))
                for one in _structures(report.get("containers"))
                if one.get("healthStatus") in _HEALTH
            }
            tx.put(TASKS, with_health(task, health))

    await context.store.transact(record)


async def record_usage(context: NodeContext, container_instance_arn: str, message: Mapping[str, Any]) -> None:
    """Hand on what the instance's own tasks use, as samples of their services."""
    snapshot, now = context.store.snapshot, context.clock.now()
    instance = snapshot.get(CONTAINER_INSTANCES, container_instance_arn)
    if instance is None:
        return
    samples: list[Sample] = []
    for report in _structures(message.get("taskMetrics")):
        task = snapshot.get(TASKS, str(report.get("taskArn", "")))
        if task is not None and task.container_instance_arn == container_instance_arn:
            used = {
                str(one.get("containerName")): usage
                for one in _structures(report.get("containerMetrics"))
                if (usage := _usage(one)) is not None
            }
            samples += service_samples(task, used, instance.resources.cpu, now)
    if samples:
        await context.metrics.take(samples)


def _usage(container: Mapping[str, Any]) -> ContainerUsage | None:
    cpu, memory = _mean(container.get("cpuStatsSet")), _mean(container.get("memoryStatsSet"))
    return None if cpu is None or memory is None else ContainerUsage(cpu_percent=cpu, memory_mib=memory)


def _mean(stats: Any) -> float | None:
    """Of a set of statistics; None for what is none."""
    given = stats if isinstance(stats, dict) else {}
    total, count = given.get("sum"), given.get("sampleCount")
    if not isinstance(total, int | float) or not isinstance(count, int | float) or count <= 0:
        return None
    return total / count if isfinite(total) and total >= 0 else None


def _structures(value: Any) -> list[Mapping[str, Any]]:
    """The structures of a list: nobody has checked what an agent sends."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
