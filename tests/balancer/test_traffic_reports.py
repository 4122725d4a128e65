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
from tidegate.balancer.dispatch import Dispatch
from tidegate.balancer.logs.follow import Position
from tidegate.balancer.settings import BalancerSettings
from tidegate.balancer.spool import Spool
from tidegate.fleet.balancing import BALANCER_PATH, TrafficReport
from tidegate.testing.balancing.running import eventually

pytestmark = pytest.mark.timeout(30)


@dataclass
class Control:
    """`receipts`: whether it says what it has kept, and how long after."""

    receipts: bool = True
    seconds: float = 0
    # How many reports came before the receipt of an earlier one was sent.
    early: int = 0
    unanswered: int = 0
    heard: list[int] = field(default_factory=list)
    url: str = ""
    port: int = 0
    _answers: set[asyncio.Task[None]] = field(default_factory=set)

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
                self.early += self.unanswered > 0
                self.unanswered += 1
                if self.receipts:
                    answer = self._answer(socket, message["source"], message["sequence"])
                    self._answers.add(asyncio.create_task(answer))
        return socket

    async def _answer(self, socket: web.WebSocketResponse, source: str, sequence: int) -> None:
        await asyncio.sleep(self.seconds)
        self.unanswered -= 1
        receipt = {"source": source, "sequence": sequence}
        await socket.send_json({"type": "TrafficReceipt", "message": receipt})


@dataclass
class Reporter:
    """A spool, and the session through which its reports go."""

    spool: Spool
    dispatch: Dispatch

    def report(self) -> None:
        before = self.spool.progress
        report = TrafficReport(
            source=before.source, sequence=before.sequence + 1, began=0, seconds=5, samples=()
        )
        self.spool.put(report, Position())
        self.dispatch.look(0)

    async def until_empty(self) -> None:
        await eventually(lambda: not self.spool.waiting)


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
    dispatch = Dispatch(spool, lambda frame: session.send(frame))
    session = ControlSession(
        settings, lambda _: None, lambda: [*dispatch.begin(0)], lambda receipt: dispatch.receive(receipt, 0)
    )
    job = asyncio.create_task(session.run())
    try:
        yield Reporter(spool, dispatch)
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


async def test_after_an_outage_a_report_goes_when_control_has_the_one_before(tmp_path: Path) -> None:
    control = Control(seconds=0.01)
    async with control.serving():
        """For a port."""
    with reporting(tmp_path, control) as reporter:
        for _ in range(5):
            reporter.report()
        async with control.serving():
            await control.until([1, 2, 3, 4, 5])
            # One that is made now waits for its turn too.
            reporter.report()
            await control.until([1, 2, 3, 4, 5, 6])
            await reporter.until_empty()
    assert control.early == 0


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
