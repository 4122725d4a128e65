"""One driver for all controllers: timers, wake-ups, never twice at once for one key, back-off.

A controller has no loop of its own. It says which keys a commit may concern, and reconciles one key by
looking at the whole truth about it; what it raises comes here, is logged once, and is tried again after
a growing delay, while every other key goes on.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from tidegate.control.store import Change, Snapshot, Store
from tidegate.domain.time import Clock

RESYNC_EVERY = timedelta(seconds=60)
BACK_OFF_FIRST_SECONDS = 0.2
BACK_OFF_SECONDS_MAX = 30.0

_log = structlog.get_logger(__name__)


class Controller(Protocol):
    """Load, decide, commit for one key at a time."""

    name: str

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        """The keys that a commit may concern. Naming one too many costs a look, one too few a minute."""
        ...

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        """Every key: looked at on start, and once a minute in case a signal was missed."""
        ...

    async def reconcile(self, key: str) -> datetime | None:
        """One pass; returns when time alone may call for the next one."""
        ...


@dataclass(slots=True)
class LoopStatus:
    """What `tidegate status` shows of a controller."""

    passes: int = 0
    errors: int = 0
    last_key: str = ""
    last_reason: str = ""
    last_seconds: float = 0.0
    last_error: str = ""
    last_at: datetime | None = None
    longest_seconds: float = 0.0


class Driver:
    """Runs controllers over one store until cancelled."""

    def __init__(self, store: Store, controllers: Sequence[Controller], clock: Clock) -> None:
        self._store = store
        self._controllers = controllers
        self._clock = clock
        self._ready: dict[tuple[int, str], str] = {}
        self._timers: list[tuple[datetime, int, str]] = []
        self._failures: dict[tuple[int, str], int] = {}
        self._wake = asyncio.Event()
        self.status = {controller.name: LoopStatus() for controller in controllers}
        store.subscribe(self._on_commit)

    def _on_commit(self, changes: list[Change]) -> None:
        for number, controller in enumerate(self._controllers):
            for key in controller.keys_to_wake(changes):
                self._ready.setdefault((number, key), "commit")
        self._wake.set()

    def resync(self, reason: str) -> None:
        """Make every key of every controller ready."""
        for number, controller in enumerate(self._controllers):
            for key in controller.all_keys(self._store.snapshot):
                self._ready.setdefault((number, key), reason)
        self._wake.set()

    async def run(self) -> None:
        """Reconcile what is ready, then wait for a signal or the next timer."""
        self.resync("start")
        next_resync = self._clock.now() + RESYNC_EVERY
        while True:
            if self._clock.now() >= next_resync:
                self.resync("resync")
                next_resync = self._clock.now() + RESYNC_EVERY
            await self.settle()
            await self._wait(next_resync)

    async def settle(self) -> int:
        """Reconcile until nothing is ready at this instant; the number of passes. The heart of `run`,
        and all that a simulation needs."""
        passes = 0
        self._fire_timers()
        while self._ready:
            (number, key), reason = next(iter(self._ready.items()))
            del self._ready[number, key]
            await self._pass(number, key, reason)
            passes += 1
            # Requests and sessions get their turn between two passes.
            await asyncio.sleep(0)
            self._fire_timers()
        return passes

    def next_timer(self) -> datetime | None:
        return self._timers[0][0] if self._timers else None

    async def _pass(self, number: int, key: str, reason: str) -> None:
        controller, status = self._controllers[number], self.status[self._controllers[number].name]
        began = self._clock.monotonic()
        try:
            next_look = await controller.reconcile(key)
            self._failures.pop((number, key), None)
        except Exception as error:
            failures = self._failures.get((number, key), 0)
            self._failures[number, key] = failures + 1
            delay = min(BACK_OFF_SECONDS_MAX, BACK_OFF_FIRST_SECONDS * 2.0**failures)
            next_look = self._clock.now() + timedelta(seconds=delay)
            status.errors += 1
            status.last_error = f"{type(error).__name__}: {error}"
            _log.exception("controller pass failed", controller=controller.name, key=key, retry_in=delay)
        if next_look is not None:
            heapq.heappush(self._timers, (next_look, number, key))
        status.passes += 1
        status.last_key, status.last_reason, status.last_at = key, reason, self._clock.now()
        status.last_seconds = self._clock.monotonic() - began
        status.longest_seconds = max(status.longest_seconds, status.last_seconds)

    def _fire_timers(self) -> None:
        now = self._clock.now()
        while self._timers and self._timers[0][0] <= now:
            _, number, key = heapq.heappop(self._timers)
            self._ready.setdefault((number, key), "timer")

    async def _wait(self, next_resync: datetime) -> None:
        self._wake.clear()
        if self._ready:
            return
        until = min(self.next_timer() or next_resync, next_resync)
        seconds = max(0.0, (until - self._clock.now()).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
