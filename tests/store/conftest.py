"""Both databases: every test of `url` runs on SQLite and on a throw-away PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.testing.postgresql import PostgreSql


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    with PostgreSql(tmp_path_factory.mktemp("postgresql") / "log") as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/control/state.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.new_database()
