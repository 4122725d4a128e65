"""The newest schema, as SQLAlchemy and Alembic see it."""

from __future__ import annotations

import sqlalchemy as sa

from tidegate.control.store.migrations import REVISION

METADATA = sa.MetaData()

ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
HEAD = sa.Table("head", METADATA, sa.Column("revision", sa.BigInteger, nullable=False))

# Alembic's own table, in Alembic's own shape.
_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False, primary_key=True),
)


def schema_revision(connection: sa.Connection) -> str | None:
    """The revision that the database is stamped with; None for an empty one."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    revision: str | None = connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()
    return revision


def create(connection: sa.Connection) -> None:
    """Make the newest schema in an empty database."""
    METADATA.create_all(connection)
    connection.execute(sa.insert(HEAD).values(revision=0))
    _VERSION.create(connection, checkfirst=True)
    connection.execute(sa.insert(_VERSION).values(version_num=REVISION))
