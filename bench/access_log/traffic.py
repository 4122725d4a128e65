"""Requests to two load balancers of one HAProxy, in slices by turns: one keeps logs, the other none."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load_balancer import documents, wrk
from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import Product, targets, targets_haproxy
from bench.load_balancer.wrk import Slice
from bench.measuring.processes import cores, pin

_PORTS = (20_000, 20_001)
_LOGGING_ADDRESS = f"{Product.network}.2.2"


@dataclass(frozen=True, slots=True)
class Found:
    """Slices without logs, and with; all requests that were logged, those of warming up too."""

    without: Sequence[Slice]
    logged: Sequence[Slice]
    requests_logged: int


class TwoLoadBalancers(Product):
    """The second logs its requests and connections."""

    async def _furnish(self, groups: list[list[Target]], *_: Any) -> None:
        self.groups, self._generations = [[] for _ in groups], [0] * len(groups)
        for number, group in enumerate(groups):
            await self.change(number, group)
        await self.control.tell("EdgeDocument", _edge(self.address))
        wanted = sum(map(len, groups))
        await self.control.until(
            f"{wanted} healthy targets", lambda: sum(self.control.healthy.values()) == wanted
        )
        await self.control.until("the listeners", lambda: len(self.control.edge.get("listeners", ())) == 2)
        await self.control.until("the maker of logs", lambda: bool(self.log_maker))


async def measure(folder: Path, seconds: int, rounds: int, connections: int) -> Found:
    """Raises LoadFailedError."""
    backend = targets_haproxy(folder)
    try:
        groups = [targets(backend.port, 2), targets(backend.port, 2, first=2)]
        async with TwoLoadBalancers(folder).running(groups) as product:
            return await _by_turns(product, backend.pids, seconds, rounds, connections)
    finally:
        backend.stop()


async def _by_turns(
    product: TwoLoadBalancers, backend: list[int], seconds: int, rounds: int, connections: int
) -> Found:
    measured, other = cores()
    pin(measured, product.haproxy)
    pin(other, [os.getpid(), *backend, product.python, *product.log_maker])
    found: dict[str, list[Slice]] = {product.address: [], _LOGGING_ADDRESS: []}
    places = list(zip(found, _PORTS, strict=True))
    logged = 0
    for number in range(rounds + 1):
        # Whoever comes second finds the machine as the first left it: so the order changes.
        for address, port in places if number % 2 else places[::-1]:
            slice_ = await asyncio.to_thread(
                wrk.load, other, address, port, seconds, connections, product.haproxy, product.log_maker
            )
            logged += slice_.requests if address == _LOGGING_ADDRESS else 0
            # The first round is warming up.
            if number:
                found[address].append(slice_)
    return Found(found[product.address], found[_LOGGING_ADDRESS], logged)


def _edge(address: str) -> dict[str, object]:
    edge = documents.edge(address, list(_PORTS))
    [plain] = edge["load_balancers"]
    first, second = plain["listeners"]
    logging = {
        **plain,
        "arn": plain["arn"].replace("app/bench/0", "app/bench/1"),
        "name": "logging",
        "dns_name": "logging.elb.localhost",
        "address": _LOGGING_ADDRESS,
        "listeners": [second],
        "logs": [{"kind": kind, "bucket": "bench"} for kind in ("access", "connection")],
    }
    edge["load_balancers"] = [{**plain, "listeners": [first]}, logging]
    return edge
