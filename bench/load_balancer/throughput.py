"""Requests a second and CPU time a request: the product's HAProxy and a bare one, in slices by turns."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load_balancer import wrk
from bench.load_balancer.proxies import Product, bare_haproxy, targets, targets_haproxy
from bench.load_balancer.wrk import Slice
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cores, cpu_seconds, pin
from bench.measuring.results import Goal, print_table

REQUESTS = Goal(0.85, unit="x")
TARGETS = 2
# Where a proxy leaves more of its core unused, something else decides how many requests it answers.
FULL = 0.85
IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """Slices of both, and the share of a core that the balancer's Python uses without any load."""

    product: Sequence[Slice]
    bare: Sequence[Slice]
    idle: float


async def measure(folder: Path, seconds: int, rounds: int, connections: int, method: str) -> Found:
    """Raises LoadFailedError."""
    backend = targets_haproxy(folder)
    try:
        own = targets(backend.port, TARGETS)
        bare = bare_haproxy(folder, own)
        try:
            async with Product(folder).running([own]) as product:
                measured, other = cores()
                pin(measured, [*bare.pids, *product.haproxy])
                pin(other, [os.getpid(), *backend.pids, product.python])

                def slice_of_bare() -> Slice:
                    return wrk.load(
                        *(other, "127.0.0.1", bare.port, seconds, connections),
                        bare.pids,
                        [],
                        arguments=[method],
                    )

                def slice_of_product() -> Slice:
                    return wrk.load(
                        *(other, product.address, product.port, seconds, connections),
                        product.haproxy,
                        [product.python],
                        arguments=[method],
                    )

                return await _by_turns(product, slice_of_product, slice_of_bare, rounds)
        finally:
            bare.stop()
    finally:
        backend.stop()


async def _by_turns(
    product: Product, ours: Callable[[], Slice], theirs: Callable[[], Slice], rounds: int
) -> Found:
    past = cpu_seconds(product.python)
    await asyncio.sleep(IDLE_SECONDS)
    idle = (cpu_seconds(product.python) - past) / IDLE_SECONDS
    found: dict[Callable[[], Slice], list[Slice]] = {ours: [], theirs: []}
    logged = product.log_bytes()
    for number in range(rounds + 1):
        # Whoever comes second finds the machine as the first left it: so the order changes.
        for one in (ours, theirs) if number % 2 else (theirs, ours):
            slice_ = await asyncio.to_thread(one)
            # The first round is warming up.
            if number:
                found[one].append(slice_)
    if product.log_bytes() == logged:
        raise LoadFailedError("the product wrote no access log: the figures would be of another product")
    return Found(found[ours], found[theirs], idle)


def show(found: Found, connections: int, method: str) -> None:
    product, bare = found.product, found.bare
    rates = [max(one.rate for one in slices) for slices in (product, bare)]
    costs = [min(one.proxy_microseconds for one in slices) for slices in (product, bare)]
    busy = [max(slices, key=lambda one: one.rate).busy for slices in (product, bare)]
    ratio = rates[0] / rates[1]
    python = sum(one.python_seconds for one in product) / sum(one.requests for one in product) * 1e6
    rows = [
        (
            "requests/s",
            *(f"{one:,.0f}" for one in rates),
            f"{ratio:.2f}x",
            str(REQUESTS),
            REQUESTS.reached(ratio) if min(busy) >= FULL else f"no verdict: below {FULL:.0%} of a core",
        ),
        (
            "CPU of HAProxy, us a request",
            *(f"{one:.1f}" for one in costs),
            f"{costs[0] / costs[1]:.2f}x",
            "",
            "",
        ),
        ("HAProxy's core in use", *(f"{one:.0%}" for one in busy), "", "", ""),
        ("CPU of Python, ms a 1,000 requests", f"{python:.2f}", "", "", "", ""),
        ("CPU of Python without load", f"{found.idle:.1%}", "", "", "", ""),
    ]
    title = f"Small answers to {method}, {connections} kept-alive connections, {TARGETS} targets"
    print_table(title, ("", "product", "bare", "ratio", "goal", ""), rows)
