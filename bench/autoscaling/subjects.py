"""What is scaled, by which policy, and what its load is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.cli.demo.acts.scaling import label
from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.load import Kind
from tidegate.cli.demo.stage import build
from tidegate.cli.demo.story import Story

# (requests a second, seconds)
Phases = Sequence[tuple[float, float]]

_BURNER = Path(__file__).parent / "burner"
_IMAGE = "burner:1"
# What a task reserves, which utilization is of; a container that reached its limit would be killed.
_CPU_UNITS, _MEMORY_MIB, _MEMORY_LIMIT_MIB = 128, 64, 200
# Reports of agents come every 20 seconds, each with the points of the seconds before.
_REPORT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`target`: of the policy, in the unit of its metric. `per_task`: requests a second that make it, about.
    `metric`: CloudWatch's name of it; None: what was sent says it. `late_seconds`: how old its newest point
    may be."""

    definition: Callable[[Story], dict[str, Any]]
    container: tuple[str, int]
    policy: Callable[[Story], dict[str, Any]]
    target: float
    per_task: float
    kinds: Sequence[Kind]
    runs: Mapping[str, Phases]
    metric: str | None = None
    late_seconds: float = 0.0


def _requests(story: Story) -> dict[str, Any]:
    return {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label(story)}


def _burner(story: Story) -> dict[str, Any]:
    """A task of one burner, with its image built."""
    build(story.stage.data_dir, _BURNER, _IMAGE, runtime=story.stage.runtime)
    container = {
        "name": "burner",
        "image": _IMAGE,
        "cpu": _CPU_UNITS,
        "memory": _MEMORY_LIMIT_MIB,
        "memoryReservation": _MEMORY_MIB,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 0}],
    }
    return {"family": "burner", "containerDefinitions": [container]}


def _predefined(name: str) -> Callable[[Story], dict[str, Any]]:
    return lambda _: {"PredefinedMetricType": name}


REQUESTS = Subject(
    definition=lambda story: users_service_definition(story, host_port=0),
    container=("users-service", 5000),
    policy=_requests,
    target=600.0,
    per_task=10.0,
    kinds=(
        Kind(name="kept alive", path="/ping", weight=4),
        Kind(name="new connection", path="/ping", keep_alive=False),
    ),
    runs={
        "step": ((5, 30), (32, 60), (5, 150)),
        # Less than three periods, whenever it begins.
        "spike": ((5, 20), (60, 4), (5, 40)),
        "swings": ((5, 20), *((25, 20), (5, 20)) * 4, (5, 120)),
    },
)
# Ten milliseconds, and about two that a request costs by itself, of an eighth of a CPU of which 60 % are
# wanted: a whole run takes less than a third of one CPU.
CPU = Subject(
    definition=_burner,
    container=("burner", 8080),
    policy=_predefined("ECSServiceAverageCPUUtilization"),
    target=60.0,
    per_task=0.6 * _CPU_UNITS / 1024 / 0.012,
    kinds=(Kind(name="burn", path="/burn/10"),),
    runs={"cpu-step": ((3, 45), (17, 80), (3, 170))},
    metric="CPUUtilization",
    late_seconds=_REPORT_SECONDS,
)
# A MiB for a second each, beside about 20 of the 64 that the process has anyway.
MEMORY = Subject(
    definition=_burner,
    container=("burner", 8080),
    policy=_predefined("ECSServiceAverageMemoryUtilization"),
    target=60.0,
    per_task=18.0,
    kinds=(Kind(name="hold", path="/hold/1/1"),),
    runs={"memory-step": ((5, 45), (45, 80), (5, 170))},
    metric="MemoryUtilization",
    late_seconds=_REPORT_SECONDS,
)
SUBJECTS: Mapping[str, Subject] = {"requests": REQUESTS, "cpu": CPU, "memory": MEMORY}
