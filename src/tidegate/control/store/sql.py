"""The database in SQL: SQLite (WAL, `synchronous=FULL`) or PostgreSQL, through SQLAlchemy Core.

One control process at a time is active. SQLite: it holds a lock on a file beside the database. PostgreSQL:
it holds an advisory lock on the very session that writes, so that losing the lock and losing the power
to write are one event; a process that was cut off and comes back cannot write behind the new one's back.
Every write also names the revision that it builds upon, and is refused on any other.

When a write fails, its outcome is looked up: a database that still stands at the old revision kept
nothing (a full disk, say), and life goes on. Where even that cannot be read, nobody knows, and the
process must end and load again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tidegate.control.store import migrations
from tidegate.control.store.database import (
    DatabaseBusyError,
    DatabaseLostError,
    DatabaseUnreachableError,
    StoredRow,
    WriteRefusedError,
)

# Any number will do, as long as every version of Tidegate takes the same.
_ADVISORY_LOCK = 7_148_337_224_017

# A host that vanishes without closing its connection must not keep the lease: PostgreSQL drops its
# session after about 11 s of silence, and a standby takes over.
_POSTGRESQL_SESSION = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=10000 -c lock_timeout=0"
)


class SqlDatabase:
    """Opens, locks, migrates.

    Raises DatabaseBusyError when another process is active (PostgreSQL with `wait_for_lock`: waits
    until it is not, as a standby), DatabaseUnreachableError when it does not let us in, UnknownSchemaError
    when a newer Tidegate wrote the database.
    """

    is_instant = False

    def __init__(self, url: str, *, wait_for_lock: bool = False) -> None:
        self._url = sa.engine.make_url(url)
        self._lock_file: int | None = None
        if self._url.get_backend_name() == "sqlite":
            self._lock_sqlite()
            self._engine = sa.create_engine(self._url)
            sa.event.listen(self._engine, "connect", _tune_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
            self._connection = self._connected()
        else:
            self._engine = sa.create_engine(self._url, connect_args={"options": _POSTGRESQL_SESSION})
            self._connection = self._connected()
            self._lock_postgresql(wait_for_lock)
        try:
            with self._connection.begin():
                migrations.upgrade(self._connection)
            self.revision = self._stored_revision()
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> sa.Connection:
        """The one on which everything is written, with what it was set to."""
        return self._connection

    def load(self) -> Iterable[StoredRow]:
        with self._connection.begin():
            found = self._connection.execute(sa.select(migrations.ROWS)).all()
        return [StoredRow(table, key, bytes(body)) for table, key, body in found]

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        try:
            with self._connection.begin():
                self._put(rows, revision)
        except sa.exc.SQLAlchemyError as error:
            if self._is_at(self.revision):
                raise WriteRefusedError("the database kept nothing of a write") from error
            raise DatabaseLostError("the outcome of a write is unknown") from error
        self.revision = revision

    def check(self) -> None:
        if not self._is_at(self.revision):
            raise DatabaseLostError("the database is out of reach, or another process has written to it")

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _connected(self) -> sa.Connection:
        try:
            return self._engine.connect()
        except sa.exc.DBAPIError as error:
            # Without its password.
            raise DatabaseUnreachableError(f"{self._url!r} does not let us in: {error.orig}") from error

    def _put(self, rows: Sequence[StoredRow], revision: int) -> None:
        puts = [{"t": r.table, "k": r.key, "b": r.body} for r in rows if r.body is not None]
        deletes = [{"t": r.table, "k": r.key} for r in rows if r.body is None]
        if puts:
            self._connection.execute(_UPSERT, puts)
        if deletes:
            self._connection.execute(_DELETE, deletes)
        moved = self._connection.execute(_SET_REVISION, {"old": self.revision, "new": revision})
        if moved.rowcount != 1:
            raise DatabaseLostError("another process has written to the database")

    def _is_at(self, revision: int) -> bool:
        # An invalidated connection would be replaced by a new session on its next use, one without the
        # advisory lock. Its loss is final.
        if self._connection.invalidated:
            return False
        try:
            return self._stored_revision() == revision
        except sa.exc.SQLAlchemyError:
            return False

    def _stored_revision(self) -> int:
        with self._connection.begin():
            return int(self._connection.execute(sa.select(migrations.HEAD.c.revision)).scalar_one())

    def _lock_sqlite(self) -> None:
        path = Path(self._url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock_file)
            raise DatabaseBusyError(
                f"another control process is active on {path}: stop it, or take another data directory"
            ) from error

    def _lock_postgresql(self, wait: bool) -> None:
        name = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        with self._connection.begin():
            statement = sa.text(f"SELECT {name}(:key)")
            taken = self._connection.execute(statement, {"key": _ADVISORY_LOCK}).scalar_one()
            # An installation that trades durability for speed must not do so with what is acknowledged.
            self._connection.execute(
                sa.text(
                    "SELECT set_config('synchronous_commit', 'on', false) "
                    "WHERE current_setting('synchronous_commit') = 'off'"
                )
            )
        if taken is False:
            self.close()
            raise DatabaseBusyError(f"another control process is active on {self._url.host}")


_UPSERT = sa.text(
    "INSERT INTO rows (table_name, key, body) VALUES (:t, :k, :b) "
    "ON CONFLICT (table_name, key) DO UPDATE SET body = excluded.body"
)
_DELETE = sa.text("DELETE FROM rows WHERE table_name = :t AND key = :k")
_SET_REVISION = sa.text("UPDATE head SET revision = :new WHERE revision = :old")


def _tune_sqlite(connection: Any, _: object) -> None:
    # Python's driver would begin transactions by itself, but none for CREATE TABLE: a start killed
    # half-way would leave half a schema. We begin every one.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit is on disk, not only in the system's cache, before it is acknowledged.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
