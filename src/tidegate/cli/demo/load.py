"""A load generator: an open loop of requests at a steady rate, every failure kept.

It runs in a thread with an event loop of its own, so that the story goes on beside it. Arrivals do
not wait for answers: a stalled service shows as slow or failed requests, not as a lower rate.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from tidegate.cli.demo.http import Connection, RequestFailedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of request. `weight` is its share of the mix; `body` makes a new body per request.

    `keep_alive` False opens a new connection for each request. `is_repeatable` says that a client
    could send it twice without harm, so that nothing but a real outage may fail it.
    """

    name: str
    method: str = "GET"
    path: str = "/"
    weight: int = 1
    keep_alive: bool = True
    is_repeatable: bool = True
    body: Callable[[int], bytes] | None = None
    accepted: tuple[int, ...] = (200,)
    timeout_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Failure:
    """`number` is the request's, as `Kind.body` got it."""

    kind: str
    number: int
    is_repeatable: bool
    sent_at: float
    failed_at: float
    reason: str


@dataclass(slots=True)
class Tally:
    """What happened between two marks. `latencies` are in seconds, by kind; `answered_once` holds the
    numbers of the answered requests that a client may not repeat."""

    sent: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    answered_once: list[int] = field(default_factory=list)
    latencies: dict[str, list[float]] = field(default_factory=dict)

    @property
    def completed(self) -> int:
        return self.answered.total()

    def percentile(self, share: float, *kinds: str) -> float:
        """The latency in seconds below which `share` of the answered requests stayed, of all kinds or of
        these."""
        ordered = sorted(
            chain.from_iterable(self.latencies.get(kind, ()) for kind in kinds or self.latencies)
        )
        if not ordered:
            return 0.0
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def reasons(self) -> str:
        """The failures by kind and reason, for people."""
        counts = Counter(f"{failure.kind}: {failure.reason}" for failure in self.failures)
        return "; ".join(f"{count} x {text}" for text, count in counts.most_common())


class LoadGenerator:
    """Sends `rate` requests a second to one load balancer until stopped.

    `mark()` hands out the tally since the last mark and begins a new one; requests in flight count
    where they end.
    """

    def __init__(self, address: str, port: int, *, host: str, rate: float, kinds: Sequence[Kind]) -> None:
        self._address, self._port, self._host = address, port, host
        self._interval = 1.0 / rate
        self._mix = [kind for kind in kinds for _ in range(kind.weight)]
        # Each kind all the time, and every run the same: a rare kind in one burst would miss most troubles.
        random.Random(0).shuffle(self._mix)
        self._idle: list[Connection] = []
        self._tally = Tally()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="load", daemon=True)

    def __enter__(self) -> LoadGenerator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> Tally:
        """Send nothing more, wait for what is in flight, and hand out the last tally."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=60)
        return self.mark()

    def mark(self) -> Tally:
        with self._lock:
            tally, self._tally = self._tally, Tally()
        return tally

    async def _run(self) -> None:
        jobs: set[asyncio.Task[None]] = set()
        due, number = time.monotonic(), 0
        while not self._stopping.is_set():
            job = asyncio.create_task(self._send(number, self._mix[number % len(self._mix)]))
            jobs.add(job)
            job.add_done_callback(jobs.discard)
            number += 1
            due += self._interval
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        if jobs:
            await asyncio.wait(jobs, timeout=45)
        for connection in self._idle:
            connection.close()

    async def _send(self, number: int, kind: Kind) -> None:
        sent_at = time.monotonic()
        with self._lock:
            self._tally.sent += 1
        connection: Connection | None = None
        try:
            connection = await self._connection(kind)
            response = await connection.request(
                kind.method,
                kind.path,
                host=self._host,
                headers={"Content-Type": "application/json"} if kind.body else None,
                body=kind.body(number) if kind.body else b"",
                keep_alive=kind.keep_alive,
                timeout_seconds=kind.timeout_seconds,
            )
        except RequestFailedError as error:
            self._record_failure(kind, number, sent_at, str(error))
            return
        if kind.keep_alive and connection.is_open:
            self._idle.append(connection)
        if response.status not in kind.accepted:
            self._record_failure(kind, number, sent_at, f"status {response.status}")
            return
        with self._lock:
            self._tally.answered[kind.name] += 1
            self._tally.latencies.setdefault(kind.name, []).append(time.monotonic() - sent_at)
            if not kind.is_repeatable:
                self._tally.answered_once.append(number)

    async def _connection(self, kind: Kind) -> Connection:
        while kind.keep_alive and self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return await Connection.open(self._address, self._port, kind.timeout_seconds)

    def _record_failure(self, kind: Kind, number: int, sent_at: float, reason: str) -> None:
        failure = Failure(kind.name, number, kind.is_repeatable, sent_at, time.monotonic(), reason)
        with self._lock:
            self._tally.failures.append(failure)
