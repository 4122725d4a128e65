"""Rules by number, smallest first, and tables of such numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeRule

# The default rule comes after all others: 50000 is the greatest priority.
DEFAULT_NUMBER = 50001

# HAProxy takes 64 words in a line.
_NUMBERS_MAX = 40


def number_of(rule: EdgeRule) -> int:
    return rule.priority or DEFAULT_NUMBER


def portions(numbers: Sequence[int]) -> tuple[str, ...]:
    """Numbers as words, as many together as a line of HAProxy's may have."""
    starts = range(0, len(numbers), _NUMBERS_MAX)
    return tuple(" ".join(map(str, numbers[at : at + _NUMBERS_MAX])) for at in starts)


def values_of(rule: EdgeRule, field: str) -> list[str]:
    """Patterns of a rule's conditions on a field."""
    return [value for one in rule.conditions if one.field == field for value in one.values]


def table(name: str, entries: Iterable[tuple[str, int]]) -> Table:
    """Without what no request can hold, nor a line of HAProxy's files."""
    kept = ((text, str(number)) for text, number in entries if not any(map(str.isspace, text)))
    return Table(name=name, entries=tuple(kept))
