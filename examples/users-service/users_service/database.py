"""The database: SQLite (shared by replicas through its file) or PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

BUSY_SECONDS = 15
_POOL_SIZE = 16


class Database:
    """Connections are made when first needed: an application can be built while the database is away."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    def session(self) -> Session:
        """A session whose objects stay readable after its end."""
        return Session(self.engine, expire_on_commit=False)

    def close(self) -> None:
        """Close the connections; what comes later opens new ones."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        # A server that was restarted must not cost a request.
        return create_engine(url, pool_size=_POOL_SIZE, pool_pre_ping=True)
    return create_engine(
        url,
        pool_size=_POOL_SIZE,
        connect_args={
            # How long a writer waits for another one.
            "timeout": BUSY_SECONDS,
            # A transaction that read before it writes could not wait: what it read may have changed.
            # So that none does, a transaction takes the right to write at its beginning.
            "isolation_level": "IMMEDIATE",
        },
    )
