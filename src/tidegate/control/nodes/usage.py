"""What agents measure of their containers, as metrics of AWS/ECS and of Container Insights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from tidegate.control.decisions.placement import container_reservations
from tidegate.control.decisions.task_insights import task_samples
from tidegate.control.decisions.usage_metrics import ContainerUse, InstanceUse, TaskUse, usage_samples
from tidegate.control.nodes.context import NodeContext
from tidegate.control.store import Snapshot, StoreFailedError
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, TASK_DEFINITIONS, TASKS
from tidegate.domain.arns import arn_name
from tidegate.domain.ecs import ContainerInstance, Task
from tidegate.fleet.tcs import PUBLISH_EVERY_SECONDS

_Reports = Iterable[Mapping[str, Any]]
# A report comes in messages of ten tasks; no instance has as many tasks as this.
_TASKS_MAX = 10_000

_log = structlog.get_logger(__name__)


class UsageReports:
    """Puts together the messages of one agent's reports, and records each that is whole."""

    def __init__(self, context: NodeContext, container_instance_arn: str) -> None:
        self._context = context
        self._arn = container_instance_arn
        self._id = ""
        self._tasks: list[Mapping[str, Any]] = []

    async def hear(self, message: Mapping[str, Any]) -> None:
        """One PublishMetricsRequest. Nobody has checked what an agent sends."""
        metadata = message.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        if (id_ := str(metadata.get("messageId"))) != self._id:
            self._id, self._tasks = id_, []
        self._tasks = [*self._tasks, *structures(message.get("taskMetrics"))][:_TASKS_MAX]
        if metadata.get("fin", True):
            tasks, self._id, self._tasks = self._tasks, "", []
            await self._record(tasks)

    async def _record(self, reports: _Reports) -> None:
        context = self._context
        use = _instance_use(context.store.snapshot, self._arn, reports)
        if use is None:
            return
        end, seconds = int(context.clock.now().timestamp()), int(PUBLISH_EVERY_SECONDS)
        samples = usage_samples(use, end, seconds) + task_samples(use, end, seconds)
        try:
            await context.metrics.take(samples)
        except StoreFailedError:
            # The agent does not send it again, and goes on.
            _log.warning("usage could not be kept", container_instance=self._arn)


def structures(value: Any) -> list[Mapping[str, Any]]:
    """The structures of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _instance_use(state: Snapshot, arn: str, reports: _Reports) -> InstanceUse | None:
    instance = state.get(CONTAINER_INSTANCES, arn)
    if instance is None or instance.status == "INACTIVE":
        return None
    cluster = state.get(CLUSTERS, instance.cluster_arn)
    is_enhanced = cluster is not None and cluster.has_enhanced_insights
    running = [task for task in state.by(TASKS, "live_on_instance", arn) if task.last_status == "RUNNING"]
    by_arn = {str(report.get("taskArn")): report for report in reports}
    return InstanceUse(
        cluster=arn_name(instance.cluster_arn),
        has_insights=cluster is not None and cluster.has_insights,
        has_enhanced_insights=is_enhanced,
        cpu=instance.resources.cpu,
        memory_mib=instance.resources.memory_mib,
        reserved_cpu=sum(task.cpu for task in running),
        reserved_memory_mib=sum(task.memory_mib for task in running),
        tasks=tuple(
            _task_use(state, instance, task, by_arn[task.arn], is_enhanced)
            for task in running
            if task.arn in by_arn
        ),
    )


def _task_use(
    state: Snapshot, instance: ContainerInstance, task: Task, report: Mapping[str, Any], is_enhanced: bool
) -> TaskUse:
    used = [
        (str(container.get("containerName")), *_used(instance, container))
        for container in structures(report.get("containerMetrics"))
    ]
    return TaskUse(
        id=task.id,
        family=arn_name(task.task_definition_arn).rpartition(":")[0],
        service=None if task.service_arn is None else arn_name(task.service_arn),
        cpu=sum(cpu for _, cpu, _ in used),
        memory_mib=sum(memory_mib for _, _, memory_mib in used),
        reserved_cpu=task.cpu,
        reserved_memory_mib=task.memory_mib,
        containers=_containers(state, task, used) if is_enhanced else (),
    )


def _used(instance: ContainerInstance, container: Mapping[str, Any]) -> tuple[float, float]:
    """CPU units and MiB. The agent says CPU in percent of what its instance registered."""
    cpu = _mean(container.get("cpuStatsSet")) / 100 * instance.resources.cpu
    return cpu, _mean(container.get("memoryStatsSet"))


def _containers(
    state: Snapshot, task: Task, used: Iterable[tuple[str, float, float]]
) -> tuple[ContainerUse, ...]:
    """Those that the definition has. What reserves nothing for itself is measured by what its task does."""
    definition = state.get(TASK_DEFINITIONS, task.task_definition_arn)
    reserved = {} if definition is None else container_reservations(definition, task.overrides)
    return tuple(
        ContainerUse(
            name=name,
            cpu=cpu,
            memory_mib=memory_mib,
            reserved_cpu=reserved[name][0] or task.cpu,
            reserved_memory_mib=reserved[name][1] or task.memory_mib,
        )
        for name, cpu, memory_mib in used
        if name in reserved
    )


def _mean(stats: Any) -> float:
    if not isinstance(stats, dict):
        return 0.0
    total, count = stats.get("sum"), stats.get("sampleCount")
    if not isinstance(total, int | float) or not isinstance(count, int | float) or count <= 0:
        return 0.0
    mean = total / count
    return max(0.0, mean) if math.isfinite(mean) else 0.0
