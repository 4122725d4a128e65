"""Runs Alembic's migrations on an open connection. Imported only when there is something to migrate."""

from __future__ import annotations

from pathlib import Path

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
