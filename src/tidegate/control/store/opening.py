"""The database that a URL names.

Every write names the revision that it builds upon, and is refused on any other. When a write fails, its
outcome is looked up: a database that still stands at the old revision kept nothing (a full disk, say), and
life goes on. Where even that cannot be read, nobody knows, and the process must end and load again.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tidegate.control.store.database import Database
from tidegate.control.store.sqlite import SqliteDatabase

_SQLITE = "sqlite:///"


def open_database(url: str, *, wait_for_lock: bool = False) -> Database:
    """Open, lock and migrate `sqlite:///PATH` or `postgresql+psycopg://...`.

    Raises DatabaseBusyError when another process is active (PostgreSQL with `wait_for_lock`: waits until it
    is not, as a standby), DatabaseUnreachableError when it does not let us in, UnknownSchemaError when a
    newer Tidegate wrote the database.
    """
    if url.startswith(_SQLITE):
        return SqliteDatabase(Path(url.removeprefix(_SQLITE)))
    # SQLAlchemy is a quarter of what a start would import.
    postgresql = importlib.import_module("tidegate.control.store.postgresql")
    database: Database = postgresql.PostgresqlDatabase(url, wait_for_lock=wait_for_lock)
    return database
