"""The session with control: documents come, reports go. Control may be away: the balancer goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import msgspec
import structlog

from tidegate.balancer.outbox import Outbox
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import (
    BALANCER_PATH,
    EdgeDocument,
    EdgeReport,
    FormerGroupDocument,
    GroupDocument,
    GroupReport,
    TrafficReceipt,
)
from tidegate.fleet.session import ControlAccess, Frame, Session, SessionState, frame_of

Document = EdgeDocument | GroupDocument | FormerGroupDocument
# Traffic is reported in frames that are on disk already.
Report = EdgeReport | GroupReport | Frame

_log = structlog.get_logger(__name__)


class ControlSession:
    """`take` gets each document; what it raises of OSError has the document sent again. `report_all`
    gives what is told on every new connection; `receive` gets word of what control has kept."""

    def __init__(
        self,
        settings: BalancerSettings,
        take: Callable[[Document], None],
        report_all: Callable[[], list[Report]],
        receive: Callable[[TrafficReceipt], None],
    ) -> None:
        access = ControlAccess(
            url=settings.endpoint,
            region=settings.region,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
        )
        self._session = Session(access, BALANCER_PATH, self._converse, _log_state)
        self._take = take
        self._report_all = report_all
        self._receive = receive
        self._outbox: Outbox[Report] | None = None

    @property
    def is_open(self) -> bool:
        return self._outbox is not None

    def send(self, report: Report) -> None:
        """Report, when control is there; on the next connection everything is reported anew."""
        if self._outbox is not None:
            self._outbox.put(report)

    async def run(self) -> None:
        await self._session.run()

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._outbox = Outbox()
        for report in self._report_all():
            self.send(report)
        sender = asyncio.create_task(self._send(socket, self._outbox))
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._decode(msgspec.json.decode(frame.data, type=Frame))
        finally:
            sender.cancel()
            self._outbox = None

    def _decode(self, frame: Frame) -> None:
        if frame.type == "EdgeDocument":
            self._take(msgspec.json.decode(frame.message, type=EdgeDocument))
        elif frame.type == "GroupDocument":
            self._take(msgspec.json.decode(frame.message, type=GroupDocument))
        elif frame.type == "FormerGroupDocument":
            self._take(msgspec.json.decode(frame.message, type=FormerGroupDocument))
        elif frame.type == "TrafficReceipt":
            self._receive(msgspec.json.decode(frame.message, type=TrafficReceipt))

    async def _send(self, socket: aiohttp.ClientWebSocketResponse, outbox: Outbox[Report]) -> None:
        while True:
            await socket.send_str(_text(await outbox.get()))


def _text(report: Report) -> str:
    return msgspec.json.encode(report).decode() if isinstance(report, Frame) else frame_of(report)


def _log_state(state: SessionState, reason: str) -> None:
    is_fault = state not in (SessionState.CONNECTED, SessionState.AWAY)
    (_log.error if is_fault else _log.info)("session with control", state=state.value, reason=reason)
