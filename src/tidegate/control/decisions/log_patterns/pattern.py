"""What a parsed pattern is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class InvalidPatternError(Exception):
    """The text is not a pattern; the message says why."""


@dataclass(frozen=True, slots=True)
class LogPattern:
    """`needles`: what is in the UTF-8 of every message that matches, so that where one of them is not no
    message has to be looked at. `matches_all`: nothing is asked for."""

    matches: Callable[[str], bool]
    needles: tuple[bytes, ...] = ()
    matches_all: bool = False
