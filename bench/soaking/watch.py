"""What the processes hold, second by second, and what that says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.load_balancer.proxies import Product
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import resident_mib
from tidegate.balancer.haproxy.socket import HaproxyGoneError, command
from tidegate.fleet.loop_lag import LagMeter

# What memory may have grown by, from the second quarter of a run to its last.
GROWTH_MAX, SLACK_MIB = 1.10, 3.0
_BACKEND, _NAME = 1, 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory in MiB, open files, and how many workers HAProxy has."""

    master: float
    worker: float
    python: float
    worker_files: int
    python_files: int
    workers: int


async def sample(product: Product) -> Sample | None:
    """None while a reload is under way."""
    with contextlib.suppress(OSError, HaproxyGoneError, LoadFailedError, StopIteration, IndexError):
        info = await command(product.stats_socket(), "show info")
        worker = next(int(line.split()[1]) for line in info.splitlines() if line.startswith("Pid:"))
        master = next(pid for pid in product.haproxy if _parent(pid) == product.python)
        return Sample(
            resident_mib(master),
            resident_mib(worker),
            resident_mib(product.python),
            _files(worker),
            _files(product.python),
            len(product.haproxy) - 1,
        )
    return None


@asynccontextmanager
async def watching(product: Product) -> AsyncIterator[list[Sample]]:
    """A sample a second, until the block ends."""
    samples: list[Sample] = []
    job = asyncio.create_task(_watch(product, samples))
    try:
        yield samples
    finally:
        job.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await job


@asynccontextmanager
async def lagging() -> AsyncIterator[LagMeter]:
    """How late the clients' own loop is, until the block ends."""
    meter = LagMeter()
    job = asyncio.create_task(meter.run())
    try:
        yield meter
    finally:
        job.cancel()


async def servers(product: Product) -> int:
    """How many servers HAProxy's worker has, but for those that lead to its own frontends."""
    state = await command(product.stats_socket(), "show servers state")
    rows = [line.split() for line in state.splitlines()[2:] if line]
    return sum(1 for row in rows if row[_BACKEND].startswith("tg_"))


def growth(samples: Sequence[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """Medians of the second quarter and of the last one."""
    quarter = max(1, len(samples) // 4)
    figures = [of(one) for one in samples]
    return median(figures[quarter : 2 * quarter]), median(figures[-quarter:])


def is_flat(early: float, late: float) -> bool:
    return late <= early * GROWTH_MAX + SLACK_MIB


async def _watch(product: Product, samples: list[Sample]) -> None:
    while True:
        await asyncio.sleep(1)
        if (taken := await sample(product)) is not None:
            samples.append(taken)


def _parent(pid: int) -> int:
    # What the name of the program may be ends with the last bracket.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
