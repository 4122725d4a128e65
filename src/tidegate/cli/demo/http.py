"""A strict HTTP/1.1 client for load: it never repeats a request and hides no failure.

Ordinary clients retry a request whose kept-alive connection was closed under it; a load generator
that did so would report requests as answered that the load balancer had dropped.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httptools


class RequestFailedError(Exception):
    """The request got no complete answer: refused, reset, closed early, or out of time."""


@dataclass(slots=True)
class Response:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._response = Response()
        self._body: list[bytes] = []
        self._has_begun = False
        self.is_open = False

    @classmethod
    async def open(cls, host: str, port: int, timeout_seconds: float) -> Connection:
        """Connect; raises RequestFailedError."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_seconds):
                _, connection = await loop.create_connection(cls, host, port)
        except (OSError, TimeoutError) as error:
            raise RequestFailedError(f"connect: {type(error).__name__}") from error
        return connection

    async def request(
        self,
        method: str,
        path: str,
        *,
        host: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        keep_alive: bool = True,
        timeout_seconds: float = 15.0,
    ) -> Response:
        """Send one request and wait for its whole answer; raises RequestFailedError."""
        if self._transport is None or not self.is_open:
            raise RequestFailedError("closed before the request was sent")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        if not keep_alive:
            lines.append("Connection: close")
        self._answer = asyncio.get_running_loop().create_future()
        self._response, self._body = Response(), []
        self._has_begun = False
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self._answer
        except TimeoutError as error:
            self.close()
            raise RequestFailedError(f"no answer within {timeout_seconds:g} s") from error

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            return
        self._has_begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("the answer is not HTTP")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        how = "reset" if exc is not None else "closed"
        self._fail(f"{how} in the middle of the answer" if self._has_begun else f"{how} without an answer")

    # httptools callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        self._response.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._parser is not None
        self._response.status = self._parser.get_status_code()
        self._response.body = b"".join(self._body)
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._response)

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(RequestFailedError(reason))
