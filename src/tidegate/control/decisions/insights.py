"""ECS/ContainerInsights: once a minute, what a cluster and its services have and should have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.domain.cloudwatch import Metric, Sample, value

NAMESPACE = "ECS/ContainerInsights"

_Values = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCounts:
    name: str
    desired: int
    running: int
    pending: int
    deployments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCounts:
    """`tasks`: those that are RUNNING."""

    name: str
    instances: int
    tasks: int
    services: Sequence[ServiceCounts] = ()


def count_samples(counts: ClusterCounts, at: int) -> list[Sample]:
    """The samples of the minute that begins at `at` (Unix seconds)."""
    cluster = (("ClusterName", counts.name),)
    samples = [_sample(name, cluster, number, at) for name, number in _of_cluster(counts)]
    for one in counts.services:
        service = (*cluster, ("ServiceName", one.name))
        samples += [_sample(name, service, number, at) for name, number in _of_service(one)]
    return samples


def _of_cluster(counts: ClusterCounts) -> _Values:
    yield "ContainerInstanceCount", counts.instances
    yield "ServiceCount", len(counts.services)
    yield "TaskCount", counts.tasks


def _of_service(counts: ServiceCounts) -> _Values:
    yield "DeploymentCount", counts.deployments
    yield "DesiredTaskCount", counts.desired
    yield "PendingTaskCount", counts.pending
    yield "RunningTaskCount", counts.running


def _sample(name: str, dimensions: tuple[tuple[str, str], ...], number: float, at: int) -> Sample:
    metric = Metric(namespace=NAMESPACE, name=name, dimensions=dimensions)
    return Sample(metric=metric, at=at, seconds=60, unit="Count", summary=value(float(number)))
