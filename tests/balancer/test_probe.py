"""One probe against real targets of every kind, well and ill behaved."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import pytest

from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe
from tidegate.balancer.health.probe import probe
from tidegate.testing.balancing.certificates import self_signed, server_context
from tidegate.testing.balancing.http2_target import Http2Answer, Http2Target
from tidegate.testing.balancing.targets import Target

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def asked(port: int, *, address: str = "127.0.0.1", is_tls: bool = False, version: str = "HTTP1") -> Question:
    return Question(address=address, port=port, path="/check", is_tls=is_tls, version=version)


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """A port behind which `talk` answers."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def saying(*parts: bytes, then_close: bool = True) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        if then_close:
            writer.close()
        else:
            await reader.read()

    return talk


async def test_http_gives_the_status() -> None:
    target = await Target().start()
    target.check_status = 404
    assert await probe(asked(target.port), 2) == Probe(404)
    assert [check.line for check in target.checks] == ["GET /check HTTP/1.1"]
    await target.stop()


async def test_https_does_not_look_at_the_certificate(tmp_path: Path) -> None:
    tls = server_context(self_signed(tmp_path / "pem", "elsewhere.test"))
    target = await Target().start(tls=tls)
    assert await probe(asked(target.port, is_tls=True), 2) == Probe(200)
    await target.stop()


@pytest.mark.parametrize("is_tls", [False, True])
async def test_http2_is_asked_in_http2(tmp_path: Path, is_tls: bool) -> None:
    tls = server_context(self_signed(tmp_path / "pem", "a.test"), "h2") if is_tls else None
    target = await Http2Target().start(tls=tls)
    target.check_answer = Http2Answer([(":status", "503")], body=b"not yet")
    assert await probe(asked(target.port, is_tls=is_tls, version="HTTP2"), 2) == Probe(503)
    assert target.checks[0].headers[":path"] == "/check"
    await target.stop()


async def test_http2_to_a_target_that_speaks_http1_fails() -> None:
    target = await Target().start()
    assert await probe(asked(target.port, version="HTTP2"), 2) == Probe(failure="failed")
    await target.stop()


@asynccontextmanager
async def grpc_server(*handlers: grpc.GenericRpcHandler) -> AsyncIterator[int]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(handlers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(None)


async def test_grpc_gives_the_calls_status_of_a_method_that_there_is_not() -> None:
    async with grpc_server() as port:
        assert await probe(asked(port, version="GRPC"), 2) == Probe(12)


async def test_grpc_gives_the_calls_status_from_the_trailers() -> None:
    received: list[bytes] = []

    async def check(request: bytes, _: grpc.aio.ServicerContext) -> bytes:
        received.append(request)
        return b"well"

    method = grpc.unary_unary_rpc_method_handler(check)
    async with grpc_server(grpc.method_handlers_generic_handler("health.Health", {"Check": method})) as port:
        question = Question(address="127.0.0.1", port=port, path="/health.Health/Check", version="GRPC")
        assert await probe(question, 2) == Probe(0)
    assert received == [b""]


async def test_grpc_without_a_grpc_status_fails() -> None:
    target = await Http2Target().start()
    target.check_answer = Http2Answer(body=b"a page")
    assert await probe(asked(target.port, version="GRPC"), 2) == Probe(failure="failed")
    await target.stop()


async def test_a_target_has_an_ipv6_address_too() -> None:
    try:
        target = await Target().start("::1")
    except OSError:
        pytest.skip("no IPv6 here")
    assert await probe(asked(target.port, address="::1"), 2) == Probe(200)
    assert target.checks[0].header("host") == f"[::1]:{target.port}"
    await target.stop()


async def test_a_refused_connection_is_a_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert await probe(asked(free.getsockname()[1]), 2) == Probe(failure="failed", is_connected=False)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 ",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"no such protocol\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_whole_answer_is_a_failure(answer: bytes) -> None:
    async with talking(saying(answer)) as port:
        assert await probe(asked(port), 2) == Probe(failure="failed")


async def test_an_answer_may_come_in_pieces_after_an_interim_one() -> None:
    pieces = (b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 20", b"1 Created\r\n", b"X: 1\r\n\r\n")
    async with talking(saying(*pieces)) as port:
        assert await probe(asked(port), 2) == Probe(201)


async def test_the_body_is_not_waited_for() -> None:
    async with talking(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", then_close=False)) as port:
        began = time.monotonic()
        assert await probe(asked(port), 5) == Probe(200)
        assert time.monotonic() - began < 1


async def test_the_body_that_comes_with_the_answer_is_read_so_that_the_target_sees_no_reset() -> None:
    end: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        end.set_result(await reader.read())
        writer.close()

    async with talking(talk) as port:
        assert await probe(asked(port), 2) == Probe(200)
        assert await asyncio.wait_for(end, 2) == b""


async def test_the_time_covers_the_answer() -> None:
    async with talking(saying(b"HTTP/1.1 200 OK\r\n", then_close=False)) as port:
        assert await probe(asked(port), 0.2) == Probe(failure="timeout", is_connected=True)


async def test_the_time_covers_the_handshake() -> None:
    async with talking(saying(b"", then_close=False)) as port:
        expected = Probe(failure="timeout", is_connected=True)
        assert await probe(asked(port, is_tls=True), 0.2) == expected


async def test_the_time_covers_connecting() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        outcome = await probe(asked(full.getsockname()[1]), 0.2)
        for one in waiting:
            one.close()
    assert outcome == Probe(failure="timeout", is_connected=False)


async def test_a_failed_handshake_is_a_failure_of_a_target_that_is_there() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with talking(talk) as port:
        assert await probe(asked(port, is_tls=True), 2) == Probe(failure="failed", is_connected=True)


async def test_a_check_that_no_security_group_lets_through_times_out_unasked() -> None:
    target = await Target().start()
    question = Question(address="127.0.0.1", port=target.port, path="/", is_admitted=False)
    assert await probe(question, 0.05) == Probe(failure="timeout", is_connected=False)
    assert target.checks == []
    await target.stop()
