"""Two gunicorns on one database, as two containers of a service are."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import ROOT, Replica

Start = Callable[..., Replica]


@pytest.fixture
def replicas(start_replica: Start, empty_database_url: str) -> Iterator[tuple[Replica, Replica]]:
    """Both start at once on a database that nobody migrated yet."""
    pair = start_replica(empty_database_url, HOSTNAME="a"), start_replica(empty_database_url, HOSTNAME="b")
    for replica in pair:
        replica.wait_until_it_answers()
    return pair


def user(number: int) -> dict[str, str]:
    return {"username": f"user{number}", "email": f"user{number}@example.org", "password": "secret"}


def test_each_replica_names_itself(replicas: tuple[Replica, Replica]) -> None:
    assert [replica.call("GET", "/ping")[1]["container_id"] for replica in replicas] == ["a", "b"]


def test_a_user_who_registers_at_both_at_once_exists_once(replicas: tuple[Replica, Replica]) -> None:
    def register(number: int) -> int:
        return replicas[number % 2].call("POST", "/auth/register", user(number // 2))[0]

    with ThreadPoolExecutor(8) as pool:
        codes = Counter(pool.map(register, range(80)))
    assert codes == {201: 40, 400: 40}
    assert len(replicas[0].call("GET", "/users")[1]["data"]["users"]) == 40


def test_a_token_that_logged_out_is_refused_by_every_replica(replicas: tuple[Replica, Replica]) -> None:
    first, second = replicas
    token = first.call("POST", "/auth/register", user(1))[1]["auth_token"]
    assert second.call("GET", "/auth/status", token=token)[0] == 200
    assert second.call("GET", "/auth/logout", token=token)[0] == 200
    for replica in (first, second):
        assert replica.call("GET", "/auth/status", token=token)[0] == 401


def test_an_admin_is_made_from_the_command_line(
    replicas: tuple[Replica, Replica], empty_database_url: str
) -> None:
    command = [sys.executable, "-m", "users_service.manage", "create-admin", "root", "root@example.org", "pw"]
    environment = {"SECRET_KEY": "shared", "BCRYPT_LOG_ROUNDS": "4", "DATABASE_URL": empty_database_url}

    def create_admin() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert create_admin().returncode == 0
    login = {"email": "root@example.org", "password": "pw"}
    token = replicas[0].call("POST", "/auth/login", login)[1]["auth_token"]
    assert replicas[1].call("POST", "/users", user(1), token=token)[0] == 201
    again = create_admin()
    assert (again.returncode, again.stderr) == (1, "That email is taken.\n")


def test_a_replica_answers_within_a_second_or_so(start_replica: Start, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/users.db"
    began = time.monotonic()
    start_replica(url).wait_until_it_answers()
    # Under half a second on a free machine.
    assert time.monotonic() - began < 5


def test_sigterm_lets_a_request_in_flight_finish(start_replica: Start, tmp_path: Path) -> None:
    # Twelve rounds hash for a while.
    replica = start_replica(f"sqlite:///{tmp_path}/users.db", BCRYPT_LOG_ROUNDS="12")
    replica.wait_until_it_answers()
    body = b'{"username": "ann", "email": "ann@example.org", "password": "secret"}'
    head = b"POST /auth/register HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", replica.port)) as connection:
        answer = connection.makefile("rb")
        connection.sendall(head % len(body))
        # Now it is inside.
        assert answer.readline() + answer.readline() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        replica.process.send_signal(signal.SIGTERM)
        assert answer.readline() == b"HTTP/1.1 201 CREATED\r\n"
    assert replica.process.wait(30) == 0


def test_sigterm_ends_a_replica_that_still_waits_for_its_database(start_replica: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database:
        database.settimeout(30)
        replica = start_replica(f"postgresql+psycopg://postgres@127.0.0.1:{database.getsockname()[1]}/users")
        # It tries again and again, and hears nothing but hang-ups.
        for _ in range(2):
            database.accept()[0].close()
        assert replica.process.poll() is None
        replica.process.send_signal(signal.SIGTERM)
        assert replica.process.wait(30) == 0


def test_without_its_secret_a_replica_ends_and_says_so(start_replica: Start, tmp_path: Path) -> None:
    replica = start_replica(f"sqlite:///{tmp_path}/users.db", SECRET_KEY="")
    assert replica.process.wait(10) == 1
    assert "set SECRET_KEY" in (tmp_path / f"replica-{replica.port}.log").read_text()
