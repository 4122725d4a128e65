"""The HTTP server: uvicorn, with two habits of its own.

An answer leaves in one piece. uvicorn writes its head and its body one after the other; a process that is
killed in between leaves a head that says 200 and no body, which botocore takes for an empty success. What
is written within one turn of the loop is joined here, which also saves a system call an answer.

It ends politely. uvicorn closes connections that were accepted and not read yet, and kept-alive ones
between two calls; their callers cannot tell that from a crash. For a moment everybody is still answered,
and told to come back on another connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Clients keep connections open between calls; one that is closed under a call costs them a retry.
KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS_MAX = 5
LEAVING_SECONDS = 0.2


class HttpServer(uvicorn.Server):
    """Serves until `should_exit` is set. Signals are its owner's, who stops other things before it."""

    def __init__(self, application: Application) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                interface="asgi3",
                http=_Protocol,
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        self.server_state.default_headers = [
            *self.server_state.default_headers,
            (b"connection", b"close"),
        ]
        await asyncio.sleep(LEAVING_SECONDS)
        await super().shutdown(sockets)


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_Joining(transport, self.loop))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        joining: Any = self.transport
        self.transport = joining.transport
        super().handle_websocket_upgrade()


class _Joining:
    """A transport that writes at the end of the loop's turn; in all else it is the one that it has."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        self._flush()
        self.transport.close()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        # The caller may have left since.
        if pending and not self.transport.is_closing():
            self.transport.write(b"".join(pending))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
