"""A throw-away PostgreSQL 15 from Debian's package, on a socket of its own and no port."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

BINARIES = Path("/usr/lib/postgresql/15/bin")


class PostgreSql:
    """A context: initialised and started on entry, gone on exit but for its log.

    Runs as user postgres where we are root, since the server refuses root.
    """

    def __init__(self, log: Path) -> None:
        # A UNIX socket's path may have 107 characters: test folders are longer.
        self._folder = Path(tempfile.mkdtemp(prefix="tidegate-pg-", dir="/tmp"))
        self._data = self._folder / "data"
        self._log = log
        self._numbers = itertools.count(1)
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    def __enter__(self) -> Self:
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "postgres", "-N", "--locale=C.UTF-8")
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c max_connections=20"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options, "-l", f"{self._folder}/log", "start")
        return self

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")
        shutil.copyfile(self._folder / "log", self._log)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test{next(self._numbers)}"
        self._run("createdb", "-h", str(self._folder), "-U", "postgres", name)
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def disconnect_all(self, url: str) -> None:
        """End every session of a database, as a failing network would."""
        name = url.split("@/")[1].split("?")[0]
        self._sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def _sql(self, statement: str) -> None:
        self._run("psql", "-h", str(self._folder), "-U", "postgres", "-c", statement, "postgres")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as_user, str(BINARIES / program), *arguments],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
