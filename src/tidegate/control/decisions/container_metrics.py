"""The metrics of AWS/ECS: what the tasks of a service use of what they reserve.

Each task is a sample of its own, so that an average weighs every task alike and `SampleCount` of a minute is
the number of tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.arns import arn_name
from tidegate.domain.cloudwatch import Metric, Sample, value
from tidegate.domain.ecs import Task

NAMESPACE = "AWS/ECS"
# How often Amazon's agent publishes, and ours.
SPAN_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerUsage:
    """`cpu_percent`: of the CPU units that the instance registered."""

    cpu_percent: float
    memory_mib: float


def service_samples(
    task: Task, used: Mapping[str, ContainerUsage], instance_cpu: int, now: datetime
) -> list[Sample]:
    """The samples of a service's task that has used so much, by container, in the span that ends now.

    None of a task that is not RUNNING, nor of a reservation of nothing, of which there are no percents.
    """
    if task.service_arn is None or task.last_status != "RUNNING" or not used:
        return []
    units = sum(usage.cpu_percent for usage in used.values()) / 100 * instance_cpu
    memory = sum(usage.memory_mib for usage in used.values())
    amounts = {"CPUUtilization": (units, task.cpu), "MemoryUtilization": (memory, task.memory_mib)}
    dimensions = (
        ("ClusterName", arn_name(task.cluster_arn)),
        ("ServiceName", arn_name(task.service_arn)),
    )
    at = int(now.timestamp()) - SPAN_SECONDS
    return [
        Sample(
            metric=Metric(namespace=NAMESPACE, name=name, dimensions=dimensions),
            at=at,
            seconds=SPAN_SECONDS,
            unit="Percent",
            summary=value(100 * amount / reserved, SPAN_SECONDS / 60),
        )
        for name, (amount, reserved) in amounts.items()
        if reserved > 0
    ]
