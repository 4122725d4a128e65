"""A service on SQLite or PostgreSQL, as a test client and as real processes."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from users_service import create_app
from users_service.database import Database
from users_service.parts import EXTENSION, Parts
from users_service.schema import migrate
from users_service.settings import Settings

POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class PostgreSql:
    """A throw-away server on a UNIX socket. Runs as user postgres where we are root: it refuses root."""

    folder: Path

    def run(self, program: str, *arguments: str) -> None:
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        command = [str(POSTGRESQL / program), *arguments]
        subprocess.run(
            [*prefix, *command] if os.geteuid() == 0 else command,
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def new_database(self, name: str) -> str:
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", name)
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    if not (POSTGRESQL / "initdb").exists():
        missing = "PostgreSQL 15 is not installed: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(f"CI must run this test, but {missing}")
        pytest.skip(missing)
    # A UNIX socket's path may have 107 characters: pytest's own folders are longer.
    server = PostgreSql(Path(tempfile.mkdtemp(prefix="users-pg-", dir="/tmp")))
    if os.geteuid() == 0:
        shutil.chown(server.folder, "postgres")
    data = str(server.folder / "data")
    server.run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N", "--locale=C.UTF-8")
    options = f"-c listen_addresses= -c unix_socket_directories={server.folder} -c fsync=off"
    server.run("pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{server.folder}/log", "start")
    yield server
    server.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    shutil.rmtree(server.folder, ignore_errors=True)


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that nobody migrated yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/users.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.new_database(f"users{next(_numbers)}")


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    database = Database(empty_database_url)
    migrate(database)
    database.close()
    return empty_database_url


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        secret_key="test", database_url=database_url, bcrypt_log_rounds=4, container_id="container-1"
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    parts_of(made).accounts.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def parts_of(app: Flask) -> Parts:
    parts: Parts = app.extensions[EXTENSION]
    return parts


@dataclass(frozen=True, slots=True)
class Replica:
    """A gunicorn of its own process."""

    process: subprocess.Popen[bytes]
    port: int

    def call(
        self, method: str, path: str, body: object = None, token: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.call("GET", "/ping")
                return
            time.sleep(0.02)
        raise AssertionError("the replica did not answer")


@pytest.fixture
def start_replica(tmp_path: Path) -> Iterator[Callable[..., Replica]]:
    """Starts gunicorns as their container would, without waiting for them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(database_url: str, **environment: str) -> Replica:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        known = {
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "shared",
            "BCRYPT_LOG_ROUNDS": "4",
        }
        with (tmp_path / f"replica-{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                cwd=ROOT,
                env={**known, **environment},
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return Replica(process, port)

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)
