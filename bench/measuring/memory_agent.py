"""A node session that is its own agent: no process, no socket."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from tidegate.control.decisions.task_reports import TaskReport, reported_task
from tidegate.control.nodes.session import SessionClosedError
from tidegate.control.store import Store, Transaction
from tidegate.control.store.tables import TASKS
from tidegate.domain.time import SystemClock


class MemoryAgent:
    """It acknowledges at once, and reports RUNNING, and STOPPED when told."""

    def __init__(self, store: Store, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock
        self._said: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue()
        self._jobs: set[asyncio.Task[None]] = set()

    async def receive(self) -> tuple[str, Mapping[str, Any]]:
        return await self._said.get()

    async def send(self, type_: str, message: Mapping[str, Any]) -> None:
        if type_ == "HeartbeatMessage":
            self._said.put_nowait(("HeartbeatAckRequest", {"messageId": message["messageId"]}))
        elif type_ == "PayloadMessage":
            self._said.put_nowait(("AckRequest", {"messageId": message["messageId"]}))
            for task in message["tasks"]:
                job = asyncio.create_task(self._report(task["arn"], task["desiredStatus"]))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)

    async def close(self, code: int) -> None:
        raise SessionClosedError(str(code))

    async def _report(self, arn: str, status: str) -> None:
        # Containers take their time to start and stop; they do not all report at one instant.
        await asyncio.sleep(random.uniform(0.1, 1.0))

        def report(tx: Transaction) -> None:
            task = tx.get(TASKS, arn)
            if task is not None:
                tx.put(TASKS, reported_task(task, TaskReport(status=status), self._clock.now()))

        await self._store.transact(report)
