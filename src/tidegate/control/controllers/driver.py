"""One driver for all controllers: timers, wake-ups, never twice at once for one key, back-off.

Theory of operation. A controller looks at one key (a service, a target group) at a time, always at the
whole truth. A key is *due* at some instant: because a commit signalled it, because its last pass asked
to look again then, because the regular look at all keys came round, or because its back-off ended. Due
keys start in order, each in a job of its own, so that passes which wait for the disk share its commits.
One pass starts per turn of the event loop: however many keys a commit wakes, requests and sockets have
their turns in between. A key that is woken while its pass runs is looked at again afterwards, never
twice at once.

A pass that raises is the controller's bug or the disk's refusal: its key alone waits, 0.5 s, 1 s, 2 s,
at most 15 s, and signals do not shorten that, since a failing pass could be woken by its own doings. A
`Conflict` is neither: the world moved between look and commit, so the key is due again at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from tidegate.control.controllers.loop_lag import Holding, timed
from tidegate.control.store import Change, Changes, Conflict, Snapshot, Store, committing
from tidegate.domain.time import Clock
from tidegate.fleet.durations import Durations

BACK_OFF_FIRST_SECONDS = 0.5
BACK_OFF_SECONDS_MAX = 15.0
# Conflicts in a row that are taken as bad luck before they are taken as an error.
CONFLICTS_MAX = 20
# Between two looks at all keys. Signals make these looks unnecessary, but for the bug that forgets one.
LOOK_AROUND_SECONDS = 60.0
# A pass that asks for a look now, over and over, must not spin.
LOOK_AGAIN_SECONDS_MIN = 0.01
# Passes that wait for the disk at the same time; beyond that they would only fill memory.
JOBS_MAX = 64
# Datetimes count in microseconds and monotonic clocks in floats: less than this apart is the same instant.
SAME_INSTANT_SECONDS = 1e-5

_log = structlog.get_logger(__name__)


class Controller(Protocol):
    """Load, decide, commit for one key at a time. It holds no timer and no retry."""

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
    """What `tidegate status` shows of a controller. `failing`: what the last pass of a key raised."""

    passes: int = 0
    errors: int = 0
    last_key: str = ""
    last_reason: str = ""
    last_outcome: str = ""
    last_seconds: float = 0.0
    last_at: datetime | None = None
    longest_seconds: float = 0.0
    longest_hold_seconds: float = 0.0
    failing: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Entry:
    """A key that is due, runs or fails; forgotten when it is none of these."""

    controller: Controller
    key: str
    due: float | None = None
    reason: str = ""
    is_running: bool = False
    is_woken: bool = False
    is_first: bool = False
    failures: int = 0
    conflicts: int = 0


@dataclass(slots=True)
class PassRecord:
    """A controller's passes since the start: by how they ended, how long they took, and how many
    transactions that changed anything they made."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    durations: Durations = field(default_factory=Durations)
    commits: int = 0


class Driver:
    """Runs controllers over one store. `run` drives for ever; a simulation calls `settle` instead."""

    def __init__(self, store: Store, controllers: Sequence[Controller], clock: Clock) -> None:
        self._store = store
        self._controllers: dict[str, Controller] = {}
        self._clock = clock
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._queue: list[tuple[float, int, _Entry]] = []
        self._order = itertools.count()
        self._jobs: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._look_around_at = clock.monotonic()
        self.status: dict[str, LoopStatus] = {}
        self.passes: dict[str, PassRecord] = {}
        # Keys that were there at the start and have not been looked at; None: nobody has counted them.
        self._unseen: int | None = None
        self.take(controllers)
        store.subscribe(self._hear)

    def take(self, controllers: Iterable[Controller]) -> None:
        """Drive these as well; before `run`, whose first look finds what was signalled until then."""
        for controller in controllers:
            self._controllers[controller.name] = controller
            self.status[controller.name] = LoopStatus()
            self.passes[controller.name] = PassRecord()

    @property
    def unseen(self) -> int | None:
        """How many keys that control found at its start still wait for their first pass; None before the
        first look."""
        return self._unseen

    @property
    def pending(self) -> Counter[str]:
        """How many keys of each controller are due, run, or wait for a time."""
        return Counter(controller for controller, _ in list(self._entries))

    def wake(self, controller: str, key: str, reason: str = "commit") -> None:
        """Have a key looked at as soon as may be."""
        entry = self._entry(self._controllers[controller], key)
        if entry.is_running:
            entry.is_woken = True
        elif not entry.failures:
            self._schedule(entry, self._clock.monotonic(), reason)

    async def run(self) -> None:
        """Drive until cancelled."""
        try:
            while True:
                await self._start_due()
                await self._idle()
        finally:
            await self._end_jobs()

    async def settle(self) -> int:
        """Run what is due now, and what that wakes, until nothing is due before the clock moves; the
        number of passes."""
        before = sum(status.passes for status in self.status.values())
        while self._is_due() or self._jobs:
            await self._start_due()
            if self._jobs:
                await asyncio.wait(set(self._jobs), return_when=asyncio.FIRST_COMPLETED)
        return sum(status.passes for status in self.status.values()) - before

    def _hear(self, changes: Changes) -> None:
        for controller in self._controllers.values():
            try:
                keys = sorted(set(controller.keys_to_wake(changes)))
            except Exception:
                # The look at all keys will find what this signal should have told.
                _log.exception("controller cannot read a signal", controller=controller.name)
                continue
            for key in keys:
                self.wake(controller.name, key)

    def _look_around(self) -> None:
        now = self._clock.monotonic()
        if now < self._look_around_at:
            return
        self._look_around_at = now + LOOK_AROUND_SECONDS
        if self._unseen is not None:
            # Spread, so that a large region never looks at everything at once.
            self._look_at_all("resync", spread_seconds=LOOK_AROUND_SECONDS / 2)
        else:
            self._unseen = 0
            self._look_at_all("start", spread_seconds=0.0)

    def _look_at_all(self, reason: str, *, spread_seconds: float) -> None:
        now = self._clock.monotonic()
        for controller in self._controllers.values():
            keys = sorted(controller.all_keys(self._store.snapshot))
            for number, key in enumerate(keys):
                entry = self._entry(controller, key)
                if reason == "start" and not entry.is_first:
                    entry.is_first = True
                    self._unseen = (self._unseen or 0) + 1
                if not entry.is_running and not entry.failures:
                    self._schedule(entry, now + spread_seconds * number / len(keys), reason)

    def _entry(self, controller: Controller, key: str) -> _Entry:
        return self._entries.setdefault((controller.name, key), _Entry(controller, key))

    def _schedule(self, entry: _Entry, due: float, reason: str) -> None:
        if entry.due is not None and entry.due <= due:
            return
        entry.due = due
        entry.reason = reason
        heapq.heappush(self._queue, (due, next(self._order), entry))
        self._stirred.set()

    def _drop_superseded(self) -> None:
        while self._queue and self._queue[0][2].due != self._queue[0][0]:
            heapq.heappop(self._queue)

    def _is_due(self) -> bool:
        self._look_around()
        self._drop_superseded()
        return bool(self._queue) and self._queue[0][0] <= self._clock.monotonic() + SAME_INSTANT_SECONDS

    async def _start_due(self) -> None:
        while len(self._jobs) < JOBS_MAX and self._is_due():
            entry = heapq.heappop(self._queue)[2]
            entry.due = None
            entry.is_running = True
            job = asyncio.create_task(self._pass(entry))
            self._jobs.add(job)
            job.add_done_callback(self._ended)
            # The job has its turn, and whatever else waits for one.
            await asyncio.sleep(0)

    def _ended(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        self._stirred.set()

    async def _idle(self) -> None:
        self._stirred.clear()
        self._drop_superseded()
        until = self._look_around_at
        if self._queue:
            until = min(until, self._queue[0][0])
        delay = max(0.0, until - self._clock.monotonic())
        if len(self._jobs) >= JOBS_MAX:
            # Nothing more can start before a job ends, and its end stirs us.
            delay = LOOK_AROUND_SECONDS
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._stirred.wait()

    async def _end_jobs(self) -> None:
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _pass(self, entry: _Entry) -> None:
        status, record = self.status[entry.controller.name], self.passes[entry.controller.name]
        began, reason = self._clock.monotonic(), entry.reason
        holding = Holding()
        look_again: datetime | None = None
        try:
            with committing(record):
                look_again = await timed(entry.controller.reconcile(entry.key), holding)
            outcome = self._succeeded(entry, status)
        except Conflict as error:
            outcome = self._conflicted(entry, status, error)
        except Exception as error:
            outcome = self._failed(entry, status, error)
        status.passes += 1
        status.last_key, status.last_reason, status.last_outcome = entry.key, reason, outcome
        status.last_at, status.last_seconds = self._clock.now(), self._clock.monotonic() - began
        record.outcomes[outcome] += 1
        record.durations.add(status.last_seconds)
        status.longest_seconds = max(status.longest_seconds, status.last_seconds)
        status.longest_hold_seconds = max(status.longest_hold_seconds, holding.seconds_max)
        entry.is_running = False
        if entry.is_first:
            entry.is_first = False
            self._unseen = (self._unseen or 0) - 1
        self._schedule_next(entry, look_again)

    def _succeeded(self, entry: _Entry, status: LoopStatus) -> str:
        if entry.failures:
            _log.info("controller pass succeeds again", controller=entry.controller.name, key=entry.key)
        entry.failures = entry.conflicts = 0
        status.failing.pop(entry.key, None)
        return "done"

    def _conflicted(self, entry: _Entry, status: LoopStatus, error: Conflict) -> str:
        entry.conflicts += 1
        if entry.conflicts >= CONFLICTS_MAX:
            return self._failed(entry, status, error)
        entry.is_woken = True
        return "conflict"

    def _failed(self, entry: _Entry, status: LoopStatus, error: Exception) -> str:
        description = f"{type(error).__name__}: {error}"
        if status.failing.get(entry.key) != description:
            # Once with its traceback, not on every retry.
            _log.error(
                "controller pass failed", controller=entry.controller.name, key=entry.key, exc_info=error
            )
        entry.failures += 1
        status.errors += 1
        status.failing[entry.key] = description
        return "error"

    def _schedule_next(self, entry: _Entry, look_again: datetime | None) -> None:
        now = self._clock.monotonic()
        woken, entry.is_woken = entry.is_woken, False
        if entry.failures:
            back_off = BACK_OFF_FIRST_SECONDS * 2.0 ** min(entry.failures - 1, 10)
            self._schedule(entry, now + min(BACK_OFF_SECONDS_MAX, back_off), "back-off")
        elif woken:
            self._schedule(entry, now, "commit")
        elif look_again is not None:
            delay = (look_again - self._clock.now()).total_seconds()
            self._schedule(entry, now + max(LOOK_AGAIN_SECONDS_MIN, delay), "timer")
        else:
            del self._entries[entry.controller.name, entry.key]
