"""Container Insights of the clusters that have it enabled: counts, once a minute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.insights import ClusterCounts, ServiceCounts, count_samples
from tidegate.control.metrics import MetricSink
from tidegate.control.store import Change, Snapshot
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, SERVICES, TASKS
from tidegate.domain.ecs import Cluster, Service

_MINUTE = 60
_PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


class Insights:
    """Keyed by cluster."""

    name = "insights"

    def __init__(self, context: ControlContext, metrics: MetricSink) -> None:
        self._context = context
        self._metrics = metrics

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        """Clusters whose settings are others; time alone wakes the rest."""
        for change in changes:
            if isinstance(change.new, Cluster) and (
                change.old is None or change.old.settings != change.new.settings
            ):
                yield change.new.arn

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.arn for row in snapshot.all(CLUSTERS) if row.has_insights]

    async def reconcile(self, key: str) -> datetime | None:
        state, now = self._context.store.snapshot, self._context.clock.now()
        cluster = state.get(CLUSTERS, key)
        if cluster is None or not cluster.has_insights or cluster.status != "ACTIVE":
            return None
        minute = int(now.timestamp()) // _MINUTE
        samples = count_samples(_counts(state, cluster), minute * _MINUTE)
        # However often it is looked at, a minute is counted once.
        await self._metrics.take(samples, source=f"insights {key}", sequence=minute)
        return datetime.fromtimestamp((minute + 1) * _MINUTE, UTC)


def _counts(state: Snapshot, cluster: Cluster) -> ClusterCounts:
    instances = [
        row for row in state.by(CONTAINER_INSTANCES, "cluster", cluster.arn) if row.status == "ACTIVE"
    ]
    services = [row for row in state.by(SERVICES, "cluster", cluster.arn) if row.status == "ACTIVE"]
    return ClusterCounts(
        name=cluster.name,
        instances=sum(1 for row in instances if row.status == "ACTIVE"),
        tasks=sum(1 for task in state.by(TASKS, "cluster", cluster.arn) if task.last_status == "RUNNING"),
        services=[_of_service(state, row) for row in sorted(services, key=lambda row: row.name)],
    )


def _of_service(state: Snapshot, row: Service) -> ServiceCounts:
    statuses = [task.last_status for task in state.by(TASKS, "service", row.arn)]
    return ServiceCounts(
        name=row.name,
        desired=row.desired_count,
        running=statuses.count("RUNNING"),
        pending=sum(1 for status in statuses if status in _PENDING),
        deployments=len(row.deployments),
    )
