"""One connection of one node, as the conversations of this package see it: JSON messages both ways."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

SEND_SECONDS_MAX = 30.0

# Codes on which Amazon's agent reconnects at once: replaced by a newer connection, and going away.
REPLACED = 1000
GOING_AWAY = 1001
INTERNAL_ERROR = 1011


class SessionClosedError(Exception):
    """The other end is gone. Nothing to do but to wait for it to come back."""


class NodeSession(Protocol):
    """The real one is a websocket; tests and simulations have one in memory."""

    async def receive(self) -> tuple[str, Mapping[str, Any]]:
        """The next message, as (type, message). Raises SessionClosedError."""
        ...

    async def send(self, type_: str, message: Mapping[str, Any]) -> None:
        """Raises SessionClosedError."""
        ...

    async def close(self, code: int) -> None:
        """Close; `receive` raises from then on. Closing twice does no harm."""
        ...


class WebSocketSession:
    """A NodeSession over an accepted ASGI websocket."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        self._receive = receive
        self._send = send
        self._closed = asyncio.Event()

    async def receive(self) -> tuple[str, Mapping[str, Any]]:
        while True:
            frame = await self._next_frame()
            message = _parsed(frame.get("text") or (frame.get("bytes") or b"").decode("utf-8", "replace"))
            if message is not None:
                return message

    async def _next_frame(self) -> MutableMapping[str, Any]:
        incoming = asyncio.ensure_future(self._receive())
        closing = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((incoming, closing), return_when=asyncio.FIRST_COMPLETED)
            if not incoming.done() or incoming.result()["type"] != "websocket.receive":
                self._closed.set()
                raise SessionClosedError
            return incoming.result()
        finally:
            incoming.cancel()
            closing.cancel()

    async def send(self, type_: str, message: Mapping[str, Any]) -> None:
        text = json.dumps({"type": type_, "message": message}, separators=(",", ":"))
        try:
            # A node that has stopped reading must not hold its conversation for ever.
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await self._send({"type": "websocket.send", "text": text})
        except (TimeoutError, OSError, RuntimeError) as error:
            self._closed.set()
            raise SessionClosedError from error

    async def close(self, code: int) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        try:
            async with asyncio.timeout(1):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError, RuntimeError):
            return


def _parsed(text: str) -> tuple[str, Mapping[str, Any]] | None:
    """(type, message) of a frame; None for one that is neither of the two styles.

    Amazon's agent puts signed header lines before the JSON of its telemetry frames. The connection
    itself is signed already, so they are skipped.
    """
    if not text.startswith("{"):
        text = text.partition("\r\n\r\n")[2]
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        return None
    message = frame.get("message")
    return frame["type"], message if isinstance(message, dict) else {}
