"""What a table is: a type of row, its key, and the indexes under which rows are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Table(Generic[T]):
    """Rows of `row_type`, found by `key(row)` and by every value of every index function."""

    name: str
    row_type: type[T]
    key: Callable[[T], str]
    indexes: Mapping[str, Callable[[T], Iterable[str]]] = field(default_factory=dict)
