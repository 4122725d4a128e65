"""What one target's change costs, at few and at many targets."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import Product, targets, targets_haproxy
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cpu_seconds
from bench.measuring.results import Goal, print_table

CHANGE = Goal(2, least=False, unit="x")
SETTLING_SECONDS = 5.0
CHANGE_SECONDS_MAX = 20.0
_LOOK_EVERY_SECONDS = 0.0005
# Columns of `show servers state`; one in maintenance is stopped, 0.
_BACKEND, _ADDRESS, _STATE, _RUNNING = 1, 4, 5, "2"


@dataclass(frozen=True, slots=True)
class Layout:
    groups: int
    targets_each: int

    def __str__(self) -> str:
        each = f"{self.groups:,} groups of {self.targets_each:,}"
        return f"{self.groups * self.targets_each:,} ({each})" if self.groups > 1 else str(self.targets_each)


# The first is what the others are held against. A target group has 1,000 targets at most.
LAYOUTS = (Layout(1, 10), Layout(1000, 10), Layout(10, 1000))


@dataclass(frozen=True, slots=True)
class Costs:
    """Medians, seconds: until a new target's server is ready, until a gone one's is out of use; CPU time of
    Python for one change, and its share of a core when nothing changes."""

    layout: Layout
    ready: float
    gone: float
    cpu: float
    idle: float


async def measure(layout: Layout, count: int) -> Costs:
    """So many targets come and go, each in another group. Raises LoadFailedError."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        backend = targets_haproxy(Path(folder))
        try:
            total = layout.groups * layout.targets_each
            everyone = targets(backend.port, total)
            groups = [everyone[at :: layout.groups] for at in range(layout.groups)]
            newcomers = targets(backend.port, count, first=total)
            async with Product(Path(folder)).running(groups) as product:
                return await _measure(layout, product, newcomers)
        finally:
            backend.stop()


async def _measure(layout: Layout, product: Product, newcomers: Sequence[Target]) -> Costs:
    socket = product.stats_socket()
    backends = _backends(await _states(socket))
    past = cpu_seconds(product.python)
    await asyncio.sleep(SETTLING_SECONDS)
    idle = (cpu_seconds(product.python) - past) / SETTLING_SECONDS
    ready, gone = [], []
    past, began = cpu_seconds(product.python), time.perf_counter()
    for step, target in enumerate(newcomers):
        number = step % layout.groups
        before = product.groups[number]
        backend = backends[before[0].address]
        ready.append(await _change(product, number, [*before, target], backend, target, is_ready=True))
        gone.append(await _change(product, number, before, backend, target, is_ready=False))
    spent = cpu_seconds(product.python) - past - idle * (time.perf_counter() - began)
    cpu = max(0.0, spent) / (2 * len(newcomers))
    return Costs(layout, statistics.median(ready), statistics.median(gone), cpu, idle)


async def _change(
    product: Product, number: int, targets: list[Target], backend: str, target: Target, *, is_ready: bool
) -> float:
    """Seconds until HAProxy's server for the target is in use, or is not."""
    socket = product.stats_socket()
    began = time.perf_counter()
    await product.change(number, targets)
    while _is_ready(await _states(socket, backend), target) is not is_ready:
        if time.perf_counter() - began > CHANGE_SECONDS_MAX:
            raise LoadFailedError(f"HAProxy did not follow a change within {CHANGE_SECONDS_MAX:g} s")
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    return time.perf_counter() - began


async def _states(socket: Path, backend: str = "") -> str:
    """The answer to `show servers state`, of one backend or of all."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(f"show servers state {backend}\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    return text


def _backends(states: str) -> Mapping[str, str]:
    """The backend of each target, by its address."""
    rows = (line.split() for line in states.splitlines()[2:] if line)
    return {row[_ADDRESS]: row[_BACKEND] for row in rows}


def _is_ready(states: str, target: Target) -> bool:
    # Sought, not parsed: reading a thousand rows would take longer than what is measured.
    at = states.find(f" {target.address} ")
    line = states[states.rfind("\n", 0, at) + 1 :].split("\n", 1)[0] if at >= 0 else ""
    return bool(line) and line.split()[_STATE] == _RUNNING


def show(all_costs: Sequence[Costs]) -> None:
    first, rows = all_costs[0], []
    for costs in all_costs:
        cells = [str(costs.layout)]
        for figure in (_ready, _gone, _cpu):
            ratio = f"{figure(costs) / figure(first):.1f}x" if figure(first) else ""
            cells += [f"{figure(costs) * 1000:.1f} ms", ratio]
        worst = max(_ready(costs) / _ready(first), _gone(costs) / _gone(first))
        goal = ("", "") if costs is first else (str(CHANGE), CHANGE.reached(worst))
        rows.append((*cells, *goal, f"{costs.idle:.1%}"))
    columns = (
        "targets",
        "to ready",
        "",
        "to out of use",
        "",
        "CPU of Python",
        "",
        "goal",
        "",
        "without change",
    )
    print_table("One target's change", columns, rows)


_Figure = Callable[[Costs], float]
_ready: _Figure = lambda costs: costs.ready  # noqa: E731
_gone: _Figure = lambda costs: costs.gone  # noqa: E731
_cpu: _Figure = lambda costs: costs.cpu  # noqa: E731
