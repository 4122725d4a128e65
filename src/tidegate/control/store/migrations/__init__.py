"""The schema and its migrations, run at every start."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

METADATA = sa.MetaData()

ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

_FOLDER = Path(__file__).parent


class UnknownSchemaError(Exception):
    """The database was written by a newer Tidegate: start that one, or another data directory."""


def upgrade(connection: sa.Connection) -> None:
    """Bring the schema to the newest revision; raises UnknownSchemaError and changes nothing then."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    newest = scripts.get_current_head()
    if present == newest:
        return
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise UnknownSchemaError(f"the database has schema {present}; this Tidegate knows up to {newest}")
    with EnvironmentContext(config, scripts) as environment:
        environment.configure(
            connection=connection,
            fn=lambda revision, _: scripts._upgrade_revs("head", revision),
        )
        environment.run_migrations()
