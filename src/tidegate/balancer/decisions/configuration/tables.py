"""Files that HAProxy keeps in memory by their names: maps of keys to values, and lists.

They are changed while HAProxy runs, and stand on disk for its next start.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`name` ends in `.map` or, for a list, whose values are empty, in `.acl`. Order matters where HAProxy
    compares one entry after the other."""

    name: str
    entries: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(f"{key} {value}".rstrip() for key, value in self.entries)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)
