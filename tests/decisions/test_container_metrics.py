"""What a service's tasks use of what they reserve, as samples of AWS/ECS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.decisions.container_metrics import ContainerUsage, service_samples
from tidegate.domain.cloudwatch import together
from tidegate.testing.builders import CLUSTER, a_service, a_task
from tidegate.testing.clock import EPOCH

SERVICE = a_service()
TASK = a_task(1, of=SERVICE)
USED = {
    "app": ContainerUsage(cpu_percent=5, memory_mib=32),
    "db": ContainerUsage(cpu_percent=2.5, memory_mib=64),
}


def test_use_is_the_sum_over_containers_in_percent_of_the_reservation() -> None:
    cpu, memory = service_samples(TASK, USED, 1024, EPOCH)
    # 7.5 % of 1,024 units are 76.8 of the task's 128; 96 of its 128 MiB.
    assert cpu.summary.average == pytest.approx(60)
    assert memory.summary.average == pytest.approx(75)
    assert (cpu.metric.name, memory.metric.name) == ("CPUUtilization", "MemoryUtilization")
    assert cpu.metric.dimensions == (("ClusterName", CLUSTER), ("ServiceName", "web"))
    assert (cpu.unit, cpu.at, cpu.seconds) == ("Percent", int(EPOCH.timestamp()) - 20, 20)


def test_three_spans_of_two_tasks_count_two_in_a_minute() -> None:
    samples = [service_samples(task, USED, 1024, EPOCH)[0] for task in (TASK, a_task(2, of=SERVICE))]
    minute = together([sample.summary for sample in samples * 3])
    assert minute.count == pytest.approx(2)
    assert minute.average == pytest.approx(60)


@pytest.mark.parametrize(
    "task",
    [a_task(1), a_task(1, of=SERVICE, last_status="PENDING"), a_task(1, of=SERVICE, last_status="STOPPED")],
)
def test_only_running_tasks_of_services_count(task: object) -> None:
    assert service_samples(task, USED, 1024, EPOCH) == []  # type: ignore[arg-type]


def test_of_nothing_reserved_there_are_no_percents() -> None:
    (memory,) = service_samples(replace(TASK, cpu=0), USED, 1024, EPOCH)
    assert memory.metric.name == "MemoryUtilization"
    assert service_samples(TASK, {}, 1024, EPOCH) == []
