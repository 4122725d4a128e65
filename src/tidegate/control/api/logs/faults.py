"""CloudWatch Logs' errors."""

from __future__ import annotations

from tidegate.fleet.log_shipments import shipment_token
from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    """A parameter's value is not possible."""
    return Fault("InvalidParameterException", message)


def no_such_group() -> Fault:
    return Fault("ResourceNotFoundException", "The specified log group does not exist.")


def no_such_stream() -> Fault:
    return Fault("ResourceNotFoundException", "The specified log stream does not exist.")


def group_exists() -> Fault:
    return Fault("ResourceAlreadyExistsException", "The specified log group already exists")


def stream_exists() -> Fault:
    return Fault("ResourceAlreadyExistsException", "The specified log stream already exists")


def invalid_token() -> Fault:
    return invalid("The specified nextToken is invalid.")


def partly_kept(position: int) -> Fault:
    """An agent's batch repeats a part of what its stream has: the agent goes on from there."""
    token = shipment_token(position, position)
    text = f"The given sequenceToken is invalid. The next expected sequenceToken is: {token}"
    return Fault("InvalidSequenceTokenException", text, expectedSequenceToken=token)


def unavailable() -> Fault:
    """Retryable: clients ask again."""
    return Fault("ServiceUnavailableException", "The service cannot complete the request.", 503)
