"""EC2's filters: values within one are alternatives, filters add up; `*` and `?` are wildcards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from tidegate.domain.tags import Tags
from tidegate.wire import Fault

T = TypeVar("T")

Values = Callable[[T], Iterable[str | None]]
"""What a row offers to a filter: it passes when any of these matches any value of the filter."""


def matching(
    rows: Iterable[T],
    filters: Sequence[Mapping[str, Any]],
    known: Mapping[str, Values[T]],
    tags_of: Callable[[T], Tags] | None = None,
) -> list[T]:
    """The rows that pass every filter."""
    tests = [(_offer(entry.get("Name", ""), known, tags_of), _patterns(entry)) for entry in filters]
    return [
        row
        for row in rows
        if all(
            any(pattern.fullmatch(value) for value in offer(row) if value is not None for pattern in patterns)
            for offer, patterns in tests
        )
    ]


def boolean(value: bool) -> tuple[str]:
    """A boolean as filters spell it."""
    return ("true" if value else "false",)


def _offer(name: str, known: Mapping[str, Values[T]], tags_of: Callable[[T], Tags] | None) -> Values[T]:
    if name in known:
        return known[name]
    if tags_of is not None:
        if name.startswith("tag:"):
            key = name.removeprefix("tag:")
            return lambda row: (tags_of(row).get(key),)
        if name == "tag-key":
            return lambda row: tags_of(row).keys()
        if name == "tag-value":
            return lambda row: tags_of(row).values()
    raise Fault("InvalidParameterValue", f"The filter '{name}' is invalid")


def _patterns(entry: Mapping[str, Any]) -> list[re.Pattern[str]]:
    values = entry.get("Values")
    if not values:
        raise Fault(
            "InvalidParameterValue",
            "The filter 'null' is invalid"
            if not entry.get("Name")
            else f"The filter '{entry['Name']}' must have at least one value",
        )
    return [_pattern(value) for value in values]


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    """What stands between two stars is matched where it is first found, and never looked for again: else
    a value full of stars would try every way of placing them, which takes for ever."""
    pieces: list[str] = [""]
    characters = iter(value)
    for character in characters:
        if character == "*":
            pieces.append("")
        elif character == "\\":
            pieces[-1] += re.escape(next(characters, "\\"))
        else:
            pieces[-1] += "." if character == "?" else re.escape(character)
    first, *rest = pieces
    if not rest:
        return re.compile(first, re.DOTALL)
    *between, last = rest
    middle = "".join(f"(?>.*?{piece})" for piece in between if piece)
    return re.compile(f"{first}{middle}.*{last}", re.DOTALL)
