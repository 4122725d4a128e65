"""TCS: what agents measure, sent to control over a websocket of its own.

Amazon's agent signs each frame once more: header lines, an empty line, then the JSON; so does ours, for
whoever verifies it. Times are Unix seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

_Task = TypeVar("_Task", "TaskMetrics", "TaskHealth")

PUBLISH_EVERY_SECONDS = 20.0
TASKS_PER_MESSAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerMetrics:
    """`cpu_percent` of all cores; `memory_mib` in use."""

    name: str
    cpu_percent: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMetrics:
    arn: str
    family: str
    version: str
    containers: tuple[ContainerMetrics, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerHealth:
    """`status`: HEALTHY, UNHEALTHY or UNKNOWN, `since` when (Unix seconds)."""

    name: str
    status: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHealth:
    arn: str
    family: str
    version: str
    containers: tuple[ContainerHealth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    cluster: str
    container_instance: str


def metrics_messages(
    sender: Sender, message_id: str, tasks: Sequence[TaskMetrics], now: float
) -> list[dict[str, Any]]:
    """PublishMetricsRequest frames: one at least, so that an idle instance says that it is idle."""
    return [
        {
            "type": "PublishMetricsRequest",
            "message": {
                "metadata": _metadata(sender, message_id, is_idle=not tasks, is_last=is_last),
                "taskMetrics": [
                    _task(task, "containerMetrics", [_metrics(c) for c in task.containers]) for task in part
                ],
                "timestamp": now,
            },
        }
        for part, is_last in _parts(tasks)
    ]


def health_messages(
    sender: Sender, message_id: str, tasks: Sequence[TaskHealth], now: float
) -> list[dict[str, Any]]:
    """PublishHealthRequest frames; none where no task has a health check."""
    if not tasks:
        return []
    return [
        {
            "type": "PublishHealthRequest",
            "message": {
                "metadata": _metadata(sender, message_id, is_idle=False, is_last=is_last),
                "tasks": [_task(task, "containers", [_health(c) for c in task.containers]) for task in part],
                "timestamp": now,
            },
        }
        for part, is_last in _parts(tasks)
    ]


def signed_frame(headers: Mapping[str, str], body: str) -> str:
    """A frame with the headers that sign its JSON."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n" + body


def encode(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))


def _parts(tasks: Sequence[_Task]) -> list[tuple[Sequence[_Task], bool]]:
    starts = range(0, max(1, len(tasks)), TASKS_PER_MESSAGE)
    return [(tasks[at : at + TASKS_PER_MESSAGE], at == starts[-1]) for at in starts]


def _metadata(sender: Sender, message_id: str, *, is_idle: bool, is_last: bool) -> dict[str, Any]:
    return {
        "cluster": sender.cluster,
        "containerInstance": sender.container_instance,
        "messageId": message_id,
        "idle": is_idle,
        "fin": is_last,
    }


def _task(task: TaskMetrics | TaskHealth, member: str, containers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "taskArn": task.arn,
        "taskDefinitionFamily": task.family,
        "taskDefinitionVersion": task.version,
        member: containers,
    }


def _metrics(container: ContainerMetrics) -> dict[str, Any]:
    return {
        "containerName": container.name,
        "cpuStatsSet": _stats(container.cpu_percent),
        "memoryStatsSet": _stats(container.memory_mib),
    }


def _stats(value: float) -> dict[str, float]:
    """A set of one sample: an interval's mean is all that is measured."""
    return {"min": value, "max": value, "sum": value, "sampleCount": 1}


def _health(container: ContainerHealth) -> dict[str, Any]:
    return {
        "containerName": container.name,
        "healthStatus": container.status,
        "statusSince": container.since,
    }
