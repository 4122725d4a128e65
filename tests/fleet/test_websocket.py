"""The client's end of a websocket, against a server by another hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSCloseCode, web

from tidegate.fleet.http import Peer
from tidegate.fleet.websocket import (
    ABNORMAL,
    WebSocketClosedError,
    WebSocketRefusedError,
    accept,
    connected,
    masked,
)

Talk = Callable[[web.WebSocketResponse], Awaitable[None]]


@asynccontextmanager
async def a_server(talk: Talk) -> AsyncIterator[Peer]:
    async def serve(request: web.Request) -> web.StreamResponse:
        if "refuse" in request.query:
            return web.Response(status=400, text='{"InactiveInstanceException":"gone"}')
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await talk(socket)
        return socket

    application = web.Application()
    application.router.add_get("/ws", serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Peer(host="127.0.0.1", port=runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def echo(socket: web.WebSocketResponse) -> None:
    async for frame in socket:
        await socket.send_str(frame.data)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
async def test_messages_of_every_length_come_back_as_they_went(size: int) -> None:
    text = ("ä" + "x" * size)[:size]
    async with a_server(echo) as peer, connected(peer, "/ws", {}) as socket:
        await socket.send(text)
        assert await socket.receive() == text


async def test_a_ping_is_answered_and_not_shown() -> None:
    async def ping(socket: web.WebSocketResponse) -> None:
        await socket.ping(b"there?")
        await socket.send_str("message")
        await socket.receive()

    async with a_server(ping) as peer, connected(peer, "/ws", {}) as socket:
        assert await socket.receive() == "message"


async def test_the_servers_close_code_is_told() -> None:
    async def go_away(socket: web.WebSocketResponse) -> None:
        await socket.close(code=WSCloseCode.GOING_AWAY)

    async with a_server(go_away) as peer, connected(peer, "/ws", {}) as socket:
        with pytest.raises(WebSocketClosedError) as closed:
            await socket.receive()
    assert closed.value.code == 1001


async def test_a_lost_connection_is_an_abnormal_close() -> None:
    async def vanish(socket: web.WebSocketResponse) -> None:
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.abort()

    async with a_server(vanish) as peer, connected(peer, "/ws", {}) as socket:
        with pytest.raises(WebSocketClosedError) as closed:
            await socket.receive()
    assert closed.value.code == ABNORMAL


async def test_a_refused_handshake_gives_status_and_text() -> None:
    async with a_server(echo) as peer:
        with pytest.raises(WebSocketRefusedError) as refused:
            async with connected(peer, "/ws?refuse=1", {}):
                pass
    assert refused.value.status == 400
    assert "InactiveInstanceException" in refused.value.body


def test_the_key_is_answered_as_in_the_standards_example() -> None:
    assert accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("payload", [b"", b"\x00", b"abc", b"abcd", b"\x00\x00abcdefg"])
def test_masking_twice_gives_what_was_there(payload: bytes) -> None:
    key = b"\x01\x80\xff\x00"
    assert masked(masked(payload, key), key) == payload
    assert masked(b"\x00\x00\x00\x00\x00", key) == key + key[:1]
