"""CloudWatch's errors."""

from __future__ import annotations

from tidegate.wire import Fault


def invalid_value(message: str) -> Fault:
    """A parameter's value is not possible."""
    return Fault("InvalidParameterValue", message)


def invalid_combination(message: str) -> Fault:
    """Parameters do not go together."""
    return Fault("InvalidParameterCombination", message)


def missing(message: str) -> Fault:
    """A parameter must be given."""
    return Fault("MissingParameter", message)


def validation(message: str) -> Fault:
    """What GetMetricData and the operations on alarms say of bad input."""
    return Fault("ValidationError", message)


def invalid_token() -> Fault:
    return Fault("InvalidNextToken", "The specified token is not valid.")


def no_such_alarm(name: str) -> Fault:
    return Fault("ResourceNotFound", f"Unknown alarm {name}")


def no_such_resource(arn: str) -> Fault:
    return Fault("ResourceNotFoundException", f"Unknown resource {arn}", ResourceType="alarm", ResourceId=arn)
