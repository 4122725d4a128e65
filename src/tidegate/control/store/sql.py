"""The database in SQL: SQLite (WAL, `synchronous=FULL`) or PostgreSQL, through SQLAlchemy Core.

One active control process owns the database: for SQLite a lock on a file beside it, for PostgreSQL an
advisory lock held by a connection of its own. A second process waits there as a standby, or is refused.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tidegate.control.store import migrations
from tidegate.control.store.database import StoredRow

# Any number will do, as long as every version of Tidegate takes the same.
_ADVISORY_LOCK = 7_148_337_224_017


class DatabaseBusyError(Exception):
    """Another control process is active on this database."""


class SqlDatabase:
    """Opens, locks, migrates. Raises DatabaseBusyError, or migrations.UnknownSchemaError."""

    is_instant = False

    def __init__(self, url: str, *, wait_for_lock: bool = False) -> None:
        self._url = sa.engine.make_url(url)
        self._lock_file: int | None = None
        self._lock_connection: sa.Connection | None = None
        self._engine = sa.create_engine(self._url)
        if self._url.get_backend_name() == "sqlite":
            sa.event.listen(self._engine, "connect", _tune_sqlite)
            self._lock_sqlite(wait_for_lock)
        else:
            self._lock_postgresql(wait_for_lock)
        with self._engine.begin() as connection:
            migrations.upgrade(connection)
        self._connection = self._engine.connect()
        self.revision = self._read_revision()

    def load(self) -> Iterable[StoredRow]:
        return list(self._rows())

    def _rows(self) -> Iterator[StoredRow]:
        with self._connection.begin():
            for table, key, body in self._connection.execute(sa.select(migrations.ROWS)):
                yield StoredRow(table, key, bytes(body))

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        puts = [{"t": r.table, "k": r.key, "b": r.body} for r in rows if r.body is not None]
        deletes = [{"t": r.table, "k": r.key} for r in rows if r.body is None]
        with self._connection.begin():
            if puts:
                self._connection.execute(_UPSERT, puts)
            if deletes:
                self._connection.execute(_DELETE, deletes)
            self._connection.execute(_SET_REVISION, {"revision": revision})

    def close(self) -> None:
        self._connection.close()
        if self._lock_connection is not None:
            self._lock_connection.close()
        self._engine.dispose()
        if self._lock_file is not None:
            os.close(self._lock_file)

    def _read_revision(self) -> int:
        with self._connection.begin():
            return int(self._connection.execute(sa.text("SELECT revision FROM head")).scalar_one())

    def _lock_sqlite(self, wait: bool) -> None:
        path = Path(self._url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise DatabaseBusyError(f"another control process is active on {path}") from error

    def _lock_postgresql(self, wait: bool) -> None:
        connection = self._engine.connect()
        name = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        taken = connection.execute(sa.text(f"SELECT {name}(:key)"), {"key": _ADVISORY_LOCK}).scalar_one()
        connection.commit()
        if taken is False:
            connection.close()
            raise DatabaseBusyError(f"another control process is active on {self._url.host}")
        self._lock_connection = connection


_UPSERT = sa.text(
    "INSERT INTO rows (table_name, key, body) VALUES (:t, :k, :b) "
    "ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body"
)
_DELETE = sa.text("DELETE FROM rows WHERE table_name = :t AND key = :k")
_SET_REVISION = sa.text("UPDATE head SET revision = :revision")


def _tune_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit is on disk, not only in the system's cache, before it is acknowledged.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()
