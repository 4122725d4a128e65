"""CloudWatch Logs' errors."""

from __future__ import annotations

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


def unavailable() -> Fault:
    """Retryable: clients ask again."""
    return Fault("ServiceUnavailableException", "The service cannot complete the request.", 503)
