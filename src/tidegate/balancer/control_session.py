"""The session with control: documents come, reports go. Control may be away: the balancer goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import (
    BALANCER_PATH,
    SERVICE,
    EdgeDocument,
    EdgeReport,
    GroupDocument,
    GroupReport,
)
from tidegate.wire.sigv4 import sign_headers

_RECONNECT_SECONDS = 0.25
Report = EdgeReport | GroupReport


class _Frame(msgspec.Struct):
    type: str
    message: msgspec.Raw


class ControlSession:
    """`take` gets each document; `report_all` gives what is told on every new connection."""

    def __init__(
        self,
        settings: BalancerSettings,
        take: Callable[[EdgeDocument | GroupDocument], None],
        report_all: Callable[[], list[Report]],
    ) -> None:
        self._settings = settings
        self._take = take
        self._report_all = report_all
        self._outbox: asyncio.Queue[Report] | None = None

    def send(self, report: Report) -> None:
        """Report, when control is there; on the next connection everything is reported anew."""
        if self._outbox is not None:
            self._outbox.put_nowait(report)

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError):
                    await self._follow(session)
                self._outbox = None
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        settings = self._settings
        headers = sign_headers(
            method="GET",
            host=urlsplit(settings.endpoint).netloc,
            path=BALANCER_PATH,
            service=SERVICE,
            region=settings.region,
            access_key_id=settings.access_key,
            secret_key=settings.secret_key,
            now=datetime.now(UTC),
        )
        url = settings.endpoint + BALANCER_PATH
        async with session.ws_connect(url, headers=headers, heartbeat=10, max_msg_size=0) as socket:
            self._outbox = asyncio.Queue()
            for report in self._report_all():
                self.send(report)
            sender = asyncio.create_task(self._send(socket, self._outbox))
            try:
                async for frame in socket:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        self._decode(msgspec.json.decode(frame.data, type=_Frame))
            finally:
                sender.cancel()

    def _decode(self, frame: _Frame) -> None:
        if frame.type == "EdgeDocument":
            self._take(msgspec.json.decode(frame.message, type=EdgeDocument))
        elif frame.type == "GroupDocument":
            self._take(msgspec.json.decode(frame.message, type=GroupDocument))

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, outbox: asyncio.Queue[Report]) -> None:
        while True:
            report = await outbox.get()
            frame = {"type": type(report).__name__, "message": report}
            await socket.send_str(msgspec.json.encode(frame).decode())
