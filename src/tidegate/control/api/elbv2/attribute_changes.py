"""How attributes are changed and described, whatever they are of; and the checks that several share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2.faults import invalid
from tidegate.wire import Fault

Check = Callable[[str, str], None]
"""Raises a fault unless the key (first) takes the value."""
Given = Sequence[Mapping[str, Any]]


def changed(
    present: Mapping[str, str],
    given: Given,
    checks: Mapping[str, Check],
    *,
    repeated: str,
    unknown: Callable[[str], Fault],
) -> dict[str, str]:
    """The attributes after a change; raises the first fault. `repeated`: the text on a key that comes
    twice; `unknown`: the fault of a key without a check."""
    result = dict(present)
    seen: set[str] = set()
    for item in given:
        key, value = item.get("Key", ""), item.get("Value") or ""
        if key in seen:
            raise invalid(repeated.format(key=key))
        seen.add(key)
        if key not in checks:
            raise unknown(key)
        checks[key](key, value)
        result[key] = value
    return result


def described(defaults: Mapping[str, str], present: Mapping[str, str]) -> list[dict[str, str]]:
    """Every attribute with its present value or its default."""
    return [{"Key": key, "Value": present.get(key, default)} for key, default in defaults.items()]


def boolean(key: str, value: str) -> None:
    if value not in ("true", "false"):
        raise invalid(f"The value of '{key}' must be 'true' or 'false', but was '{value}'")


def one_of(text: str, *choices: str) -> Check:
    """`text` may name {key} and {value}."""

    def check(key: str, value: str) -> None:
        if value not in choices:
            raise invalid(text.format(key=key, value=value))

    return check


def between(low: int, high: int, *others: str) -> Check:
    """A whole number within bounds, or one of the others."""

    def check(key: str, value: str) -> None:
        if value not in others and not is_within(value, low, high):
            raise invalid(f"'{key}' value '{value}' must be between '{low}-{high}' inclusive")

    return check


def is_within(value: str, low: int, high: int) -> bool:
    # More digits than any bound has are no number to convert.
    return value.isascii() and value.isdigit() and len(value) < 20 and low <= int(value) <= high


def invalid_characters(key: str) -> Fault:
    return invalid(f"The value of '{key}' contains invalid characters")
