"""`bench/rules [--seconds S] [--pairs N] [--connections N]`

A listener with one rule against one with 100: hosts, paths, both, and paths with a wildcard in their midst.
Both get the same requests, for each of the 100 rules in turn and some for none, in short slices by turns
(each pair the other way round), and both forward to the same targets. What 100 rules keep of the throughput
is told by the CPU time that HAProxy needs for a request, which is what limits it when its core is in full
use; of each one's slices the best counts. Ends with 1 when that is less than 0.90.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.load_balancer import wrk
from bench.load_balancer.documents import Conditions
from bench.load_balancer.proxies import Product, targets, targets_haproxy
from bench.load_balancer.wrk import Slice
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cores, pin
from bench.measuring.results import Goal, print_table

KEPT = Goal(0.90, unit="x")
RULES = 100
TARGETS = 2
_SCRIPT = Path(__file__).with_name("rules.lua")
_MASTER_AND_WORKER = 2
Pair = tuple[Slice, Slice]


def rule(number: int) -> Conditions:
    """Of ten rules four ask for a path, three for a host, two for both, one for a path with a wildcard
    before its end. The load's script knows what they ask for."""
    kind = number % 10
    host, path = f"app-{number}.example.com", f"/team-{number}/*"
    if kind < 4:
        return {"path-pattern": (path,)}
    if kind < 7:
        return {"host-header": (host,)}
    if kind < 9:
        return {"host-header": (host,), "path-pattern": (f"/api-{number}/*",)}
    return {"path-pattern": (f"/v?/kinds-{number}/*/parts",)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1, help="of one slice")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
            pairs = asyncio.run(measure(Path(folder), options.seconds, options.pairs, options.connections))
    except LoadFailedError as error:
        print(f"bench/rules could not measure: {error}", file=sys.stderr)
        return 1
    return 0 if show(pairs, options.connections) >= KEPT.bound else 1


async def measure(folder: Path, seconds: int, pairs: int, connections: int) -> list[Pair]:
    """(one rule, all rules) of each pair. Raises LoadFailedError."""
    backend = targets_haproxy(folder)
    own = targets(backend.port, TARGETS)
    rules = [rule(number) for number in range(RULES)]
    try:
        async with Product(folder).running([own, own], [rules[:1], rules]) as product:
            await _settled(product)
            haproxy = product.haproxy
            measured, other = cores()
            pin(measured, haproxy)
            pin(other, [os.getpid(), *backend.pids, product.python])

            def slice_(listener: int) -> Slice:
                return wrk.load(
                    *(other, product.address, product.ports[listener], seconds, connections),
                    *(haproxy, [product.python], _SCRIPT),
                )

            return await asyncio.to_thread(_by_turns, slice_, pairs)
    finally:
        backend.stop()


async def _settled(product: Product) -> None:
    """Return once the workers that reloads have left behind are gone, or are not going to be."""
    for _ in range(50):
        if len(product.haproxy) == _MASTER_AND_WORKER:
            break
        await asyncio.sleep(0.1)


def _by_turns(slice_: Callable[[int], Slice], pairs: int) -> list[Pair]:
    found = []
    for number in range(pairs + 1):
        first = number % 2
        slices = {listener: slice_(listener) for listener in (first, 1 - first)}
        # The first pair is warming up.
        if number:
            found.append((slices[0], slices[1]))
    return found


def show(pairs: list[Pair], connections: int) -> float:
    """What the rules keep of the throughput."""
    one, all_ = zip(*pairs, strict=True)
    rates = [max(slice_.rate for slice_ in slices) for slices in (one, all_)]
    costs = [min(slice_.proxy_microseconds for slice_ in slices) for slices in (one, all_)]
    busy = [max(slices, key=lambda one: one.rate).busy for slices in (one, all_)]
    kept = costs[0] / costs[1]
    rows = [
        (
            "CPU of HAProxy, us a request",
            *(f"{cost:.1f}" for cost in costs),
            f"{kept:.2f}x",
            str(KEPT),
            KEPT.reached(kept),
        ),
        ("requests/s", *(f"{rate:,.0f}" for rate in rates), f"{rates[1] / rates[0]:.2f}x", "", ""),
        ("HAProxy's core in use", *(f"{share:.0%}" for share in busy), "", "", ""),
    ]
    title = f"Small answers, {connections} kept-alive connections, {len(pairs)} pairs of slices"
    print_table(title, ("", "one rule", f"{RULES} rules", "kept", "goal", ""), rows)
    return kept


if __name__ == "__main__":
    sys.exit(main())
