"""Clients that are strict: they repeat nothing, and take an answer only if it is theirs.

Each asks one thing after the other, at a pace of its own, until it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from bench.soaking.documents import HTTP_PORT, HTTPS_PORT, NAME
from bench.soaking.http2 import Http2Connection
from bench.soaking.target import WEBSOCKET as WEBSOCKET_PATH
from bench.soaking.target import echo
from tidegate.cli.demo.http import Connection, RequestFailedError

# Where many share a machine, clients themselves have not been run for four seconds and more.
_ANSWER_SECONDS = 15.0
WEBSOCKET = "WebSocket, messages"
# Each lives for so many seconds, with a message in each: a draining target's must end by itself before it is
# gone, on a busy machine too.
_WEBSOCKETS, _LIFE_SECONDS = 3, 8.0
_NUMBERS = itertools.count()


@dataclass(slots=True)
class Tally:
    """Answers by the kind of client; failures with their time (seconds of the run), kind and reason."""

    began: float = field(default_factory=time.monotonic)
    answered: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[float, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`requests`: on one connection, before the client opens another; `pause`: seconds between two."""

    name: str
    clients: int
    pause: float
    method: str = "GET"
    path: str = "/kept"
    body_bytes: int = 0
    requests: int = 1_000_000
    is_tls: bool = False
    is_http2: bool = False


KINDS = (
    Kind(name="GET, kept alive", clients=8, pause=0.05),
    Kind(name="GET, new connections", clients=4, pause=0.05, path="/new", requests=1),
    Kind(name="GET, slow", clients=4, pause=0.2, path="/slow"),
    Kind(name="GET, seldom", clients=10, pause=7.0, path="/seldom"),
    Kind(name="POST, kept alive", clients=4, pause=0.05, method="POST", path="/post", body_bytes=500),
    Kind(name="POST of 200 KB", clients=2, pause=0.3, method="POST", path="/large", body_bytes=200_000),
    Kind(name="TLS, kept alive", clients=4, pause=0.05, path="/tls", is_tls=True),
    Kind(name="TLS, new connections", clients=2, pause=0.1, path="/tls/new", is_tls=True, requests=1),
    Kind(name="HTTP/2, GET", clients=4, pause=0.05, path="/h2", is_tls=True, is_http2=True),
    Kind(
        name="HTTP/2, POST",
        clients=2,
        pause=0.1,
        method="POST",
        path="/h2/post",
        body_bytes=20_000,
        is_tls=True,
        is_http2=True,
    ),
)


@asynccontextmanager
async def running(address: str, tally: Tally) -> AsyncIterator[None]:
    """All clients, until the block ends and each has had its last answer."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for kind in KINDS:
            for _ in range(kind.clients):
                group.create_task(_ask(kind, address, tally, stop))
        for _ in range(_WEBSOCKETS):
            group.create_task(_talk(address, tally, stop))
        try:
            yield
        finally:
            stop.set()


async def _ask(kind: Kind, address: str, tally: Tally, stop: asyncio.Event) -> None:
    connection: Connection | Http2Connection | None = None
    used = 0
    while not stop.is_set():
        try:
            # A connection that has ended meanwhile is no failure: nothing was asked on it.
            if connection is None or not connection.is_open or used >= kind.requests:
                if connection is not None:
                    connection.close()
                connection, used = await _open(kind, address), 0
            used += 1
            await _once(kind, connection)
            tally.answered[kind.name] += 1
        except RequestFailedError as error:
            tally.failed.append((time.monotonic() - tally.began, kind.name, str(error)))
            connection = None
        await _pause(stop, kind.pause)
    if connection is not None:
        connection.close()


async def _talk(address: str, tally: Tally, stop: asyncio.Event) -> None:
    """WebSockets one after the other, each message answered by itself."""
    async with aiohttp.ClientSession() as session:
        while not stop.is_set():
            try:
                async with session.ws_connect(f"http://{address}:{HTTP_PORT}{WEBSOCKET_PATH}") as socket:
                    ends = time.monotonic() + _LIFE_SECONDS
                    while time.monotonic() < ends:
                        said = str(next(_NUMBERS))
                        await socket.send_str(said)
                        answer = await socket.receive(_ANSWER_SECONDS)
                        if answer.data != said:
                            raise RequestFailedError(f"{answer.type.name} instead of an answer")
                        tally.answered[WEBSOCKET] += 1
                        await _pause(stop, 1)
            except (aiohttp.ClientError, TimeoutError, RequestFailedError) as error:
                tally.failed.append((time.monotonic() - tally.began, WEBSOCKET, str(error)))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Shorter where it is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def _once(kind: Kind, connection: Connection | Http2Connection) -> None:
    path, body = f"{kind.path}/{next(_NUMBERS)}", os.urandom(kind.body_bytes)
    answer = await connection.request(
        kind.method, path, host=NAME, body=body, timeout_seconds=_ANSWER_SECONDS
    )
    if answer.status != 200:
        raise RequestFailedError(f"status {answer.status}")
    if answer.body.decode() != echo(kind.method, path, body):
        raise RequestFailedError("somebody else's answer")


async def _open(kind: Kind, address: str) -> Connection | Http2Connection:
    if not kind.is_tls:
        return await Connection.open(address, HTTP_PORT, _ANSWER_SECONDS)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"] if kind.is_http2 else ["http/1.1"])
    loop = asyncio.get_running_loop()
    protocol: type[Connection] | type[Http2Connection] = Http2Connection if kind.is_http2 else Connection
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            _, opened = await loop.create_connection(
                protocol, address, HTTPS_PORT, ssl=context, server_hostname=NAME
            )
    except (OSError, TimeoutError) as error:
        raise RequestFailedError(f"connect: {type(error).__name__}") from error
    return opened
