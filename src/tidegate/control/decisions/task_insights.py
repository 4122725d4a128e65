"""ECS/ContainerInsights of single tasks and their containers, where a cluster has them enhanced.

A report is one point of as many seconds: finer points would say the same several times, for every task. A
task counts once a minute, as it does for its service.
"""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.control.decisions.insights import NAMESPACE
from tidegate.control.decisions.usage_metrics import SPAN_SECONDS, ContainerUse, InstanceUse, TaskUse
from tidegate.domain.cloudwatch import Metric, Sample, value

Names = dict[str, str]


def task_samples(use: InstanceUse, end: int, seconds: int) -> list[Sample]:
    """The samples of a report of the last `seconds` before `end` (Unix seconds)."""
    if not use.has_enhanced_insights:
        return []
    begin = end - end % SPAN_SECONDS - seconds
    return [
        Sample(
            metric=Metric(namespace=NAMESPACE, name=name, dimensions=tuple(sorted(dimensions.items()))),
            at=begin,
            seconds=seconds,
            unit="Percent",
            summary=value(amount, seconds / 60),
        )
        for task in use.tasks
        for name, amount, dimensions in _of_task(use.cluster, task)
    ]


def _of_task(cluster: str, task: TaskUse) -> Iterator[tuple[str, float, Names]]:
    whole = {"ClusterName": cluster}
    owner = {"TaskDefinitionFamily": task.family} if task.service is None else {"ServiceName": task.service}
    one = whole | owner | {"TaskId": task.id}
    for name, amount in _shares("Task", task):
        for dimensions in (whole, whole | owner, one):
            yield name, amount, dimensions
    for container in task.containers:
        for name, amount in _shares("Container", container):
            for dimensions in (whole | owner, one):
                yield name, amount, dimensions | {"ContainerName": container.name}


def _shares(what: str, use: TaskUse | ContainerUse) -> Iterator[tuple[str, float]]:
    """Percentages of what is reserved; of nothing there is none."""
    if use.reserved_cpu > 0:
        yield f"{what}CpuUtilization", 100 * use.cpu / use.reserved_cpu
    if use.reserved_memory_mib > 0:
        yield f"{what}MemoryUtilization", 100 * use.memory_mib / use.reserved_memory_mib
