"""AWS/ECS: from what an instance's tasks used to samples of its cluster's and its services' metrics; and of
ECS/ContainerInsights, where the cluster has them enabled.

Each task counts once a minute for its service, each instance once a minute for its cluster, so that averages
are those of tasks and of instances, and SampleCount is how many there were. An agent's report of some seconds
is laid out over fine spans, each with its part of that one count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.control.decisions.insights import NAMESPACE as INSIGHTS
from tidegate.domain.cloudwatch import Metric, Sample, value

NAMESPACE = "AWS/ECS"
SPAN_SECONDS = 5

Dimensions = tuple[tuple[str, str], ...]
_Values = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerUse:
    """What a container of a task used, and what of the task is its: CPU units and MiB."""

    name: str
    cpu: float
    memory_mib: float
    reserved_cpu: int
    reserved_memory_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUse:
    """What a RUNNING task used, and what is reserved for it: CPU units and MiB. `service` None: of none.
    `containers` are known where the cluster's insights are enhanced."""

    id: str
    family: str
    service: str | None
    cpu: float
    memory_mib: float
    reserved_cpu: int
    reserved_memory_mib: int
    containers: tuple[ContainerUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceUse:
    """An instance of a cluster: what it registered, what its RUNNING tasks reserve, and what those used of
    which something is known."""

    cluster: str
    has_insights: bool = False
    has_enhanced_insights: bool = False
    cpu: int
    memory_mib: int
    reserved_cpu: int
    reserved_memory_mib: int
    tasks: tuple[TaskUse, ...] = ()


def usage_samples(use: InstanceUse, end: int, seconds: int) -> list[Sample]:
    """The samples of a report of the last `seconds` before `end` (Unix seconds)."""
    last = end - end % SPAN_SECONDS
    spans = range(last - seconds, last, SPAN_SECONDS)
    cluster: Dimensions = (("ClusterName", use.cluster),)
    samples = [_sample(name, cluster, amount, at) for name, amount in _of_instance(use) for at in spans]
    for task in use.tasks:
        service: Dimensions = () if task.service is None else (("ServiceName", task.service),)
        if service:
            samples += [
                _sample(name, cluster + service, amount, at)
                for name, amount in _of_task(task)
                for at in spans
            ]
        if use.has_insights:
            samples += [
                _sample(name, dimensions, amount, at, INSIGHTS, unit)
                for name, amount, unit in _insights(task)
                for dimensions in dict.fromkeys((cluster, cluster + service))
                for at in spans
            ]
    return samples


def _of_instance(use: InstanceUse) -> _Values:
    yield from _share("CPUUtilization", sum(task.cpu for task in use.tasks), use.cpu)
    yield from _share("MemoryUtilization", sum(task.memory_mib for task in use.tasks), use.memory_mib)
    yield from _share("CPUReservation", use.reserved_cpu, use.cpu)
    yield from _share("MemoryReservation", use.reserved_memory_mib, use.memory_mib)


def _of_task(task: TaskUse) -> _Values:
    yield from _share("CPUUtilization", task.cpu, task.reserved_cpu)
    yield from _share("MemoryUtilization", task.memory_mib, task.reserved_memory_mib)


def _insights(task: TaskUse) -> Iterator[tuple[str, float, str]]:
    yield "CpuUtilized", task.cpu, "None"
    yield "CpuReserved", task.reserved_cpu, "None"
    yield "MemoryUtilized", task.memory_mib, "Megabytes"
    yield "MemoryReserved", task.reserved_memory_mib, "Megabytes"


def _share(name: str, used: float, whole: float) -> _Values:
    """A percentage; of nothing there is none."""
    if whole > 0:
        yield name, 100 * used / whole


def _sample(
    name: str,
    dimensions: Dimensions,
    amount: float,
    at: int,
    namespace: str = NAMESPACE,
    unit: str = "Percent",
) -> Sample:
    return Sample(
        metric=Metric(namespace=namespace, name=name, dimensions=dimensions),
        at=at,
        seconds=SPAN_SECONDS,
        unit=unit,
        summary=value(amount, SPAN_SECONDS / 60),
    )
