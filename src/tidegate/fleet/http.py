"""A small HTTP/1.1 client: one connection a request, over TCP or a UNIX socket.

Agents are started often, and many run on one machine: a full-grown client would be two thirds of their
memory and most of their start. Left out: proxies, redirects, cookies, compression and the reuse of
connections (what nodes call is near, and called seldom).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_BYTES_MAX = 64 * 1024


class UnreachableError(Exception):
    """The other end does not answer, or not in HTTP. Retryable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Where to connect to: a host's port, or a UNIX socket's path."""

    host: str = "localhost"
    port: int = 80
    is_tls: bool = False
    path: str | None = None

    @classmethod
    def of(cls, url: str) -> Peer:
        """The peer of an http(s) URL."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        return cls(host=parts.hostname or "", port=parts.port or (443 if is_tls else 80), is_tls=is_tls)

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_tls else 80) else f"{name}:{self.port}"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection. Raises UnreachableError."""
        try:
            if self.path is not None:
                return await asyncio.open_unix_connection(self.path, limit=HEAD_BYTES_MAX)
            context = ssl.create_default_context() if self.is_tls else None
            return await asyncio.open_connection(self.host, self.port, ssl=context, limit=HEAD_BYTES_MAX)
        except OSError as error:
            raise UnreachableError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body is still on its way. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body's parts as they come. Raises UnreachableError when it breaks off."""
        try:
            if "chunked" in self.headers.get("transfer-encoding", "").lower():
                while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                    yield await self.reader.readexactly(size)
                    await self.reader.readexactly(2)
            elif "content-length" in self.headers:
                left = int(self.headers["content-length"])
                while left > 0:
                    part = await self.reader.read(min(left, 65536))
                    if not part:
                        raise UnreachableError("the answer broke off")
                    left -= len(part)
                    yield part
            elif self.status not in (204, 304):
                while part := await self.reader.read(65536):
                    yield part
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise UnreachableError(f"the answer broke off: {error}") from error

    async def body(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])


async def request(
    peer: Peer,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout_seconds: float,
) -> Answer:
    """One request and its whole answer. Raises UnreachableError."""
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            sent(peer, method, target, headers=headers, body=body) as response,
        ):
            return Answer(response.status, response.headers, await response.body())
    except TimeoutError as error:
        raise UnreachableError(f"no answer within {timeout_seconds:g} s") from error


@asynccontextmanager
async def sent(
    peer: Peer, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> AsyncIterator[Response]:
    """A request that was sent, and the head of its answer. Raises UnreachableError."""
    reader, writer = await peer.connect()
    try:
        fields = {"Host": peer.authority, "Connection": "close", **(headers or {})}
        if body or method in ("POST", "PUT"):
            fields["Content-Length"] = str(len(body))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
            status, answer_headers = await _head(reader)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise UnreachableError(f"no answer: {error}") from error
        yield Response(status, answer_headers, reader, writer)
    finally:
        writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers; interim answers (100) are passed over."""
    while True:
        first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1").split("\r\n")
        version, status = first.split(" ", 2)[:2]
        if not version.startswith("HTTP/1."):
            raise ValueError("not HTTP")
        if status != "100":
            fields = (line.partition(":") for line in lines)
            return int(status), {name.strip().lower(): value.strip() for name, _, value in fields}
