"""The client's end of a websocket (RFC 6455): text messages, no extensions."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from struct import Struct

from tidegate.fleet.http import Peer, UnreachableError, sent

NORMAL, GOING_AWAY, PROTOCOL_ERROR, ABNORMAL, INTERNAL_ERROR = 1000, 1001, 1002, 1006, 1011

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_SHORT, _LONG = Struct(">H"), Struct(">Q")


class WebSocketClosedError(Exception):
    """The other end has closed; `code` is what it said, 1006 when it said nothing."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocketRefusedError(Exception):
    """The server answered the handshake with something else than a websocket."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"status {status}: {body[:200]}")
        self.status = status
        self.body = body


class WebSocket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def receive(self) -> str:
        """The next message; pings are answered. Raises WebSocketClosedError."""
        parts: list[bytes] = []
        try:
            while True:
                is_last, kind, payload = await self._frame()
                if kind == _PING:
                    await self._send(_PONG, payload)
                elif kind == _CLOSE:
                    code = _SHORT.unpack(payload[:2])[0] if len(payload) >= 2 else NORMAL
                    await self._send(_CLOSE, payload[:2])
                    raise WebSocketClosedError(code)
                elif kind in (_TEXT, _BINARY, _CONTINUATION):
                    parts.append(payload)
                    if is_last:
                        return b"".join(parts).decode()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise WebSocketClosedError(ABNORMAL) from error

    async def send(self, text: str) -> None:
        """Raises WebSocketClosedError."""
        try:
            await self._send(_TEXT, text.encode())
        except OSError as error:
            raise WebSocketClosedError(ABNORMAL) from error

    async def close(self, code: int = NORMAL) -> None:
        """Say good-bye; without waiting for an answer."""
        try:
            await self._send(_CLOSE, _SHORT.pack(code))
        except OSError:
            return

    async def _frame(self) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = _SHORT.unpack(await self._reader.readexactly(2))[0]
        elif size == 127:
            size = _LONG.unpack(await self._reader.readexactly(8))[0]
        return bool(first & 0x80), first & 0x0F, await self._reader.readexactly(size)

    async def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | kind, 0x80 | size))
        elif size < 1 << 16:
            head = bytes((0x80 | kind, 0x80 | 126)) + _SHORT.pack(size)
        else:
            head = bytes((0x80 | kind, 0x80 | 127)) + _LONG.pack(size)
        key = os.urandom(4)
        self._writer.write(head + key + masked(payload, key))
        await self._writer.drain()


@asynccontextmanager
async def connected(peer: Peer, target: str, headers: Mapping[str, str]) -> AsyncIterator[WebSocket]:
    """An open websocket. Raises UnreachableError or WebSocketRefusedError."""
    key = base64.b64encode(os.urandom(16)).decode()
    fields = {
        **headers,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    async with sent(peer, "GET", target, headers=fields) as response:
        if response.status != 101:
            raise WebSocketRefusedError(response.status, (await response.body()).decode(errors="replace"))
        if response.headers.get("sec-websocket-accept") != accept(key):
            raise UnreachableError("the answer is not a websocket's")
        yield WebSocket(response.reader, response.writer)


def accept(key: str) -> str:
    """What a server answers to a client's key."""
    return base64.b64encode(hashlib.sha1(key.encode() + _MAGIC, usedforsecurity=False).digest()).decode()


def masked(payload: bytes, key: bytes) -> bytes:
    """A client's payload as it goes over the wire; the same again unmasks it."""
    size = len(payload)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
