"""What the longest prefix says, from what every prefix says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def merged(entries: Iterable[tuple[str, int]]) -> Mapping[str, frozenset[int]]:
    """Under each prefix, in order, its own numbers and those of its shorter prefixes. HAProxy finds the
    longest one that begins a text, and all others that begin it are prefixes of that."""
    own: dict[str, set[int]] = {}
    for prefix, number in entries:
        own.setdefault(prefix, set()).add(number)
    found: dict[str, frozenset[int]] = {}
    shorter: list[str] = []
    for prefix in sorted(own):
        while shorter and not prefix.startswith(shorter[-1]):
            shorter.pop()
        found[prefix] = frozenset(own[prefix]) | (found[shorter[-1]] if shorter else frozenset())
        shorter.append(prefix)
    return found
