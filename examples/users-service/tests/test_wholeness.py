from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest
from gunicorn.http import wsgi

from conftest import Replica
from users_service.wholeness import answer_in_one_write


class Wire:
    """A socket that remembers its writes."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.writes.append(data)

    def sendfile(self, file: BinaryIO, offset: int, count: int) -> int:
        file.seek(offset)
        self.writes.append(file.read(count))
        return count


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def response(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> wsgi.Response:
    # Put back after the test what the call replaces.
    monkeypatch.setattr(wsgi, "Response", wsgi.Response)
    answer_in_one_write()
    request: Any = SimpleNamespace(version=(1, 1), method="GET", should_close=lambda: False)
    return wsgi.Response(request, wire, SimpleNamespace(sendfile=True, is_ssl=False))


def test_head_and_body_go_out_together(response: wsgi.Response, wire: Wire) -> None:
    response.start_response("200 OK", [("Content-Length", "5")])
    response.write(b"pong!")
    response.close()
    (written,) = wire.writes
    assert written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert written.endswith(b"\r\n\r\npong!")


def test_an_answer_without_a_body_goes_out_when_it_is_closed(response: wsgi.Response, wire: Wire) -> None:
    response.start_response("204 No Content", [])
    response.close()
    (written,) = wire.writes
    assert written.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert written.endswith(b"\r\n\r\n")


def test_a_long_answer_takes_its_head_with_its_first_part(response: wsgi.Response, wire: Wire) -> None:
    response.start_response("200 OK", [])
    response.write(b"one")
    response.write(b"two")
    response.close()
    first, second, end = wire.writes
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert first.endswith(b"\r\n\r\n3\r\none\r\n")
    assert (second, end) == (b"3\r\ntwo\r\n", b"0\r\n\r\n")


def test_a_file_follows_its_head(response: wsgi.Response, wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"pong!")
    response.start_response("200 OK", [("Content-Length", "5")])
    with file.open("rb") as opened:
        response.write_file(SimpleNamespace(filelike=opened))
    response.close()
    head, body = wire.writes
    assert head.endswith(b"\r\n\r\n")
    assert body == b"pong!"


def test_a_replica_writes_so(start_replica: Callable[..., Replica], tmp_path: Path) -> None:
    replica = start_replica(f"sqlite:///{tmp_path}/users.db")
    replica.wait_until_it_answers()
    with socket.create_connection(("127.0.0.1", replica.port)) as connection:
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        received = connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"}\n")
