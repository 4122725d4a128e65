"""Container Insights: counts once a minute, of clusters that want them."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.store.series import SeriesStore
from tidegate.control.store.tables import CLUSTERS
from tidegate.domain.cloudwatch import Metric
from tidegate.testing.api import series_in_memory
from tidegate.testing.builders import a_cluster, a_service
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.control import ControlHarness

NOW = int(EPOCH.timestamp())
INSIGHTS = {"containerInsights": "enabled"}


async def counts(series: SeriesStore, name: str, service: str | None = None) -> list[tuple[float, float]]:
    """(value, how often it was counted) of each minute."""
    dimensions = (("ClusterName", a_cluster().name), *((("ServiceName", service),) if service else ()))
    metric = Metric(namespace="ECS/ContainerInsights", name=name, dimensions=dimensions)
    found = await series.summaries(metric, begin=NOW, end=NOW + 3600, period=60)
    return [(summary.average, summary.count) for _, summary in sorted(found.items())]


async def test_a_service_is_counted_once_a_minute() -> None:
    series = series_in_memory(FakeClock())
    control = ControlHarness(metrics=series)
    service = a_service(desired=2)
    await control.put(CLUSTERS, replace(a_cluster(), settings=INSIGHTS))
    await control.found(service)
    await control.until_steady(service)
    await control.after(130)
    control.restart()
    await control.driver.settle()
    running = await counts(series, "RunningTaskCount", service.name)
    assert running[-1] == (2, 1)
    assert {count for _, count in running} == {1}
    assert (await counts(series, "DesiredTaskCount", service.name))[-1] == (2, 1)
    assert (await counts(series, "DeploymentCount", service.name))[-1] == (1, 1)
    assert (await counts(series, "PendingTaskCount", service.name))[-1] == (0, 1)
    assert (await counts(series, "TaskCount"))[-1] == (2, 1)
    assert (await counts(series, "ServiceCount"))[-1] == (1, 1)
    assert (await counts(series, "ContainerInstanceCount"))[-1] == (2, 1)


async def test_a_cluster_is_counted_while_its_setting_is_enabled() -> None:
    series = series_in_memory(FakeClock())
    control = ControlHarness(metrics=series)
    cluster = a_cluster()
    await control.put(CLUSTERS, cluster)
    await control.after(120)
    assert await counts(series, "TaskCount") == []
    await control.put(CLUSTERS, replace(cluster, settings=INSIGHTS))
    await control.after(60)
    assert len(await counts(series, "TaskCount")) == 2
    await control.put(CLUSTERS, replace(cluster, settings={"containerInsights": "disabled"}))
    await control.after(180)
    assert len(await counts(series, "TaskCount")) == 2
    await control.put(CLUSTERS, replace(cluster, settings={"containerInsights": "enhanced"}))
    await control.after(60)
    assert len(await counts(series, "TaskCount")) == 4
