"""The database in SQLite, through the standard library: WAL, `synchronous=FULL`.

One control process at a time is active: it holds a lock on a file beside the database.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tidegate.control.store import migrations, statements
from tidegate.control.store.database import (
    DatabaseBusyError,
    DatabaseLostError,
    DatabaseUnreachableError,
    StoredRow,
    WriteRefusedError,
)

_BUSY_SECONDS = 5
# The tables of migrations/schema.py; a test holds the two together.
_SCHEMA = (
    "CREATE TABLE rows (table_name TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, "
    "PRIMARY KEY (table_name, key))",
    "CREATE TABLE head (revision BIGINT NOT NULL)",
    "INSERT INTO head (revision) VALUES (0)",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))",
    f"INSERT INTO alembic_version (version_num) VALUES ('{migrations.REVISION}')",
)


class SqliteDatabase:
    """Opens, locks, migrates; see `opening.open_database`."""

    is_instant = False

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock: int | None = _locked(path)
        try:
            self._connection = _connection(path)
        except sqlite3.Error as error:
            self._unlock()
            raise DatabaseUnreachableError(f"{path} does not let us in: {error}") from error
        try:
            self._upgrade(path)
            self.revision = self._stored_revision()
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """The one on which everything is written, with what it was set to."""
        return self._connection

    def load(self) -> Iterable[StoredRow]:
        return [StoredRow(*row) for row in self._connection.execute(statements.ROWS)]

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        try:
            with _transaction(self._connection):
                self._put(rows, revision)
        except sqlite3.Error as error:
            if self._is_at(self.revision):
                raise WriteRefusedError("the database kept nothing of a write") from error
            raise DatabaseLostError("the outcome of a write is unknown") from error
        self.revision = revision

    def check(self) -> None:
        if not self._is_at(self.revision):
            raise DatabaseLostError("the database is out of reach, or another process has written to it")

    def close(self) -> None:
        self._connection.close()
        self._unlock()

    def _put(self, rows: Sequence[StoredRow], revision: int) -> None:
        execute, execute_many = self._connection.execute, self._connection.executemany
        execute_many(
            statements.UPSERT,
            [{"t": r.table, "k": r.key, "b": r.body} for r in rows if r.body is not None],
        )
        execute_many(statements.DELETE, [{"t": r.table, "k": r.key} for r in rows if r.body is None])
        moved = execute(statements.SET_REVISION, {"old": self.revision, "new": revision})
        if moved.rowcount != 1:
            raise DatabaseLostError("another process has written to the database")

    def _is_at(self, revision: int) -> bool:
        try:
            return self._stored_revision() == revision
        except sqlite3.Error:
            return False

    def _stored_revision(self) -> int:
        ((revision,),) = self._connection.execute(statements.REVISION).fetchall()
        return int(revision)

    def _upgrade(self, path: Path) -> None:
        present = self._schema_revision()
        if present == migrations.REVISION:
            return
        if present is None:
            with _transaction(self._connection):
                for statement in _SCHEMA:
                    self._connection.execute(statement)
        else:
            importlib.import_module("tidegate.control.store.migrations.run").run_in_file(path, present)

    def _schema_revision(self) -> str | None:
        execute = self._connection.execute
        if not execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
            return None
        found = execute("SELECT version_num FROM alembic_version").fetchone()
        return found and str(found[0])

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _locked(path: Path) -> int:
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise DatabaseBusyError(
            f"another control process is active on {path}: stop it, or take another data directory"
        ) from error
    return lock


def _connection(path: Path) -> sqlite3.Connection:
    # Python's driver would begin transactions by itself, but none for CREATE TABLE: a start killed half-way
    # would leave half a schema. We begin every one. Made on the event loop's thread, used on the writer's.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS)
    try:
        # FULL: a commit is on disk, not only in the system's cache, before it is acknowledged.
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
