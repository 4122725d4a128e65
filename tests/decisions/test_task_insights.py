"""Container Insights of single tasks and containers."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.decisions.task_insights import task_samples
from tidegate.control.decisions.usage_metrics import ContainerUse, InstanceUse, TaskUse
from tidegate.domain.cloudwatch import Sample, together

NOW = 1_767_225_613
APP = ContainerUse(name="app", cpu=96, memory_mib=60, reserved_cpu=192, reserved_memory_mib=120)
PROXY = ContainerUse(name="proxy", cpu=32, memory_mib=4, reserved_cpu=64, reserved_memory_mib=8)
TASK = TaskUse(
    id="t1",
    family="shop",
    service="web",
    cpu=128,
    memory_mib=64,
    reserved_cpu=256,
    reserved_memory_mib=128,
    containers=(APP, PROXY),
)
USE = InstanceUse(
    cluster="c",
    has_enhanced_insights=True,
    cpu=1024,
    memory_mib=1024,
    reserved_cpu=256,
    reserved_memory_mib=128,
    tasks=(TASK,),
)


def names(samples: list[Sample], name: str) -> set[str]:
    """The dimensions of a metric's samples, in the order in which CloudWatch keeps them."""
    return {
        " ".join(f"{key}={text}" for key, text in one.metric.dimensions)
        for one in samples
        if one.metric.name == name
    }


def of_task(samples: list[Sample], task: str, container: str | None = None) -> dict[str, float]:
    wanted = {("TaskId", task)} | ({("ContainerName", container)} if container else set())
    return {
        one.metric.name: one.summary.average
        for one in samples
        if wanted <= set(one.metric.dimensions)
        and (container is not None or "ContainerName" not in dict(one.metric.dimensions))
    }


def test_a_task_and_its_containers_are_in_percent_of_what_they_reserve() -> None:
    samples = task_samples(USE, NOW, 20)
    assert of_task(samples, "t1") == {"TaskCpuUtilization": 50, "TaskMemoryUtilization": 50}
    assert of_task(samples, "t1", "app") == {"ContainerCpuUtilization": 50, "ContainerMemoryUtilization": 50}
    assert of_task(samples, "t1", "proxy")["ContainerMemoryUtilization"] == 50
    assert {(one.metric.namespace, one.unit) for one in samples} == {("ECS/ContainerInsights", "Percent")}


def test_a_services_task_has_the_dimensions_of_aws() -> None:
    samples = task_samples(replace(USE, tasks=(replace(TASK, containers=(APP,)),)), NOW, 20)
    assert names(samples, "TaskCpuUtilization") == {
        "ClusterName=c",
        "ClusterName=c ServiceName=web",
        "ClusterName=c ServiceName=web TaskId=t1",
    }
    assert names(samples, "ContainerMemoryUtilization") == {
        "ClusterName=c ContainerName=app ServiceName=web",
        "ClusterName=c ContainerName=app ServiceName=web TaskId=t1",
    }


def test_a_task_of_no_service_is_told_by_its_family() -> None:
    samples = task_samples(replace(USE, tasks=(replace(TASK, service=None, containers=()),)), NOW, 20)
    assert names(samples, "TaskMemoryUtilization") == {
        "ClusterName=c",
        "ClusterName=c TaskDefinitionFamily=shop",
        "ClusterName=c TaskDefinitionFamily=shop TaskId=t1",
    }


def test_what_reserves_nothing_has_no_share() -> None:
    samples = task_samples(replace(USE, tasks=(replace(TASK, reserved_cpu=0, containers=()),)), NOW, 20)
    assert of_task(samples, "t1") == {"TaskMemoryUtilization": 50}


def test_a_report_is_one_point_of_its_span_and_a_task_counts_once_a_minute() -> None:
    samples = [one for end in (NOW, NOW + 20, NOW + 40) for one in task_samples(USE, end, 20)]
    points = [
        one
        for one in samples
        if one.metric.name == "TaskCpuUtilization" and ("TaskId", "t1") in one.metric.dimensions
    ]
    begin = NOW - NOW % 5 - 20
    assert [(one.at, one.seconds) for one in points] == [(begin, 20), (begin + 20, 20), (begin + 40, 20)]
    assert round(together(one.summary for one in points).count, 9) == 1


def test_other_clusters_have_none() -> None:
    assert task_samples(replace(USE, has_insights=True, has_enhanced_insights=False), NOW, 20) == []
