"""The application: it says what it was asked, so that a client sees whether the answer is its own."""

from __future__ import annotations

import asyncio
import hashlib

from aiohttp import web

WEBSOCKET = "/websocket"
# What a request to /slow/* takes, so that some are always in flight where a target leaves.
_SLOW_SECONDS = 0.5


def echo(method: str, path: str, body: bytes) -> str:
    return f"{method} {path} {hashlib.sha256(body).hexdigest()}"


async def serve() -> tuple[web.AppRunner, int]:
    """On every loopback address, so that it stands for any number of targets. The port."""
    application = web.Application(client_max_size=2**24)
    application.router.add_get(WEBSOCKET, _echo)
    application.router.add_route("*", "/{path:.*}", _answer)
    runner = web.AppRunner(application, access_log=None, keepalive_timeout=3600)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
    return runner, runner.addresses[0][1]


async def _answer(request: web.Request) -> web.Response:
    if request.path.startswith("/slow"):
        await asyncio.sleep(_SLOW_SECONDS)
    return web.Response(text=echo(request.method, request.path_qs, await request.read()))


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket
