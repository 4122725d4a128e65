"""The arithmetic of a rolling deployment."""

from __future__ import annotations

from tidegate.domain.ecs import Service


def lower_bound(desired: int, minimum_healthy_percent: int) -> int:
    """Healthy tasks that must remain: desired x percent, rounded up."""
    return -(-desired * minimum_healthy_percent // 100)


def upper_bound(desired: int, maximum_percent: int) -> int:
    """Live tasks that may exist: desired x percent, rounded down."""
    return desired * maximum_percent // 100


def breaker_threshold(desired: int) -> int:
    """Failures at which the circuit breaker trips: half of the desired count, from 3 to 200."""
    return min(200, max(3, -(-desired // 2)))


def start_delay_seconds(failed_tasks: int) -> int:
    """How long to wait before the next start after so many launches in a row that never ran.

    The first two restarts are immediate; then the delay doubles from 10 s to ECS's 15 minutes.
    """
    return 0 if failed_tasks < 3 else min(900, 10 * 2 ** (failed_tasks - 3))


def bounds(service: Service, desired: int) -> tuple[int, int]:
    configuration = service.deployment_configuration
    return (
        lower_bound(desired, configuration.minimum_healthy_percent),
        upper_bound(desired, configuration.maximum_percent),
    )
