"""AWS/ECS metrics from what tasks used, by AWS's formulas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.decisions.usage_metrics import InstanceUse, TaskUse, usage_samples
from tidegate.domain.cloudwatch import Sample, Summary, together

NOW = 1_767_225_613


def a_task(service: str | None = "web", cpu: float = 128, memory: float = 64, **more: int) -> TaskUse:
    reserved = {"reserved_cpu": 256, "reserved_memory_mib": 128} | more
    return TaskUse(id="t1", family="web", service=service, cpu=cpu, memory_mib=memory, **reserved)


def an_instance(*tasks: TaskUse, cpu: int = 1024, reserved_cpu: int = 512) -> InstanceUse:
    return InstanceUse(
        cluster="c",
        cpu=cpu,
        memory_mib=1024,
        reserved_cpu=reserved_cpu,
        reserved_memory_mib=256,
        tasks=tasks,
    )


def of_metric(samples: list[Sample], name: str, service: str | None = None) -> list[Sample]:
    wanted = (("ClusterName", "c"), *((("ServiceName", service),) if service else ()))
    return [one for one in samples if (one.metric.name, one.metric.dimensions) == (name, wanted)]


def whole(samples: list[Sample], name: str, service: str | None = None) -> Summary:
    return together(one.summary for one in of_metric(samples, name, service))


def test_a_services_use_is_of_what_its_tasks_reserve() -> None:
    samples = usage_samples(an_instance(a_task(cpu=128), a_task(cpu=384)), NOW, 20)
    cpu = whole(samples, "CPUUtilization", "web")
    assert cpu.average == pytest.approx(100)
    assert (cpu.minimum, cpu.maximum) == (50, 150)
    assert whole(samples, "MemoryUtilization", "web").average == 50


def test_a_clusters_use_and_reservation_are_of_what_its_instances_registered() -> None:
    samples = usage_samples(an_instance(a_task(cpu=128), a_task(None, cpu=128)), NOW, 20)
    assert whole(samples, "CPUUtilization").average == 25
    assert whole(samples, "MemoryUtilization").average == 12.5
    assert whole(samples, "CPUReservation").average == 50
    assert whole(samples, "MemoryReservation").average == 25


def test_an_idle_instance_uses_nothing_and_services_without_tasks_have_no_samples() -> None:
    samples = usage_samples(an_instance(), NOW, 20)
    assert whole(samples, "CPUUtilization").maximum == 0
    assert all(len(one.metric.dimensions) == 1 for one in samples)


def test_what_reserves_nothing_has_no_share() -> None:
    samples = usage_samples(an_instance(a_task(reserved_cpu=0), cpu=0), NOW, 20)
    assert of_metric(samples, "CPUUtilization", "web") == []
    assert of_metric(samples, "CPUUtilization") == []
    assert len(of_metric(samples, "MemoryUtilization", "web")) == 4


def test_a_report_is_laid_out_over_the_spans_before_it() -> None:
    samples = of_metric(usage_samples(an_instance(a_task()), NOW, 20), "CPUUtilization", "web")
    end = NOW - NOW % 5
    assert [(one.at, one.seconds, one.unit) for one in samples] == [
        (at, 5, "Percent") for at in range(end - 20, end, 5)
    ]


def test_a_task_counts_once_a_minute() -> None:
    use = an_instance(a_task())
    samples = [one for end in (NOW, NOW + 20, NOW + 40) for one in usage_samples(use, end, 20)]
    assert round(whole(samples, "CPUUtilization", "web").count, 9) == 1


def test_insights_are_in_units_and_megabytes_of_each_task() -> None:
    use = replace(an_instance(a_task(), a_task(None, cpu=256)), has_insights=True)
    samples = [one for one in usage_samples(use, NOW, 20) if one.metric.namespace == "ECS/ContainerInsights"]
    assert whole(samples, "CpuUtilized", "web").average == 128
    assert whole(samples, "CpuReserved", "web").average == 256
    assert whole(samples, "MemoryUtilized", "web").average == 64
    assert whole(samples, "MemoryReserved", "web").average == 128
    assert whole(samples, "CpuUtilized").average == pytest.approx(192)
    assert {one.unit for one in samples} == {"None", "Megabytes"}
    assert {one.metric.namespace for one in usage_samples(an_instance(a_task()), NOW, 20)} == {"AWS/ECS"}
