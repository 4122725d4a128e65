"""Runs Alembic's migrations on an open connection. Imported only when there is something to migrate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from tidegate.control.store.database import UnknownSchemaError

_FOLDER = Path(__file__).parent


def scripts() -> ScriptDirectory:
    """The migrations that this version knows."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return ScriptDirectory.from_config(config)


def run(connection: sa.Connection, present: str | None) -> None:
    """Migrate from the present revision to the newest; raises UnknownSchemaError for one from the future."""
    known = scripts()
    if present is not None and present not in {script.revision for script in known.walk_revisions()}:
        raise UnknownSchemaError(
            f"the database has schema {present}, and this Tidegate knows up to "
            f"{known.get_current_head()}: start the Tidegate that wrote it, or a newer one"
        )
    with EnvironmentContext(Config(), known) as environment:
        environment.configure(
            connection=connection,
            fn=lambda revision, _: known._upgrade_revs("head", revision),
        )
        environment.run_migrations()


def run_in_file(path: Path, present: str | None) -> None:
    """The same for SQLite's file, which nobody else may write to."""
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", _begin_nothing_by_yourself)
    sa.event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            run(connection, present)
    finally:
        engine.dispose()


def _begin_nothing_by_yourself(connection: Any, _: object) -> None:
    # Python's driver would begin no transaction for CREATE TABLE: a start killed half-way would leave half a
    # schema.
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
