"""How many durable transactions a store makes a second, with so many tasks in it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tidegate.control.store import Store, Transaction
from tidegate.control.store.opening import open_database
from tidegate.control.store.tables import ALL, TASKS
from tidegate.domain.ecs import Task

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTANCES = 100
SERVICES = 100


@dataclass(frozen=True, slots=True)
class Rate:
    """The first two a second: a disk commit holds the transactions of all who called meanwhile.
    `cpu_microseconds`: CPU time of one transaction, the writer's thread included."""

    transactions: float
    disk_commits: float
    cpu_microseconds: float


class FilledStore:
    """A store of its own with so many tasks in it. `tasks` is what its transactions touch, in turn."""

    def __init__(self, url: str, tasks: int) -> None:
        self.tasks = tasks
        self._url = url
        self._next = 0

    async def open(self) -> None:
        self._store = Store(open_database(self._url), ALL)
        self._store.load()
        await self._store.transact(self._fill)

    async def rate(self, callers: int, seconds: float) -> Rate:
        """With so many concurrent callers."""
        until = time.perf_counter() + seconds
        first, before = self._next, self._store.commits
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._call(until) for _ in range(callers)))
        elapsed, cpu, done = time.perf_counter() - began, time.process_time() - cpu, self._next - first
        return Rate(done / elapsed, (self._store.commits - before) / elapsed, cpu / done * 1e6)

    async def close(self) -> None:
        await self._store.close()

    async def load_seconds(self) -> float:
        """How long a new process needs to read it all; the store must be closed."""
        again = Store(open_database(self._url), ALL)
        began = time.perf_counter()
        again.load()
        seconds = time.perf_counter() - began
        await again.close()
        return seconds

    def _fill(self, tx: Transaction) -> None:
        for number in range(self.tasks):
            tx.put(TASKS, _task(number))

    async def _call(self, until: float) -> None:
        while time.perf_counter() < until:
            arn = _task(self._next % self.tasks).arn
            self._next += 1

            def touch(tx: Transaction, arn: str = arn) -> None:
                row = tx.get(TASKS, arn)
                assert row is not None
                tx.put(TASKS, replace(row, version=row.version + 1))

            await self._store.transact(touch)


def _task(number: int) -> Task:
    return Task(
        arn=f"arn:aws:ecs:us-east-1:000000000000:task/main/{number:032x}",
        cluster_arn="arn:aws:ecs:us-east-1:000000000000:cluster/main",
        task_definition_arn="arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
        group="service:web",
        service_arn=f"service-{number % SERVICES}",
        container_instance_arn=f"instance-{number % INSTANCES}",
        availability_zone="us-east-1a",
        created_at=NOW,
    )
