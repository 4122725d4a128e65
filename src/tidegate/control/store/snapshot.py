"""The whole state at one revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from immutables import Map

from tidegate.control.store.table import Table

T = TypeVar("T")

_EMPTY: Map[str, Any] = Map()


class Snapshot:
    """Immutable; `with_row` gives a new one that shares all but the changed paths.

    An index holds keys, not rows: most changes of a row change no value that it is found by, and then
    touch no index.
    """

    __slots__ = ("_indexes", "_rows", "revision")

    def __init__(
        self, revision: int = 0, rows: Map[str, Any] = _EMPTY, indexes: Map[str, Any] = _EMPTY
    ) -> None:
        self.revision = revision
        self._rows = rows
        self._indexes = indexes

    @classmethod
    def of(cls, revision: int, contents: Mapping[Table[Any], Mapping[str, Any]]) -> Snapshot:
        """The state with these rows, built at once: ten times as fast as row by row."""
        indexes: dict[str, Any] = {}
        for table, rows in contents.items():
            for name, function in table.indexes.items():
                entries: dict[str, dict[str, None]] = {}
                for key, row in rows.items():
                    for value in function(row):
                        entries.setdefault(value, {})[key] = None
                indexes[f"{table.name}/{name}"] = Map({v: Map(found) for v, found in entries.items()})
        maps = {table.name: Map(rows) for table, rows in contents.items()}
        return cls(revision, Map(maps), Map(indexes))

    def get(self, table: Table[T], key: str) -> T | None:
        """The row under its key, or None."""
        found: T | None = self._rows.get(table.name, _EMPTY).get(key)
        return found

    def all(self, table: Table[T]) -> Iterator[T]:
        """Every row, in no order that means anything."""
        rows: Map[str, T] = self._rows.get(table.name, _EMPTY)
        return iter(rows.values())

    def count(self, table: Table[T]) -> int:
        return len(self._rows.get(table.name, _EMPTY))

    def by(self, table: Table[T], index: str, value: str) -> Iterator[T]:
        """The rows that an index lists under a value."""
        found: Map[str, None] = self._index(table, index).get(value, _EMPTY)
        rows: Map[str, T] = self._rows.get(table.name, _EMPTY)
        return map(rows.__getitem__, found)

    def values(self, table: Table[Any], index: str) -> Iterator[str]:
        """The values under which an index lists any row, in no order."""
        return iter(self._index(table, index))

    def with_row(self, table: Table[T], key: str, row: T | None) -> Snapshot:
        """This state with one row put, or deleted where `row` is None; the revision stays."""
        rows: Map[str, T] = self._rows.get(table.name, _EMPTY)
        old = rows.get(key)
        if old is None and row is None:
            return self
        rows = rows.delete(key) if row is None else rows.set(key, row)
        indexes = self._indexes
        for name, function in table.indexes.items():
            before = set(function(old)) if old is not None else set()
            after = set(function(row)) if row is not None else set()
            if before != after:
                place = f"{table.name}/{name}"
                entries = indexes.get(place, _EMPTY)
                indexes = indexes.set(place, _reindexed(entries, key, before, after))
        return Snapshot(self.revision, self._rows.set(table.name, rows), indexes)

    def at(self, revision: int) -> Snapshot:
        """The same state under another revision."""
        return Snapshot(revision, self._rows, self._indexes)

    def _index(self, table: Table[Any], index: str) -> Map[str, Any]:
        if index not in table.indexes:
            raise KeyError(f"table {table.name} has no index {index}")
        found: Map[str, Any] = self._indexes.get(f"{table.name}/{index}", _EMPTY)
        return found


def _reindexed(entries: Map[str, Any], key: str, before: set[str], after: set[str]) -> Map[str, Any]:
    for value in before - after:
        left = entries[value].delete(key)
        entries = entries.set(value, left) if left else entries.delete(value)
    for value in after - before:
        entries = entries.set(value, entries.get(value, _EMPTY).set(key, None))
    return entries
