"""Reports reach control, and wait for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from tidegate.balancer.control_session import ControlSession
from tidegate.balancer.logs.follow import Position
from tidegate.balancer.settings import BalancerSettings
from tidegate.balancer.spool import Spool
from tidegate.fleet.balancing import BALANCER_PATH, TrafficReceipt, TrafficReport
from tidegate.testing.balancing.running import eventually

pytestmark = pytest.mark.timeout(30)


@dataclass
class Control:
    """`receipts`: whether it says what it has kept."""

    receipts: bool = True
    heard: list[int] = field(default_factory=list)
    url: str = ""
    port: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        application = web.Application()
        application.router.add_get(BALANCER_PATH, self._converse)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    async def until(self, heard: list[int]) -> None:
        await eventually(lambda: self.heard == heard)

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                message = json.loads(frame.data)["message"]
                self.heard.append(message["sequence"])
                if self.receipts:
                    receipt = {"source": message["source"], "sequence": message["sequence"]}
                    await socket.send_json({"type": "TrafficReceipt", "message": receipt})
        return socket


@dataclass
class Reporter:
    """A spool, and the session through which its reports go."""

    spool: Spool
    session: ControlSession

    def report(self) -> None:
        before = self.spool.progress
        report = TrafficReport(
            source=before.source, sequence=before.sequence + 1, began=0, seconds=5, samples=()
        )
        self.spool.put(report, Position())
        self.session.send(report)

    async def until_empty(self) -> None:
        await eventually(lambda: not self.spool.reports())


@contextmanager
def reporting(folder: Path, control: Control) -> Iterator[Reporter]:
    settings = BalancerSettings(
        data_dir=folder,
        endpoint=f"http://127.0.0.1:{control.port}",
        region="us-east-1",
        access_key="a",
        secret_key="b",
    )
    spool = Spool(folder)

    def receive(receipt: TrafficReceipt) -> None:
        spool.drop(receipt.sequence)

    session = ControlSession(settings, lambda _: None, lambda: [*spool.reports()], receive)
    job = asyncio.create_task(session.run())
    try:
        yield Reporter(spool, session)
    finally:
        job.cancel()


async def test_a_report_is_let_go_when_its_receipt_has_come(tmp_path: Path) -> None:
    control = Control()
    async with control.serving():
        with reporting(tmp_path, control) as reporter:
            reporter.report()
            await control.until([1])
            await reporter.until_empty()


async def test_reports_made_while_control_was_away_come_in_order_when_it_is_back(tmp_path: Path) -> None:
    control = Control()
    async with control.serving():
        """For a port."""
    with reporting(tmp_path, control) as reporter:
        for _ in range(3):
            reporter.report()
        async with control.serving():
            await control.until([1, 2, 3])
            await reporter.until_empty()


async def test_what_got_no_receipt_is_told_again_on_the_next_connection(tmp_path: Path) -> None:
    control = Control(receipts=False)
    async with control.serving():
        with reporting(tmp_path, control) as reporter:
            reporter.report()
            await control.until([1])
    control.receipts = True
    async with control.serving():
        with reporting(tmp_path, control) as reporter:
            await control.until([1, 1])
            await reporter.until_empty()
