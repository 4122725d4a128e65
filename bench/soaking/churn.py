"""The changes: targets come and go every second, weights move, rules change, certificates rotate."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import Product, targets
from bench.soaking import documents

TARGETS = 4
# Longer than anything that clients do with a target.
_DRAIN_SECONDS = 12.0
_RULES_EVERY, _CERTIFICATES_EVERY = 3, 5


class SoakedProduct(Product):
    """`tidegate balancer`, told what this bench wants of it."""

    # Other benches may run beside this one, which takes long.
    network = "127.64"

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder)
        self._port = port
        self._random = random.Random(1)
        self._taken = 0
        self._generation = 1
        self._certificate = documents.new_certificate()
        self.active = [self._newcomers(TARGETS) for _ in range(documents.GROUPS)]
        self.draining: list[dict[Target, float]] = [{} for _ in range(documents.GROUPS)]
        self.edge_generation = 0
        self.changes = 0

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Changes, each second, until the block ends."""
        job = asyncio.create_task(self._change_on())
        try:
            yield
        finally:
            job.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await job

    async def settle(self) -> None:
        """Nothing drains any more."""
        for number in range(documents.GROUPS):
            self.draining[number] = {}
            await self._tell_group(number)

    async def _furnish(self, *_: Any) -> None:
        for number in range(documents.GROUPS):
            await self._tell_group(number)
        await self._tell_edge(1, 0)
        wanted = TARGETS * documents.GROUPS
        await self.control.until(
            f"{wanted} healthy targets", lambda: sum(self.control.healthy.values()) == wanted
        )
        await self.control.until("the listeners", lambda: bool(self.control.edge.get("listeners")))

    async def _change_on(self) -> None:
        for second in range(1, 10**9):
            await asyncio.sleep(1)
            for number in range(documents.GROUPS):
                self._churn(number)
                await self._tell_group(number)
            if second % _CERTIFICATES_EVERY == 0:
                self._certificate = documents.new_certificate()
            await self._tell_edge(self._random.randint(0, 9), second // _RULES_EVERY)
            self.changes += 1 + documents.GROUPS

    def _churn(self, number: int) -> None:
        """One more target, and the oldest leaves; who has drained is gone."""
        now = time.time()
        kept = {one: deadline for one, deadline in self.draining[number].items() if deadline > now}
        oldest, *others = self.active[number]
        self.active[number] = [*others, *self._newcomers(1)]
        self.draining[number] = kept | {oldest: now + _DRAIN_SECONDS}

    def _newcomers(self, count: int) -> list[Target]:
        self._taken += count
        return targets(self._port, count, first=self._taken)

    async def _tell_group(self, number: int) -> None:
        self._generation += 1
        group = documents.group(number, self._generation, self.active[number], self.draining[number])
        await self.control.tell("GroupDocument", group)

    async def _tell_edge(self, weight: int, rules: int) -> None:
        """`weight` of the first group, of 10; nobody is ever without a target."""
        self._generation += 1
        self.edge_generation = self._generation
        weights = [weight, 10 - weight]
        edge = documents.edge(self._generation, self.address, weights, rules, self._certificate)
        await self.control.tell("EdgeDocument", edge)
