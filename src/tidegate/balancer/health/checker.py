"""Keeps every target of the used groups probed, and tells each change of a health."""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass

from tidegate.balancer.decisions.health import Health, Probe, next_interval, observe
from tidegate.balancer.health.probe import accepts, probe
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument

Key = tuple[str, str, int]
_SUSPECT_TIMEOUT_SECONDS = 0.5


@dataclass(slots=True)
class _Watched:
    target: GroupTarget
    check: HealthCheckDocument
    health: Health
    due: float
    is_probing: bool = False


class Checker:
    """`on_change(target group, target id, port, health)` is called from the checker's thread."""

    def __init__(self, on_change: Callable[[str, str, int, Health], None]) -> None:
        self._on_change = on_change
        self._watched: dict[Key, _Watched] = {}
        self._queue: list[tuple[float, Key]] = []
        self._jobs: set[asyncio.Task[None]] = set()
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._main, name="health", daemon=True)
        self.probes = 0

    def start(self) -> None:
        self._thread.start()
        self._started.wait()

    def watch(self, groups: Iterable[GroupDocument]) -> None:
        """Probe exactly the targets of these groups; a known target keeps its health."""
        wanted = {
            (group.target_group_arn, target.id, target.port): (target, group.health_check)
            for group in groups
            for target in group.targets
        }
        self._call(lambda: self._set(wanted))

    def suspect(self, target_group_arn: str, target_id: str, port: int, then: Callable[[bool], None]) -> None:
        """See at once whether anything still answers there; `then` is told in the checker's thread."""

        async def look(watched: _Watched) -> None:
            then(await accepts(watched.target.address, watched.target.port, _SUSPECT_TIMEOUT_SECONDS))

        def begin() -> None:
            watched = self._watched.get((target_group_arn, target_id, port))
            if watched is not None:
                self._spawn(look(watched))

        self._call(begin)

    def _call(self, function: Callable[[], None]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(function)

    def _main(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._started.set()
        while True:
            self._begin_due()
            self._wake.clear()
            seconds = self._queue[0][0] - time.monotonic() if self._queue else 60.0
            try:
                async with asyncio.timeout(max(0.0, seconds)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _begin_due(self) -> None:
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            due, key = heapq.heappop(self._queue)
            watched = self._watched.get(key)
            if watched is not None and watched.due == due and not watched.is_probing:
                watched.is_probing = True
                self._spawn(self._probe(key, watched))

    def _spawn(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _probe(self, key: Key, watched: _Watched) -> None:
        began, check, target = time.monotonic(), watched.check, watched.target
        port = target.port if check.port == "traffic-port" else int(check.port)
        outcome = await probe(target.address, port, check.path, check.timeout_seconds)
        self.probes += 1
        watched.is_probing = False
        if self._watched.get(key) is not watched:
            return
        self._settle(key, watched, outcome)
        self._schedule(key, watched, began + next_interval(watched.health, watched.check))

    def _settle(self, key: Key, watched: _Watched, outcome: Probe) -> None:
        before = watched.health
        watched.health = observe(before, outcome, watched.check, time.monotonic())
        told = (before.state, before.reason, before.description)
        if (watched.health.state, watched.health.reason, watched.health.description) != told:
            self._on_change(*key, watched.health)

    def _schedule(self, key: Key, watched: _Watched, due: float) -> None:
        watched.due = due
        heapq.heappush(self._queue, (due, key))
        if self._wake is not None:
            self._wake.set()

    def _set(self, wanted: dict[Key, tuple[GroupTarget, HealthCheckDocument]]) -> None:
        for key in [key for key in self._watched if key not in wanted]:
            del self._watched[key]
        for key, (target, check) in wanted.items():
            known = self._watched.get(key)
            if known is not None and known.target.address == target.address:
                known.target, known.check = target, check
                continue
            now = time.monotonic()
            watched = _Watched(target, check, Health(since=now), now)
            self._watched[key] = watched
            self._schedule(key, watched, now)
