"""AWS's patterns (`*` any characters, `?` exactly one) as literals and as Perl's regular expressions.

Only visible ASCII is ever matched, so neither wildcard stands for a control character or for a byte
above 0x7e. An expression is kept as its *pieces* until many of them are made into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# A space is visible, and ends a word in HAProxy's files.
VISIBLE = r"[\x20-~]"
_WILDCARDS = "*?"

Pieces = tuple[str, ...]


def pieces(pattern: str, *, character: str = VISIBLE, has_escapes: bool = False) -> Pieces:
    """One piece per character. `character`: the class that a wildcard stands for. `has_escapes`: whether
    `\\*` and `\\?` are the characters themselves."""
    found: list[str] = []
    position = 0
    while position < len(pattern):
        one, following = pattern[position], pattern[position + 1 : position + 2]
        if has_escapes and one == "\\" and following and following in _WILDCARDS:
            found.append(re.escape(following))
            position += 2
            continue
        found.append(f"{character}*" if one == "*" else character if one == "?" else re.escape(one))
        position += 1
    return tuple(found)


def searched(expression: str) -> Pieces:
    """A user's expression, which may match anywhere in a text of nothing but visible characters."""
    return (rf"(?={VISIBLE}*\z).*?(?:{expression}).*",)


def alternation(sequences: Iterable[Pieces]) -> str:
    """One expression for what any of these matches. What they begin with in common is tried once, so that
    a hundred of them cost little more than one."""
    tails: dict[str, list[Pieces]] = {}
    for sequence in sequences:
        tails.setdefault(sequence[0] if sequence else "", []).append(sequence[1:])
    options = [head + alternation(rest) if head else "" for head, rest in tails.items()]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def literal_prefix(pattern: str) -> str:
    """What every text that matches begins with."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def is_literal(pattern: str) -> bool:
    return not any(wildcard in pattern for wildcard in _WILDCARDS)


def prefix_of(pattern: str) -> str | None:
    """The literal before the only wildcard, a `*` at the end; None for patterns of another form."""
    prefix = pattern.rstrip("*")
    return prefix if prefix != pattern and is_literal(prefix) else None


def suffix_of(pattern: str) -> str | None:
    """The literal after the only wildcard, a `*` at the start; None for patterns of another form."""
    suffix = pattern.lstrip("*")
    return suffix if suffix and suffix != pattern and is_literal(suffix) else None
