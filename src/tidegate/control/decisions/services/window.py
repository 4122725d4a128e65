"""The arithmetic of a rolling deployment."""

from __future__ import annotations

from tidegate.domain.ecs import Service

_START_DELAY_FIRST_SECONDS = 5
# ECS's own limit; the curve up to it is not documented.
_START_DELAY_SECONDS_MAX = 900


def lower_bound(desired: int, minimum_healthy_percent: int) -> int:
    """Healthy tasks that must remain: desired x percent, rounded up."""
    return -(-desired * minimum_healthy_percent // 100)


def upper_bound(desired: int, maximum_percent: int) -> int:
    """Live tasks that may exist: desired x percent, rounded down."""
    return desired * maximum_percent // 100


def bounds(service: Service, desired: int) -> tuple[int, int]:
    """(lower, upper) of a service."""
    configuration = service.deployment_configuration
    return (
        lower_bound(desired, configuration.minimum_healthy_percent),
        upper_bound(desired, configuration.maximum_percent),
    )


def breaker_threshold(desired: int) -> int:
    """Failures at which the circuit breaker trips: half of the desired count, from 3 to 200."""
    return min(200, max(3, -(-desired // 2)))


def next_start_delay(present_seconds: int) -> int:
    """The wait after one more round of launches that never ran: twice the last one."""
    return min(_START_DELAY_SECONDS_MAX, max(_START_DELAY_FIRST_SECONDS, 2 * present_seconds))
