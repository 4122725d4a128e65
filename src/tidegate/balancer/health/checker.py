"""Keeps every target of the watched groups probed, and tells each change of a health."""

from __future__ import annotations

import asyncio
import heapq
import resource
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import structlog
import uvloop

from tidegate.balancer.decisions.checks import Question, question
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import (
    FAST_INTERVAL_SECONDS,
    Health,
    Probe,
    eject,
    next_interval,
    observe,
)
from tidegate.balancer.health.probe import probe
from tidegate.balancer.health.record import Record
from tidegate.fleet.balancing import GroupDocument, HealthCheckDocument

# A target that takes longer to take a connection is as good as gone: requests are waiting for it.
_LOOK_TIMEOUT_SECONDS = 0.5
# Each probe holds a descriptor, of which others of this process need some too. What is due beyond this
# number waits its turn, unasked, and its time does not run.
_PROBES_AT_ONCE_MAX = 1000
# How long checks wait to be recorded together.
_RECORD_SECONDS = 0.25

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    """`due`: the next probe. `counts_from`: when the next check that counts is due."""

    asked: Question
    check: HealthCheckDocument
    health: Health
    due: float
    counts_from: float
    is_probing: bool = False


class Checker:
    """`on_change(target group, (target id, port), health)` is called from the checker's thread. `record`
    gets all checks of the groups that it is for."""

    def __init__(self, on_change: Callable[[str, Key, Health], None], record: Record | None = None) -> None:
        self._on_change = on_change
        self._record = record
        self._groups: dict[str, dict[Key, _Watched]] = {}
        self._queue: list[tuple[float, str, Key]] = []
        self._jobs: set[asyncio.Task[None]] = set()
        self._probing = 0
        self._probing_max = _probes_at_once()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._main, name="health", daemon=True)
        self.probes = 0

    def start(self) -> None:
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Probe no more; no change is told after this."""
        self._call(self._stopping.set)
        self._thread.join(timeout=5)

    def watch(self, group: GroupDocument) -> None:
        """Probe exactly the targets that the document lists, but for those of zones that the load balancer
        does not serve; a known target keeps its health."""
        self._call(lambda: self._set(group))

    def forget(self, target_group_arn: str) -> None:
        self._call(lambda: self._groups.pop(target_group_arn, None))

    def look(self, target_group_arn: str, key: Key) -> None:
        """Probe a target at once, since a request has failed there."""

        def begin() -> None:
            watched = self._find(target_group_arn, key)
            if watched is not None:
                self._spawn(self._look(target_group_arn, key, watched))

        self._call(begin)

    def _call(self, function: Callable[[], object]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(function)

    def _main(self) -> None:
        uvloop.run(self._run())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._started.set()
        await self._stopping.wait()
        if self._record is not None:
            self._record.write()

    def _begin_due(self) -> None:
        """Begin what is due and has room, and come again when the next is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now and self._probing < self._probing_max:
            due, arn, key = heapq.heappop(self._queue)
            watched = self._find(arn, key)
            if watched is not None and watched.due == due and not watched.is_probing:
                watched.is_probing = True
                # What no security group lets through is not asked: it takes nobody's place.
                has_place = watched.asked.is_admitted
                self._probing += has_place
                self._spawn(self._probe(arn, key, watched, has_place=has_place))
        if self._queue and self._probing < self._probing_max:
            assert self._loop is not None
            self._timer = self._loop.call_later(max(0.0, self._queue[0][0] - now), self._begin_due)

    def _spawn(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _probe(self, arn: str, key: Key, watched: _Watched, *, has_place: bool) -> None:
        began, began_at, check = time.monotonic(), time.time(), watched.check
        try:
            outcome = await self._ask(watched, check.timeout_seconds)
        finally:
            watched.is_probing = False
            self._probing -= has_place
        if has_place and self._probing == self._probing_max - 1:
            self._begin_due()
        if self._find(arn, key) is not watched:
            return
        self._note(arn, watched, outcome, began_at, time.monotonic() - began)
        counts = began >= watched.counts_from
        if counts:
            watched.counts_from = began + watched.check.interval_seconds
        self._settle(
            arn, key, watched, observe(watched.health, outcome, check, time.monotonic(), counts=counts)
        )
        self._schedule(arn, key, watched, began + next_interval(watched.health, watched.check))

    async def _look(self, arn: str, key: Key, watched: _Watched) -> None:
        outcome = await self._ask(watched, _LOOK_TIMEOUT_SECONDS)
        if self._find(arn, key) is not watched:
            return
        self._settle(arn, key, watched, eject(watched.health, outcome))
        if watched.health.is_ejected and not watched.is_probing:
            self._schedule(arn, key, watched, time.monotonic() + FAST_INTERVAL_SECONDS)

    async def _ask(self, watched: _Watched, timeout_seconds: float) -> Probe:
        self.probes += 1
        try:
            return await probe(watched.asked, timeout_seconds)
        except Exception:
            # A fault of ours must not keep a target as it is for ever: it is counted, and asked again.
            _log.exception("a check failed", address=watched.asked.address, port=watched.asked.port)
            return Probe(failure="failed")

    def _note(self, arn: str, watched: _Watched, outcome: Probe, began: float, seconds: float) -> None:
        if self._record is None:
            return
        is_first = self._record.is_empty
        self._record.add(arn, watched.asked, outcome, watched.check.matcher, began, seconds)
        if is_first and not self._record.is_empty:
            asyncio.get_running_loop().call_later(_RECORD_SECONDS, self._record.write)

    def _settle(self, arn: str, key: Key, watched: _Watched, health: Health) -> None:
        before, watched.health = watched.health, health
        if _told(before) != _told(health):
            self._on_change(arn, key, health)

    def _schedule(self, arn: str, key: Key, watched: _Watched, due: float) -> None:
        watched.due = due
        heapq.heappush(self._queue, (due, arn, key))
        if self._queue[0][0] == due:
            self._begin_due()

    def _find(self, arn: str, key: Key) -> _Watched | None:
        return self._groups.get(arn, {}).get(key)

    def _set(self, group: GroupDocument) -> None:
        arn, now = group.target_group_arn, time.monotonic()
        before = self._groups.get(arn, {})
        present: dict[Key, _Watched] = {}
        self._groups[arn] = present
        for target in group.targets:
            if not target.is_zone_enabled:
                continue
            key, asked = (target.id, target.port), question(group, target)
            known = before.get(key)
            if known is not None and known.asked.address == asked.address:
                present[key] = known
                known.asked = asked
                self._ask_by(arn, key, known, group.health_check, now)
            else:
                present[key] = _Watched(asked, group.health_check, Health(since=now), now, now)
                self._schedule(arn, key, present[key], now)

    def _ask_by(self, arn: str, key: Key, known: _Watched, check: HealthCheckDocument, now: float) -> None:
        """Follow other settings of checks. A shorter interval shortens what is left of the present one in
        proportion, so that targets that were asked at different times still are."""
        before, known.check = known.check.interval_seconds, check
        if check.interval_seconds >= before:
            return
        share = check.interval_seconds / before
        known.counts_from = now + (known.counts_from - now) * share
        if not known.is_probing:
            self._schedule(arn, key, known, now + (known.due - now) * share)


def _probes_at_once() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(50, min(_PROBES_AT_ONCE_MAX, soft // 2))


def _told(health: Health) -> tuple[object, ...]:
    return health.state, health.reason, health.description, health.is_ejected
