"""Where rows are kept: an interface, and the memory that tests and simulations use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class WriteRefusedError(Exception):
    """The database kept nothing of a write, and says so: the next one may succeed."""


class DatabaseLostError(Exception):
    """Whether a write was kept cannot be known, or another process may be writing by now.

    Final: only a fresh load tells the truth again, so the process that sees this must end.
    """


class DatabaseBusyError(Exception):
    """Another control process is active on this database."""


class DatabaseUnreachableError(Exception):
    """The database does not answer, or refuses us; the message says why."""


class UnknownSchemaError(Exception):
    """The database was written by a newer Tidegate: start that one, or take another data directory."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as bytes; `body` None deletes it."""

    table: str
    key: str
    body: bytes | None


class Database(Protocol):
    """What the store asks of a database. `write` is atomic and durable when it returns.

    `is_instant` says that a write neither blocks nor fails, so that the store need not leave its loop.
    """

    @property
    def is_instant(self) -> bool: ...

    @property
    def revision(self) -> int:
        """The revision of the last write, 0 at first."""
        ...

    def load(self) -> Iterable[StoredRow]: ...

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        """Raises WriteRefusedError or DatabaseLostError."""
        ...

    def check(self) -> None:
        """Raises DatabaseLostError unless this process is still the one that may write."""
        ...

    def close(self) -> None: ...


class MemoryDatabase:
    """Keeps rows in a dict. A second store over the same one sees what the first had written."""

    is_instant = True

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], bytes] = {}
        self.revision = 0

    def load(self) -> Iterable[StoredRow]:
        return [StoredRow(table, key, body) for (table, key), body in self.rows.items()]

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        for row in rows:
            if row.body is None:
                self.rows.pop((row.table, row.key), None)
            else:
                self.rows[row.table, row.key] = row.body
        self.revision = revision

    def check(self) -> None:
        """Nobody else can write here."""

    def close(self) -> None:
        """Nothing to close."""
