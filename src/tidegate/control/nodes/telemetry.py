"""TCS: what agents measure. Container health is kept as observed state, usage becomes metrics. The frames are
those of Amazon's agent (its `ecs-agent/tcs`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.decisions.task_health import with_health
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import NodeSession, SessionClosedError
from tidegate.control.nodes.usage import UsageReports, structures
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TASKS

_ACKS = {
    "PublishMetricsRequest": "AckPublishMetric",
    "PublishHealthRequest": "AckPublishHealth",
    "PublishInstanceStatusRequest": "AckPublishInstanceStatus",
}
_HEALTH = ("HEALTHY", "UNHEALTHY", "UNKNOWN")


async def serve_telemetry(context: NodeContext, session: NodeSession, container_instance_arn: str) -> None:
    """Take one agent's telemetry until its session ends."""
    usage = UsageReports(context, container_instance_arn)
    try:
        while True:
            type_, message = await session.receive()
            if type_ == "PublishMetricsRequest":
                await usage.hear(message)
            if type_ == "PublishHealthRequest":
                await record_health(context, container_instance_arn, message)
            if type_ in _ACKS:
                await session.send(_ACKS[type_], {"message": "ok"})
    except SessionClosedError:
        return


async def record_health(
    context: NodeContext, container_instance_arn: str, message: Mapping[str, Any]
) -> None:
    """Put the health that an agent reports on the containers of its own tasks."""

    def record(tx: Transaction) -> None:
        for report in structures(message.get("tasks")):
            task = tx.get(TASKS, str(report.get("taskArn", "")))
            if task is None or task.container_instance_arn != container_instance_arn:
                continue
            health = {
                str(one.get("containerName")): str(one.get("healthStatus"))
                for one in structures(report.get("containers"))
                if one.get("healthStatus") in _HEALTH
            }
            tx.put(TASKS, with_health(task, health))

    await context.store.transact(record)
