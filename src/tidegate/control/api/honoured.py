"""What of a request is honoured: the rest is refused by name, never ignored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.wire import Call, Fault

Handler = Callable[[ApiContext, Call], Awaitable[Mapping[str, Any]]]

# Each service's code for a well-formed request that asks for what is not there.
_CODES = {
    "acm": "ValidationException",
    "application-autoscaling": "ValidationException",
    "cloudwatch": "InvalidParameterValue",
    "ec2": "UnsupportedOperation",
    "ecs": "InvalidParameterException",
    "elbv2": "InvalidConfigurationRequest",
    "iam": "InvalidInput",
    "logs": "InvalidParameterException",
    "ssm": "ValidationException",
    "sts": "ValidationError",
    "tidegate": "ValidationException",
}


def honours(
    *members: str, only: Mapping[str, Sequence[object]] | None = None
) -> Callable[[Handler], Handler]:
    """Let a handler see requests with these members alone.

    `only`: members that are accepted with certain values, which mean what is done anyway (clients spell
    out defaults). An empty list or structure is as good as an absent member.
    """
    known, accepted = frozenset(members), dict(only or {})

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def checked(context: ApiContext, call: Call) -> Mapping[str, Any]:
            for name, value in call.parameters.items():
                if name not in known and value not in ([], {}):
                    _check(call.service, name, value, accepted)
            return await handler(context, call)

        return checked

    return decorate


def unserved(service: str, message: str) -> Fault:
    """The fault for what Tidegate does not serve, in the service's code."""
    return Fault(_CODES[service], message)


def _check(service: str, name: str, value: object, accepted: Mapping[str, Sequence[object]]) -> None:
    if name not in accepted:
        raise unserved(service, f"Tidegate does not serve the parameter {name}.")
    if value not in accepted[name]:
        values = " or ".join(
            str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in accepted[name]
        )
        raise unserved(service, f"Tidegate serves the parameter {name} with the value {values} only.")
