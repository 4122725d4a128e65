"""Keeps the process that delivers logs running while any load balancer keeps some."""

from __future__ import annotations

import asyncio
import sys

import msgspec
import structlog

from tidegate.balancer.logs.settings import LogSettings
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import EdgeDocument

_RESTART_SECONDS, _RESTART_SECONDS_MAX = 1.0, 60.0
# Who has lived as long is started again soon.
_STABLE_SECONDS = 60.0
_FINISH_SECONDS = 15.0

_log = structlog.get_logger(__name__)


class LogKeeper:
    """The process has a pipe of ours as its input, and ends, all delivered, when that does: with us too."""

    def __init__(self, settings: BalancerSettings) -> None:
        self._told = None if settings.buckets is None else _told(settings, str(settings.buckets))
        self._child: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process's, while it runs."""
        child = self._child
        return None if child is None or child.returncode is not None else child.pid

    def look(self, edge: EdgeDocument) -> None:
        """Start it, soon, when the document asks for logs. Once it runs it goes on: raw lines of a load
        balancer that keeps logs no longer may still come."""
        if self._told is not None and any(balancer.logs for balancer in edge.load_balancers):
            self._wanted.set()

    async def run(self) -> None:
        """Keep it running; whatever it dies of, it goes on where it was."""
        await self._wanted.wait()
        loop, pause = asyncio.get_running_loop(), _RESTART_SECONDS
        while True:
            assert self._told is not None
            began = loop.time()
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tidegate.balancer.logs", self._told),
                stdin=asyncio.subprocess.PIPE,
                # Ctrl-C is for us, and it may take a moment longer. A session of its own would set it level
                # with us: the kernel shares out time among sessions first.
                process_group=0,
            )
            status = await self._child.wait()
            _log.error("the delivery of logs died: starting it again", status=status)
            if loop.time() - began > _STABLE_SECONDS:
                pause = _RESTART_SECONDS
            await asyncio.sleep(pause)
            pause = min(_RESTART_SECONDS_MAX, pause * 2)

    async def finish(self) -> None:
        """Have it deliver what there is, and end it."""
        if self._child is None or self._child.stdin is None or self._child.returncode is not None:
            return
        self._child.stdin.close()
        try:
            async with asyncio.timeout(_FINISH_SECONDS):
                await self._child.wait()
        except TimeoutError:
            self._child.kill()


def _told(settings: BalancerSettings, buckets: str) -> str:
    told = LogSettings(
        folder=str(settings.data_dir.absolute()),
        buckets=buckets,
        interval_seconds=settings.log_interval_seconds,
        s3_endpoint=settings.s3_endpoint,
    )
    return msgspec.json.encode(told).decode()
