"""Control as far as a balancer sees it: documents down, reports up, over the websocket that it dials."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from bench.measuring.http import LoadFailedError
from tidegate.fleet.balancing import BALANCER_PATH

Document = dict[str, Any]


class Control:
    """Takes one balancer. `healthy`: how many targets of each group it reports so; `edge`: its last report
    on the edge."""

    def __init__(self) -> None:
        self.healthy: dict[str, int] = {}
        self.edge: Document = {}
        self._socket: web.WebSocketResponse | None = None
        self._news = asyncio.Condition()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Gives the URL to dial."""
        application = web.Application()
        application.router.add_get(BALANCER_PATH, self._converse)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def tell(self, type_: str, document: Document) -> None:
        """Send a document to the balancer, once it is there. A session that breaks meanwhile is opened again:
        on a busy machine a heartbeat may come too late."""
        frame = json.dumps({"type": type_, "message": document})
        while True:
            await self.until("a balancer", lambda: self._socket is not None)
            assert self._socket is not None
            try:
                await self._socket.send_str(frame)
            except ConnectionError:
                self._socket = None
            else:
                return

    async def until(self, what: str, condition: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait for a condition on what is reported. Raises LoadFailedError."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(condition)
        except TimeoutError as error:
            raise LoadFailedError(f"{what} did not come about within {seconds:g} s") from error

    async def _converse(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._socket = socket
        await self._tell_waiters()
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                report = json.loads(frame.data)
                self._take(report["type"], report["message"])
                await self._tell_waiters()
        return socket

    def _take(self, type_: str, report: Document) -> None:
        if type_ == "EdgeReport":
            self.edge = report
        elif type_ == "GroupReport":
            states = [target["state"] for target in report["targets"]]
            self.healthy[report["target_group_arn"]] = states.count("healthy")

    async def _tell_waiters(self) -> None:
        async with self._news:
            self._news.notify_all()
