"""The database in PostgreSQL, through SQLAlchemy Core.

One control process at a time is active: it holds an advisory lock on the very session that writes, so that
losing the lock and losing the power to write are one event; a process that was cut off and comes back cannot
write behind the new one's back.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tidegate.control.store import statements
from tidegate.control.store.database import (
    DatabaseBusyError,
    DatabaseLostError,
    DatabaseUnreachableError,
    StoredRow,
    WriteRefusedError,
)
from tidegate.control.store.migrations import REVISION, schema

# Any number will do, as long as every version of Tidegate takes the same.
_ADVISORY_LOCK = 7_148_337_224_017

# A host that vanishes without closing its connection must not keep the lease: PostgreSQL drops its
# session after about 11 s of silence, and a standby takes over.
_SESSION = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=10000 -c lock_timeout=0"
)


class PostgresqlDatabase:
    """Opens, locks, migrates; see `opening.open_database`."""

    is_instant = False

    def __init__(self, url: str, *, wait_for_lock: bool = False) -> None:
        self._url = sa.engine.make_url(url)
        self._engine = sa.create_engine(self._url, connect_args={"options": _SESSION})
        self._connection = self._connected()
        self._lock(wait_for_lock)
        try:
            with self._connection.begin():
                self._upgrade()
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
            found = self._connection.execute(sa.text(statements.ROWS)).all()
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
            return int(self._connection.execute(sa.text(statements.REVISION)).scalar_one())

    def _upgrade(self) -> None:
        present = schema.schema_revision(self._connection)
        if present is None:
            schema.create(self._connection)
        elif present != REVISION:
            importlib.import_module("tidegate.control.store.migrations.run").run(self._connection, present)

    def _lock(self, wait: bool) -> None:
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


_UPSERT = sa.text(statements.UPSERT)
_DELETE = sa.text(statements.DELETE)
_SET_REVISION = sa.text(statements.SET_REVISION)
