"""A node's session comes back by itself, and says once what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from aiohttp import web

from tidegate.fleet.session import ControlAccess, Frame, Session, SessionState
from tidegate.testing.balancing.running import eventually

PATH = "/fleet/sample/ws"
Told = list[tuple[SessionState, str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def greet(request: web.Request) -> web.StreamResponse:
    """A control that sends one frame and stays."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str('{"type": "Greeting", "message": {"count": 1}}')
    await socket.receive()
    return socket


async def babble(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str("{")
    await socket.receive()
    return socket


async def refuse(_: web.Request) -> web.StreamResponse:
    return web.Response(status=403)


async def read_one(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for frame in socket:
        msgspec.json.decode(frame.data, type=Frame)


@asynccontextmanager
async def control(handler: Handler, port: int = 0) -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_get(PATH, handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def session(
    port: int, converse: Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]
) -> AsyncIterator[Told]:
    told: Told = []
    access = ControlAccess(url=f"http://127.0.0.1:{port}", region="r", access_key="a", secret_key="s")
    node = Session(access, PATH, converse, lambda state, reason: told.append((state, reason)))
    job = asyncio.create_task(node.run())
    try:
        yield told
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


def states(told: Told) -> list[SessionState]:
    return [state for state, _ in told]


async def test_a_control_that_goes_and_comes_back_is_told_of() -> None:
    async with control(greet) as port, session(port, read_one) as told:
        await eventually(lambda: states(told) == [SessionState.CONNECTED])
    async with session(port, read_one) as later:
        await eventually(lambda: states(later) == [SessionState.AWAY])
        async with control(greet, port):
            await eventually(lambda: states(later) == [SessionState.AWAY, SessionState.CONNECTED])


async def test_a_refusal_is_told_with_its_status_and_only_once() -> None:
    asked = 0

    async def count(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await refuse(request)

    async with control(count) as port, session(port, read_one) as told:
        await eventually(lambda: asked == 3)
    assert states(told) == [SessionState.REFUSED]
    assert told[0][1].startswith("403")


async def test_a_frame_that_is_no_message_is_no_matter_of_the_disk() -> None:
    async with control(babble) as port, session(port, read_one) as told:
        await eventually(lambda: SessionState.UNREADABLE in states(told))
    assert SessionState.UNWRITABLE not in states(told)


@pytest.mark.parametrize("failures", [1, 3])
async def test_what_a_full_disk_refused_is_taken_from_a_later_session(failures: int) -> None:
    tries = 0

    async def keep(socket: aiohttp.ClientWebSocketResponse) -> None:
        nonlocal tries
        async for _ in socket:
            tries += 1
            if tries <= failures:
                raise OSError(28, "No space left on device")

    async with control(greet) as port, session(port, keep) as told:
        await eventually(lambda: states(told)[-1:] == [SessionState.CONNECTED] and tries > failures)
    # However often it failed, it was told once.
    faults = [entry for entry in told if entry[0] is not SessionState.CONNECTED]
    assert faults == [(SessionState.UNWRITABLE, "[Errno 28] No space left on device")]
    assert tries == failures + 1
