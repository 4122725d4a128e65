"""What activities say, in AWS's words where they are known."""

from __future__ import annotations

ATTEMPT = "Attempting to scale due to alarm triggered"
NO_SERVICE = "The service is not ACTIVE."


def setting_count(count: int) -> str:
    return f"Setting desired count to {count}."


def waiting(count: int) -> str:
    return f"Successfully set desired count to {count}. Waiting for change to be fulfilled by ecs."


def fulfilled(count: int) -> str:
    return f"Successfully set desired count to {count}. Change successfully fulfilled by ecs."


def unfulfilled(count: int) -> str:
    return f"Successfully set desired count to {count}. The change was not fulfilled by ecs in time."


def failed_count(count: int, reason: str) -> str:
    return f"Failed to set desired count to {count}. Reason: {reason}"


def by_policy(alarm: str, policy: str) -> str:
    return f"monitor alarm {alarm} in state ALARM triggered policy {policy}"


def by_schedule(name: str) -> str:
    return f"scheduled action name {name} was triggered"


def minimum_set(count: int) -> str:
    return f"minimum capacity was set to {count}"


def maximum_set(count: int) -> str:
    return f"maximum capacity was set to {count}"


def bounds(minimum: int | None, maximum: int | None) -> str:
    """`min capacity to 5 and max capacity to 10`, of what is given."""
    given = (("min", minimum), ("max", maximum))
    return " and ".join(f"{name} capacity to {value}" for name, value in given if value is not None)
