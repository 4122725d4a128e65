from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from users_service.database import Database
from users_service.models import REVISION, Base
from users_service.schema import MIGRATIONS, migrate, revision


def test_the_migrated_schema_is_what_the_models_say(database_url: str) -> None:
    with Database(database_url).engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_the_models_name_the_newest_migration() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(configuration).get_heads() == [REVISION]


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    with database.engine.connect() as connection:
        assert revision(connection) == REVISION


def test_of_many_that_migrate_at_once_all_succeed(empty_database_url: str) -> None:
    start, errors = threading.Barrier(6), []

    def migrate_once() -> None:
        database = Database(empty_database_url)
        start.wait()
        try:
            migrate(database)
        except Exception as error:
            errors.append(error)
        database.close()

    threads = [threading.Thread(target=migrate_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Database(empty_database_url).engine.connect() as connection:
        assert revision(connection) == REVISION


def test_a_migration_that_fails_half_way_leaves_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(empty_database_url)

    def break_off(*_: object, **__: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        # The step after the first CREATE TABLE.
        patch.setattr("alembic.operations.ops.CreateIndexOp.create_index", break_off)
        with pytest.raises(InterruptedError):
            migrate(database)
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    migrate(database)
