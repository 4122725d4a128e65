from __future__ import annotations

import asyncio
import socket
from typing import Any

from tidegate.control.http_server import HttpServer

BODY = b"x" * 1000


async def answering(scope: Any, _: Any, send: Any) -> None:
    assert scope["type"] == "http"
    headers = [(b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


class Wire(asyncio.Transport):
    """A connection that keeps every write by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.written = asyncio.Event()

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))
        self.written.set()

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.writes.append(b"closed")


async def test_an_answer_leaves_in_one_piece() -> None:
    """Of a server that is killed a caller gets all of it or nothing: half of it looks like a success."""
    server, wire = HttpServer(answering), Wire()
    server.config.load()
    protocol: Any = server.config.http_protocol_class(
        config=server.config, server_state=server.server_state, app_state={}
    )
    protocol.connection_made(wire)
    protocol.data_received(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    await wire.written.wait()
    answer, *after = wire.writes
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n" + BODY)
    assert after == [b"closed"]


async def test_a_caller_that_leaves_before_its_answer_is_nobodys_error() -> None:
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    listener = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(answering)
    job = asyncio.create_task(server.serve(sockets=[listener]))
    for _ in range(20):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        writer.transport.abort()
    server.should_exit = True
    await job
    assert errors == []
