"""Targets that record what reaches them, byte for byte where it matters, and answer as a test wants.

Everything runs in the test's own event loop. A health check (known by its User-Agent) is answered with
`check_status` and recorded apart, so that a test sees only the requests it made.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tidegate.balancer.decisions.checks import USER_AGENT
from tidegate.fleet.balancing import GroupTarget


@dataclass(slots=True)
class Request:
    """`head`: the lines as they came, without the empty one. `body` is filled by `read_body`."""

    head: list[str]
    body: bytes = b""
    trailers: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return self.head[0]

    def header(self, name: str) -> str | None:
        """The value of the first such header."""
        for line in self.head[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


Handler = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def read_body(request: Request, reader: asyncio.StreamReader) -> bytes:
    """Read the request's body, of a given length or in chunks."""
    if (request.header("transfer-encoding") or "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            request.body += await reader.readexactly(size)
            await reader.readline()
        while line := (await reader.readline()).strip():
            request.trailers.append(line.decode())
    else:
        request.body = await reader.readexactly(int(request.header("content-length") or 0))
    return request.body


def answering(body: str, *, status: int = 200, headers: str = "", delay: float = 0.0) -> Handler:
    """Read the whole request, then answer. `headers`: whole lines."""

    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_body(request, reader)
        await asyncio.sleep(delay)
        head = f"HTTP/1.1 {status} Status\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        writer.write((head if request.line.startswith("HEAD ") else head + body).encode())

    return answer


class Target:
    """An HTTP/1.1 target. `requests`: those of clients; `checks`: the heads of health checks."""

    def __init__(
        self, handler: Handler | None = None, *, name: str = "target", zone: str | None = None
    ) -> None:
        self.name = name
        self.zone = zone
        self.handler = handler or answering(name)
        self.check_status = 200
        self.requests: list[Request] = []
        self.checks: list[Request] = []
        self.connections = 0
        self.port = 0
        self.address = ""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(
        self, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> Target:
        self._server = await asyncio.start_server(self._serve, address, port, ssl=tls, backlog=1024)
        self.address, self.port = self._server.sockets[0].getsockname()[:2]
        return self

    async def stop(self) -> None:
        """Be gone as a killed process is: the port refuses, and connections are reset."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            self._server = None

    def registered(
        self,
        *,
        status: str = "active",
        drain_deadline: float | None = None,
        is_admitted: bool = True,
        is_check_admitted: bool = True,
    ) -> GroupTarget:
        """This target as its group's document lists it."""
        return GroupTarget(
            id=f"i-{self.name}",
            port=self.port,
            address=self.address,
            zone=self.zone,
            status=status,
            drain_deadline=drain_deadline,
            is_admitted=is_admitted,
            is_check_admitted=is_check_admitted,
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(Request(head.decode("latin-1").split("\r\n")[:-2]), reader, writer)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if request.header("user-agent") == USER_AGENT:
            self.checks.append(request)
            writer.write(f"HTTP/1.1 {self.check_status} Status\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
        else:
            self.requests.append(request)
            await self.handler(request, reader, writer)
