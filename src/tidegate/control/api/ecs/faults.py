"""The codes of ECS's faults, and refusing by name what is not honoured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tidegate.wire import Fault

# Clients spell out what means nothing: an empty list, a feature that is off.
_NOTHING: tuple[object, ...] = (None, [], {}, "", False, 0)


def invalid(message: str) -> Fault:
    """A value, or a combination of values, that is wrong."""
    return Fault("InvalidParameterException", message)


def client(message: str) -> Fault:
    """The same, said by the operations of task definitions and by some older checks."""
    return Fault("ClientException", message)


def refuse_others(
    given: Mapping[str, Any],
    honoured: Collection[str],
    why: Mapping[str, str],
    fault: Callable[[str], Fault] = invalid,
) -> None:
    """Raise for the first member that asks for something and is not honoured. `why` has reasons."""
    for member, value in given.items():
        if member not in honoured and value not in _NOTHING:
            raise fault(f"{member}: {why.get(member, 'it is not supported.')}")
