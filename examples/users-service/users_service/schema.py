"""Brings the database's schema to the newest revision, whoever starts first."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from users_service.database import Database
from users_service.models import REVISION

MIGRATIONS = Path(__file__).with_name("migrations")
# Any number does, as long as every replica uses the same.
_ADVISORY_LOCK = 7_402_001


def migrate(database: Database, *, patience_seconds: float = 0.0) -> None:
    """Migrate where it is needed; of several replicas that start at once, one does it.

    Waits for a database that does not answer yet. Raises OperationalError.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with _locked(database) as connection:
                if revision(connection) != REVISION:
                    _upgrade(connection)
            return
        except OperationalError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(0.2)


def revision(connection: Connection) -> str | None:
    """The schema's revision; None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """A transaction that nobody else migrates beside."""
    engine = database.engine
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            # Held until the transaction ends, also when this replica is killed half-way.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield connection
        return
    with _file_lock(Path(f"{engine.url.database}.lock")), engine.connect() as connection:
        # Kept in the file from now on: readers and the one writer do not block each other then.
        # Under the lock, since a change of the journal does not wait for other connections.
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.commit()
        # Python begins no transaction before a CREATE TABLE: killed half-way, it would leave half.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _upgrade(connection: Connection) -> None:
    # Only now: its import would be a third of every start, and it is needed once in a schema's life.
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
