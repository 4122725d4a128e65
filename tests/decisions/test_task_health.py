"""A task's health is that of its essential containers with a health check."""

from __future__ import annotations

import pytest

from tidegate.control.decisions.task_health import task_health
from tidegate.domain.ecs import Container
from tidegate.testing.builders import a_task


@pytest.mark.parametrize(
    ("states", "health"),
    [
        (("HEALTHY", "HEALTHY"), "HEALTHY"),
        (("HEALTHY", "UNKNOWN"), "UNKNOWN"),
        (("UNKNOWN", "UNHEALTHY"), "UNHEALTHY"),
        (("HEALTHY", "UNHEALTHY"), "UNHEALTHY"),
    ],
)
def test_the_worst_known_state_of_the_checked_containers_counts(states: tuple[str, ...], health: str) -> None:
    names = [str(number) for number, _ in enumerate(states)]
    containers = [
        Container(arn=name, name=name, image="x", health_status=state)
        for name, state in zip(names, states, strict=True)
    ]
    unchecked = Container(arn="other", name="other", image="x", health_status="UNHEALTHY")
    assert task_health(a_task(containers=(*containers, unchecked)), names) == health


def test_a_task_without_checked_containers_is_of_unknown_health() -> None:
    healthy = Container(arn="a", name="a", image="x", health_status="HEALTHY")
    assert task_health(a_task(containers=(healthy,)), ()) == "UNKNOWN"
