"""One running control: store, controllers, sockets and APIs on one event loop, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable

import structlog

from tidegate.control import garbage
from tidegate.control.controllers.driver import Driver
from tidegate.control.http_server import (
    SHUTDOWN_SECONDS_MAX,
    Application,
    HttpServer,
    Receive,
    Scope,
    Send,
)
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.settings import ControlSettings, SettingsError
from tidegate.control.store import Store
from tidegate.control.store.logs import LogStore
from tidegate.control.store.series import SeriesStore
from tidegate.fleet.exposition import Exposition
from tidegate.fleet.loop_lag import LagMeter

# Between two looks at whether the database is still ours. A standby takes over after about 11 s.
LEASE_CHECK_SECONDS = 2.0
# What comes late comes now, if nobody asks for anything.
FIRST_ANSWER_SECONDS_MAX = 0.1

Later = Callable[[], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Serving:
    """Runs the parts that it is given. `run` returns the process's exit code.

    `before_driving` and `beside` come when the first request is answered: what must precede the driver,
    and what goes on beside everything else. `close_streams` ends what `http` would go on answering for ever.
    """

    def __init__(
        self,
        settings: ControlSettings,
        *,
        store: Store,
        series: SeriesStore,
        logs: LogStore,
        driver: Driver,
        nodes: NodeApplication,
        http: Application,
        lag: LagMeter,
        exposition: Exposition,
        before_driving: Later,
        beside: Later,
        close_streams: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._series = series
        self._logs = logs
        self._driver = driver
        self._nodes = nodes
        self._http = http
        self._lag = lag
        self._exposition = exposition
        self._before_driving = before_driving
        self._beside = beside
        self._close_streams = close_streams
        self._stopping = asyncio.Event()
        self._answered = asyncio.Event()

    def stop(self) -> None:
        """Have `run` return 0, as SIGTERM and SIGINT do."""
        self._stopping.set()

    async def run(self) -> int:
        """Serve until told to stop (0), or until the database is lost or a part fails (1)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self._nodes.agents.reset()
        server = HttpServer(self._application)
        jobs = [
            asyncio.create_task(server.serve(sockets=[listening_socket(self._settings)]), name="http"),
            asyncio.create_task(self._drive(), name="driver"),
            asyncio.create_task(self._lag.run(), name="lag"),
            asyncio.create_task(self._exposition.run(), name="exposition"),
            asyncio.create_task(self._series.run(), name="series"),
            asyncio.create_task(self._logs.run(), name="logs"),
            asyncio.create_task(self._keep_lease(), name="lease"),
            asyncio.create_task(garbage.thaw_daily(), name="garbage"),
        ]
        beside = asyncio.create_task(self._when_answered(self._beside))
        stopping = asyncio.create_task(self._stopping.wait())
        lost = asyncio.create_task(self._store.lost())
        await asyncio.wait([stopping, lost, *jobs], return_when=asyncio.FIRST_COMPLETED)
        exit_code = 0 if stopping.done() else 1
        _log.info("control stops", reason="told to" if stopping.done() else _why(lost, jobs))
        await self._stop(server, jobs)
        for waiter in (stopping, lost, beside):
            waiter.cancel()
        return exit_code

    async def _stop(self, server: HttpServer, jobs: list[asyncio.Task[None]]) -> None:
        # Nodes first: the server itself would close their sockets with a code on which they back off.
        await self._nodes.close()
        self._close_streams()
        server.should_exit = True
        await asyncio.wait(jobs[:1], timeout=SHUTDOWN_SECONDS_MAX)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._series.close()
        await self._logs.close()
        await self._store.close()

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._nodes(scope, receive, send)
        else:
            await self._http(scope, receive, send)
        self._answered.set()

    async def _drive(self) -> None:
        await self._when_answered(self._before_driving)
        await self._driver.run()

    async def _when_answered(self, later: Later) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ANSWER_SECONDS_MAX):
                await self._answered.wait()
        await later()

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(LEASE_CHECK_SECONDS)
            if self._settings.is_lease_remote:
                await self._store.check()


def listening_socket(settings: ControlSettings) -> socket.socket:
    """The inherited socket, or one bound here. Raises SettingsError."""
    if settings.listen_fd is not None:
        return socket.socket(fileno=settings.listen_fd)
    assert settings.listen is not None
    host, _, port = settings.listen.rpartition(":")
    if not host or not port.isdigit():
        raise SettingsError(f"--listen takes HOST:PORT, not {settings.listen}")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listener.close()
        raise SettingsError(f"{settings.listen} cannot be used: {error.strerror}") from error
    return listener


def _why(lost: asyncio.Task[None], jobs: list[asyncio.Task[None]]) -> str:
    if lost.done():
        return "the database is lost"
    ended = next(job for job in jobs if job.done())
    if not ended.cancelled() and ended.exception() is not None:
        _log.error("a part of control failed", part=ended.get_name(), exc_info=ended.exception())
    return f"its part {ended.get_name()} ended"
