"""The statuses that the load balancer makes of what targets do, and what it repeats."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tidegate.balancer.decisions.traffic.lines import outcomes, words
from tidegate.cli.demo.http import Connection, RequestFailedError
from tidegate.fleet.balancing import GroupTarget
from tidegate.testing.balancing.certificates import self_signed, server_context
from tidegate.testing.balancing.running import HTTP_PORT, RunningBalancer, eventually, running_balancer
from tidegate.testing.balancing.targets import Handler, Request, Target, answering, read_body

pytestmark = pytest.mark.timeout(60)

IDLE_SECONDS = 2


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningBalancer]:
    async with running_balancer(tmp_path, idle_timeout_seconds=IDLE_SECONDS) as started:
        yield started


def saying(raw: bytes, *, resets: bool = False) -> Handler:
    """Read the request, say this, and end the connection."""

    async def say(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_body(request, reader)
        writer.write(raw)
        await writer.drain()
        if resets:
            # A close without lingering is a reset.
            raw_socket = writer.get_extra_info("socket")
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    return say


async def silence(_: Request, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await reader.read()


async def serving(running: RunningBalancer, *targets: Target) -> None:
    registered = [target.registered() for target in targets]
    running.group(*registered)
    await running.serving(*registered)


async def serving_raw(
    running: RunningBalancer,
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> asyncio.Server:
    """A group over TLS whose one target talks like this."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    target = GroupTarget(id="i-1", port=port, address=address)
    running.group(target, protocol="HTTPS")
    await running.serving(target)
    return server


async def asked(running: RunningBalancer, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    response = await running.request(method, body=b"x" if method == "POST" else b"")
    return response.status, response.headers, response.body


HEADERS_32K = b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 33_000 + b"\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("name", "handler"),
    [
        ("closes", saying(b"")),
        ("resets", saying(b"", resets=True)),
        ("is malformed", saying(b"who goes there?\r\n\r\n")),
        ("is malformed in its headers", saying(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n")),
        ("has headers over 32 K", saying(HEADERS_32K)),
    ],
)
@pytest.mark.proves("status:502")
async def test_a_target_that_gives_no_good_answer_is_a_bad_gateway(
    running: RunningBalancer, method: str, name: str, handler: Handler
) -> None:
    target = await Target(handler).start()
    await serving(running, target)
    status, headers, body = await asked(running, method)
    assert (status, len(body)) == (502, 122), name
    assert headers["server"] == "awselb/2.0"
    # What may be repeated is, what may not be was sent once.
    assert len(target.requests) == (4 if method == "GET" and name in ("closes", "resets") else 1)
    await target.stop()


async def test_a_target_that_refuses_is_a_bad_gateway(running: RunningBalancer) -> None:
    target = await Target().start()
    await serving(running, target)
    await target.stop()
    status, _, body = await asked(running)
    assert (status, len(body)) == (502, 122)


async def test_a_target_that_cannot_shake_hands_is_a_bad_gateway(running: RunningBalancer) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await serving_raw(running, refuse)
    status, _, body = await asked(running)
    assert (status, len(body)) == (502, 122)
    server.close()


async def test_a_target_that_does_not_shake_hands_is_a_gateway_timeout(running: RunningBalancer) -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await serving_raw(running, wait)
    status, _, body = await asked(running)
    assert (status, len(body)) == (504, 132)
    server.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.proves("load-balancer-attribute:idle_timeout.timeout_seconds", "status:504")
async def test_a_target_that_stays_silent_is_a_gateway_timeout_after_the_idle_timeout(
    running: RunningBalancer, method: str
) -> None:
    target = await Target(silence).start()
    await serving(running, target)
    began = time.monotonic()
    status, _, body = await asked(running, method)
    assert (status, len(body)) == (504, 132)
    assert IDLE_SECONDS - 0.1 <= time.monotonic() - began < IDLE_SECONDS + 1.5
    assert len(target.requests) == 1, "it may be at work on it: nothing is repeated"
    await target.stop()


async def test_bytes_that_come_keep_an_answer_alive(running: RunningBalancer) -> None:
    async def slow(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
        for _number in range(3):
            await asyncio.sleep(IDLE_SECONDS * 0.7)
            writer.write(b"x")
            await writer.drain()

    target = await Target(slow).start()
    await serving(running, target)
    assert (await asked(running))[2] == b"xxx"
    await target.stop()


async def test_a_body_shorter_than_announced_ends_the_connection(running: RunningBalancer) -> None:
    target = await Target(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort")).start()
    await serving(running, target)
    with pytest.raises(RequestFailedError):
        await asked(running)
    await target.stop()


@pytest.mark.proves("status:503")
async def test_without_targets_the_service_is_unavailable(running: RunningBalancer) -> None:
    target = await Target().start()
    await serving(running, target)
    await running.answering(200)
    running.group()
    await running.answering(503)
    _, headers, body = await asked(running)
    assert (len(body), headers["server"]) == (162, "awselb/2.0")
    await target.stop()


async def test_a_targets_own_status_is_passed_on_with_its_own_server(running: RunningBalancer) -> None:
    target = await Target(answering("mine", status=503, headers="Server: own/1\r\n")).start()
    await serving(running, target)
    status, headers, body = await asked(running)
    assert (status, headers["server"], body) == (503, "own/1", b"mine")
    await target.stop()


@pytest.mark.proves("status:460")
async def test_a_client_that_leaves_is_told_apart_in_the_log(
    running: RunningBalancer, tmp_path: Path
) -> None:
    """460, which no client ever sees: the log has it by HAProxy's word that the client closed."""
    target = await Target(answering("late", delay=1.0)).start()
    await serving(running, target)
    _, writer = await asyncio.open_connection(running.address, HTTP_PORT)
    writer.write(b"GET /left HTTP/1.1\r\nHost: lb\r\n\r\n")
    await eventually(lambda: len(target.requests) == 1)
    writer.transport.abort()
    log = tmp_path / "balancer" / "logs" / "access.log"
    await eventually(lambda: "/left" in log.read_text())
    [line] = [line for line in log.read_text().splitlines() if line.endswith("/left")]
    [(outcome, _)] = outcomes(words(f"{line}\n".encode()))
    assert (outcome.status, outcome.target_status) == (460, None)
    await target.stop()


# What is repeated


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_request_that_may_be_repeated_is_given_to_another_target(
    running: RunningBalancer, method: str
) -> None:
    bad, good = await Target(saying(b""), name="bad").start(), await Target(name="good").start()
    await serving(running, bad, good)
    for _ in range(4):
        async with httpx.AsyncClient() as http:
            response = await http.request(method, f"http://{running.address}:{HTTP_PORT}/")
        assert response.status_code == 200
    assert bad.requests
    await bad.stop()
    await good.stop()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_request_that_changes_something_is_never_sent_twice(
    running: RunningBalancer, method: str
) -> None:
    bad, good = await Target(saying(b""), name="bad").start(), await Target(name="good").start()
    await serving(running, bad, good)
    statuses = [(await running.request(method, f"/{number}", body=b"x")).status for number in range(8)]
    delivered = sorted(request.line.split()[1] for request in (*bad.requests, *good.requests))
    assert delivered == [f"/{number}" for number in range(8)]
    assert statuses.count(502) == len(bad.requests) > 0
    await bad.stop()
    await good.stop()


async def test_a_request_that_changes_something_goes_elsewhere_when_nothing_was_sent(
    running: RunningBalancer,
) -> None:
    gone, good = await Target(name="gone").start(), await Target(name="good").start()
    await serving(running, gone, good)
    await gone.stop()
    assert [(await running.request("POST", body=b"x")).status for _ in range(6)] == [200] * 6
    assert len(good.requests) == 6
    await good.stop()


async def test_a_large_upload_is_never_sent_twice(running: RunningBalancer) -> None:
    """It does not fit into a buffer, so that HAProxy could not repeat it, whatever its method."""
    bad, good = await Target(saying(b""), name="bad").start(), await Target(name="good").start()
    await serving(running, bad, good)
    statuses = [(await running.request("POST", body=b"x" * 200_000)).status for _ in range(4)]
    assert sorted(statuses) == [200, 200, 502, 502]
    assert (len(bad.requests), len(good.requests)) == (2, 2)
    await bad.stop()
    await good.stop()


async def test_on_a_kept_connection_a_request_lost_in_an_https_target_ends_the_connection(
    running: RunningBalancer, tmp_path: Path
) -> None:
    """HAProxy leaves it to the client to repeat what was lost on a connection that it had used before."""
    tls = server_context(self_signed(tmp_path / "target.pem", "a.test"))
    target = await Target().start(tls=tls)
    running.group(target.registered(), protocol="HTTPS")
    await running.serving(target.registered())
    connection = await Connection.open(running.address, HTTP_PORT, 5)
    assert (await connection.request("POST", "/", host="lb", body=b"x")).status == 200
    target.handler = saying(b"")
    with pytest.raises(RequestFailedError, match="closed without an answer"):
        await connection.request("POST", "/", host="lb", body=b"x")
    assert len(target.requests) == 2
    await target.stop()


# The end of the deregistration delay


@pytest.mark.proves("target-group-attribute:deregistration_delay.timeout_seconds")
async def test_what_is_in_flight_when_the_delay_ends_is_a_bad_gateway(running: RunningBalancer) -> None:
    target = await Target(answering("late", delay=1.8)).start()
    await serving(running, target)
    waiting = asyncio.create_task(asked(running, "POST"))
    await eventually(lambda: len(target.requests) == 1)
    running.group(target.registered(status="draining", drain_deadline=time.time() + 0.5))
    status, _, body = await waiting
    assert (status, len(body)) == (502, 122)
    await target.stop()


async def test_what_may_be_repeated_is_then_given_to_another_target(running: RunningBalancer) -> None:
    old, new = await Target(answering("old", delay=1.8), name="old").start(), await Target(name="new").start()
    await serving(running, old)
    waiting = asyncio.create_task(asked(running))
    await eventually(lambda: len(old.requests) == 1)
    running.group(old.registered(status="draining", drain_deadline=time.time() + 0.5), new.registered())
    status, _, body = await waiting
    assert (status, body) == (200, b"new")
    await old.stop()
    await new.stop()
