"""The constraints of a service's model, with AWS's constraint messages.

Message form: `N validation errors detected: Value 'X' at 'path' failed to satisfy constraint: C; ...`,
paths in lowerCamelCase with 1-based list members (`defaultActions.1.member.type`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from tidegate.wire.faults import Fault
from tidegate.wire.models import service_model

# ECS and EC2 check enumerations and lengths in their operations, with texts of their own.
_CONSTRAINED = {"elbv2": "ValidationError", "iam": "ValidationError", "sts": "ValidationError"}
_REQUIRED_ONLY = {"ecs": "InvalidParameterException", "ssm": "ValidationException"}

_Check = Callable[[Any, str], Iterator[str]]


def validate(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Raise Fault when a required member is missing or a constraint does not hold."""
    if service == "ec2":
        _require_ec2(operation, parameters)
        return
    problems = list(_checker(service, operation)(parameters, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        text = f"{len(problems)} validation error{plural} detected: " + "; ".join(problems)
        raise Fault(_CONSTRAINED.get(service) or _REQUIRED_ONLY.get(service, "ValidationException"), text)


def _require_ec2(operation: str, parameters: Mapping[str, Any]) -> None:
    shape = service_model("ec2").operation_model(operation).input_shape
    for name in shape.required_members if shape is not None else ():
        if parameters.get(name) in (None, [], ""):
            raise Fault("MissingParameter", f"The request must contain the parameter {name}")


@cache
def _checker(service: str, operation: str) -> _Check:
    shape = service_model(service).operation_model(operation).input_shape
    if shape is None:
        return lambda _value, _path: iter(())
    return _check(shape, service in _CONSTRAINED, {})


def _check(shape: Any, is_full: bool, known: dict[str, _Check]) -> _Check:
    if shape.name in known:
        return lambda value, path: known[shape.name](value, path)
    if shape.type_name == "structure":
        members: dict[str, _Check] = {}
        known[shape.name] = check = _structure(tuple(shape.required_members), members)
        members.update({name: _check(member, is_full, known) for name, member in shape.members.items()})
        return check
    if shape.type_name == "list":
        return _list(shape, _check(shape.member, is_full, known), is_full)
    if shape.type_name == "string" and is_full:
        return _text(shape)
    if shape.type_name in ("integer", "long") and is_full:
        return _number(shape)
    return lambda _value, _path: iter(())


def _structure(required: tuple[str, ...], members: Mapping[str, _Check]) -> _Check:
    def check(value: Any, path: str) -> Iterator[str]:
        for name in required:
            if value.get(name) is None:
                yield _problem(None, _join(path, name), "Member must not be null")
        for name, item in value.items():
            yield from members[name](item, _join(path, name))

    return check


def _list(shape: Any, member: _Check, is_full: bool) -> _Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str) -> Iterator[str]:
        if is_full:
            yield from _length(value, path, low, high)
        for number, item in enumerate(value, start=1):
            yield from member(item, f"{path}.{number}.member")

    return check


def _text(shape: Any) -> _Check:
    allowed = shape.metadata.get("enum")
    pattern = shape.metadata.get("pattern")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    expression = _compiled(pattern) if pattern else None

    def check(value: Any, path: str) -> Iterator[str]:
        if allowed and value not in allowed:
            values = ", ".join(allowed)
            yield _problem(value, path, f"Member must satisfy enum value set: [{values}]")
        if expression and not expression.fullmatch(value):
            yield _problem(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        yield from _length(value, path, low, high)

    return check


def _number(shape: Any) -> _Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str) -> Iterator[str]:
        if low is not None and value < low:
            yield _problem(value, path, f"Member must have value greater than or equal to {low}")
        if high is not None and value > high:
            yield _problem(value, path, f"Member must have value less than or equal to {high}")

    return check


def _length(value: Any, path: str, low: int | None, high: int | None) -> Iterator[str]:
    if low is not None and len(value) < low:
        yield _problem(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _problem(value, path, f"Member must have length less than or equal to {high}")


def _compiled(pattern: str) -> re.Pattern[str] | None:
    # The models are written for Java; the few patterns that Python cannot read are left to the handlers.
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _problem(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    lower = name[0].lower() + name[1:]
    return f"{path}.{lower}" if path else lower
