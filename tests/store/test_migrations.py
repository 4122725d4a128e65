"""A new database and a migrated one have one schema; a schema from the future is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tidegate.control.store import UnknownSchemaError
from tidegate.control.store.database import StoredRow
from tidegate.control.store.migrations import REVISION, run, schema
from tidegate.control.store.opening import open_database
from tidegate.control.store.sqlite import SqliteDatabase


@pytest.fixture
def empty(url: str) -> sa.Engine:
    """An engine of a database without a schema (the folder exists, the tables do not)."""
    open_database(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in ("rows", "head", "alembic_version"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    return engine


def differences(connection: sa.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, schema.METADATA))


def test_the_newest_migration_is_the_one_that_new_databases_are_stamped_with() -> None:
    assert run.scripts().get_current_head() == REVISION


def test_migrations_from_nothing_give_the_schema_of_a_new_database(empty: sa.Engine) -> None:
    with empty.begin() as connection:
        run.run(connection, None)
        assert differences(connection) == []
        assert schema.schema_revision(connection) == REVISION
        assert connection.execute(sa.select(schema.HEAD)).all() == [(0,)]
    empty.dispose()


def test_a_new_database_has_the_schema_of_the_tables(url: str) -> None:
    open_database(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        assert differences(connection) == []
        assert connection.execute(sa.select(schema.HEAD)).all() == [(0,)]
    engine.dispose()


def test_a_schema_from_a_newer_tidegate_is_refused_and_left_alone(url: str) -> None:
    open_database(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownSchemaError, match="schema 9999"):
        open_database(url)
    with engine.begin() as connection:
        assert schema.schema_revision(connection) == "9999"
    engine.dispose()


def test_sqlite_is_migrated_in_its_file_and_opened_then(tmp_path: Path) -> None:
    run.run_in_file(tmp_path / "state.db", None)
    database = SqliteDatabase(tmp_path / "state.db")
    database.write([StoredRow("clusters", "k", b"{}")], 1)
    assert list(database.load()) == [StoredRow("clusters", "k", b"{}")]
    database.close()


def test_a_current_database_opens_without_the_cost_of_alembic() -> None:
    program = "import sys, tidegate.control.store.postgresql; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
