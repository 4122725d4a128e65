"""The constraints of a service's model, with AWS's constraint messages.

`N validation errors detected: Value 'X' at 'path' failed to satisfy constraint: C; ...`: paths in
lowerCamelCase, list members counted from 1 (`defaultActions.1.member.type`).

Services differ in what they check before an operation runs. Most check all that the model says. ECS and
EC2 check enumerations, lengths and patterns inside their operations, with texts of their own: here only
required members are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tidegate.wire.faults import Fault
from tidegate.wire.models import Shape

# The code under which a service reports its constraints. ECS has none for them: its operations on task
# definitions call every bad input a ClientException, the others an InvalidParameterException.
_CODES = {
    "cloudwatch": "ValidationError",
    "ecs": "InvalidParameterException",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "sts": "ValidationError",
}
_OTHER_CODE = "ValidationException"
_REQUIRED_ONLY = {"ecs"}

# (path below the value, value as quoted, constraint that does not hold)
_Violation = tuple[str, str, str]
# None stands for a shape on which nothing is constrained, so that nothing of it is walked.
_Check = Callable[[Any], Iterable[_Violation]]
_Checks = list[tuple[str, str, _Check]]


def constraints(service: str, shape: Shape | None) -> Callable[[Mapping[str, Any]], None]:
    """A function that raises Fault when an operation's parameters break a constraint."""
    if shape is None:
        return lambda _parameters: None
    if service == "ec2":
        return _ec2(shape)
    check = _Compiler(is_full=service not in _REQUIRED_ONLY).check(shape)
    if check is None:
        return lambda _parameters: None
    code = _code(service, shape)

    def raise_violations(parameters: Mapping[str, Any]) -> None:
        found = list(check(parameters))
        if found:
            plural = "s" if len(found) > 1 else ""
            texts = "; ".join(_sentence(*violation) for violation in found)
            raise Fault(code, f"{len(found)} validation error{plural} detected: {texts}")

    return raise_violations


def _code(service: str, shape: Shape) -> str:
    if service == "ecs" and "TaskDefinition" in shape.name:
        return "ClientException"
    return _CODES.get(service, _OTHER_CODE)


def _ec2(shape: Shape) -> Callable[[Mapping[str, Any]], None]:
    required = shape.required

    def raise_missing(parameters: Mapping[str, Any]) -> None:
        for name in required:
            if parameters.get(name) in (None, "", []):
                raise Fault("MissingParameter", f"The request must contain the parameter {name}")

    return raise_missing


class _Compiler:
    def __init__(self, *, is_full: bool) -> None:
        self._is_full = is_full
        self._known: dict[str, _Check] = {}

    def check(self, shape: Shape) -> _Check | None:
        if shape.name in self._known:
            return self._known[shape.name]
        if shape.kind == "structure":
            return self._structure(shape)
        if shape.kind == "list":
            return _all(self._bounds(shape), _each(self.check(shape.part("member"))))
        if shape.kind == "map":
            return _all(self._bounds(shape), self._entries(shape))
        if not self._is_full:
            return None
        if shape.kind == "string":
            return _all(_enumeration(shape), _pattern(shape), self._bounds(shape))
        return self._bounds(shape)

    def _structure(self, shape: Shape) -> _Check | None:
        checks: _Checks = []
        # Known before its members are compiled: shapes may contain themselves.
        self._known[shape.name] = check = _structure(tuple(shape.required), checks)
        for name, member in shape.members.items():
            below = self.check(member)
            if below is not None:
                checks.append((name, _lower(name), below))
        return check

    def _entries(self, shape: Shape) -> _Check | None:
        key, value = self.check(shape.part("key")), self.check(shape.part("value"))
        if key is None and value is None:
            return None

        def check(items: Mapping[str, Any]) -> Iterable[_Violation]:
            for name, item in items.items():
                if key is not None:
                    yield from key(name)
                if value is not None:
                    yield from _under(f"{name}.member", value(item))

        return check

    def _bounds(self, shape: Shape) -> _Check | None:
        low, high = shape.trait("min"), shape.trait("max")
        if not self._is_full or (low is None and high is None):
            return None
        is_number = shape.kind in ("integer", "long", "float", "double")
        what = "value" if is_number else "length"

        def check(value: Any) -> Iterable[_Violation]:
            size = value if is_number else len(value)
            if low is not None and size < low:
                return [
                    ("", _quoted(value, shape), f"Member must have {what} greater than or equal to {low}")
                ]
            if high is not None and size > high:
                return [("", _quoted(value, shape), f"Member must have {what} less than or equal to {high}")]
            return ()

        return check


def _structure(required: tuple[str, ...], checks: _Checks) -> _Check:
    def check(value: Mapping[str, Any]) -> Iterable[_Violation]:
        for name in required:
            if name not in value:
                yield _lower(name), "null", "Member must not be null"
        for name, path, below in checks:
            if name in value:
                yield from _under(path, below(value[name]))

    return check


def _each(member: _Check | None) -> _Check | None:
    if member is None:
        return None

    def check(values: Any) -> Iterable[_Violation]:
        for number, value in enumerate(values, start=1):
            yield from _under(f"{number}.member", member(value))

    return check


def _enumeration(shape: Shape) -> _Check | None:
    allowed = shape.trait("enum")
    if not allowed:
        return None
    values = frozenset(allowed)
    constraint = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    return lambda value: () if value in values else [("", f"'{value}'", constraint)]


def _pattern(shape: Shape) -> _Check | None:
    pattern = shape.trait("pattern")
    expression = _compiled(pattern) if pattern else None
    if expression is None:
        return None
    constraint = f"Member must satisfy regular expression pattern: {pattern}"
    # What is too long is refused for that. Some patterns take a time that grows with the square of a text.
    limit = shape.trait("max", float("inf"))

    def check(value: Any) -> Iterable[_Violation]:
        if len(value) > limit or expression.fullmatch(value):
            return ()
        return [("", f"'{value}'", constraint)]

    return check


def _compiled(pattern: str) -> re.Pattern[str] | None:
    # The models are written for Java. Most of the few patterns that Python cannot read are those of
    # tags, whose classes of letters and numbers are \w in Python, and those that name characters beyond
    # U+FFFF by their surrogates; the rest is left to the operations.
    if r"\p{L}\p{Z}\p{N}_" in pattern:
        return re.compile(pattern.replace(r"\p{L}\p{Z}\p{N}_", r"\w\s"))
    pattern = pattern.replace(r"\p{Print}", r"[\x20-\x7E]")
    pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def _all(*checks: _Check | None) -> _Check | None:
    present = [check for check in checks if check is not None]
    if len(present) < 2:
        return present[0] if present else None
    return lambda value: [violation for check in present for violation in check(value)]


def _under(path: str, violations: Iterable[_Violation]) -> Iterable[_Violation]:
    for below, shown, constraint in violations:
        yield f"{path}.{below}" if below else path, shown, constraint


def _sentence(path: str, shown: str, constraint: str) -> str:
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _quoted(value: Any, shape: Shape) -> str:
    return f"'{_java_text(value, shape)}'"


def _java_text(value: Any, shape: Shape) -> str:
    """A value as Java prints it, which is what AWS quotes."""
    if shape.kind == "structure":
        members = shape.members
        parts = (f"{_lower(name)}={_java_text(item, members[name])}" for name, item in value.items())
        return f"{shape.name}({', '.join(parts)})"
    if shape.kind == "list":
        return f"[{', '.join(_java_text(item, shape.part('member')) for item in value)}]"
    if shape.kind == "map":
        parts = (f"{name}={_java_text(item, shape.part('value'))}" for name, item in value.items())
        return "{" + ", ".join(parts) + "}"
    if shape.kind == "boolean":
        return "true" if value else "false"
    return str(value)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
