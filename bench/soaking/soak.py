"""`bench/soak [--seconds S]`

Mixed load (GET and POST, kept-alive and new connections, TLS, HTTP/2, WebSockets, slow answers, clients that
ask seldom) on the product's balancer, which writes all logs, while each second a target of each group comes
and one drains and goes, and weights move; every three seconds rules change (every fourth time by a reload),
and every five the certificate is another. Clients repeat nothing and check that each answer is theirs.

Ends with 1 when a request failed, when memory of HAProxy or of the balancer grew from the second quarter of
the run to its last, or when, once clients and changes have stopped, a server that no document names, an open
file or an old process is left. Ten minutes unless told otherwise; 60 s are the short form.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.measuring.http import LoadFailedError
from bench.measuring.results import print_table
from bench.soaking import clients, documents, target, watch
from bench.soaking.churn import SoakedProduct
from bench.soaking.clients import Tally
from bench.soaking.watch import Sample
from tidegate.fleet.loop_lag import LagMeter

# Sockets of a worker that are not there for clients or targets: a few more or less are none of theirs.
_FILES_SLACK = 10
# Longer than an idle connection lives, so that every old worker has had its time.
_LEAVING_SECONDS = documents.IDLE_SECONDS + 15
NAMES = (*(kind.name for kind in clients.KINDS), clients.WEBSOCKET)
Check = tuple[str, str, bool]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    status = 1
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-soak-") as folder:
            status = asyncio.run(soak(Path(folder), options.seconds))
    except* LoadFailedError as errors:
        print(f"bench/soak could not run: {errors.exceptions[0]}", file=sys.stderr)
    return status


async def soak(folder: Path, seconds: int) -> int:
    """The exit status. Raises LoadFailedError."""
    application, port = await target.serve()
    try:
        async with SoakedProduct(folder, port).running([]) as product:
            before = await watch.sample(product)
            if before is None:
                raise LoadFailedError("the balancer's HAProxy does not say what it is")
            tally = Tally()
            async with (
                watch.watching(product) as samples,
                watch.lagging() as lag,
                clients.running(product.address, tally),
                product.changing(),
            ):
                await asyncio.sleep(seconds)
            await product.settle()
            after = await _left(product, before)
            checks = [
                *_of_requests(tally),
                *_of_memory(samples),
                *await _of_leftovers(product, before, after),
            ]
            return _show(seconds, product.changes, samples, lag, tally, checks)
    finally:
        await application.cleanup()


async def _left(product: SoakedProduct, before: Sample) -> Sample:
    """What is still there when everybody has gone, and has had the time for it."""
    found = None
    for _ in range(_LEAVING_SECONDS):
        await asyncio.sleep(1)
        found = await watch.sample(product)
        if found is not None and found.workers == 1 and _are_closed(before, found):
            break
    if found is None:
        raise LoadFailedError("the balancer's HAProxy does not say what it is")
    return found


def _are_closed(before: Sample, after: Sample) -> bool:
    return after.worker_files <= before.worker_files + _FILES_SLACK


def _of_requests(tally: Tally) -> list[Check]:
    silent = [name for name in NAMES if not tally.answered[name]]
    return [
        ("failed requests", str(len(tally.failed)), not tally.failed),
        ("kinds of clients without an answer", ", ".join(silent) or "0", not silent),
    ]


def _of_memory(samples: list[Sample]) -> list[Check]:
    figures = {
        "HAProxy's master": watch.growth(samples, lambda one: one.master),
        "HAProxy's worker": watch.growth(samples, lambda one: one.worker),
        "the balancer's Python": watch.growth(samples, lambda one: one.python),
    }
    return [
        (f"memory of {name}", f"{early:.1f} -> {late:.1f} MiB", watch.is_flat(early, late))
        for name, (early, late) in figures.items()
    ]


async def _of_leftovers(product: SoakedProduct, before: Sample, after: Sample) -> list[Check]:
    wanted = sum(map(len, product.active))
    found = await watch.servers(product)
    in_force = product.control.edge["generation"]
    return [
        (
            "the last edge document",
            "in force" if in_force == product.edge_generation else "is not in force",
            in_force == product.edge_generation,
        ),
        ("servers that HAProxy has", f"{found} of {wanted}", found == wanted),
        ("HAProxy's workers", str(after.workers), after.workers == 1),
        (
            "open files of the worker",
            f"{before.worker_files} -> {after.worker_files}",
            _are_closed(before, after),
        ),
        (
            "open files of Python",
            f"{before.python_files} -> {after.python_files}",
            after.python_files <= before.python_files + _FILES_SLACK,
        ),
    ]


def _show(
    seconds: int, changes: int, samples: list[Sample], lag: LagMeter, tally: Tally, checks: list[Check]
) -> int:
    for (kind, reason), count in Counter((kind, reason) for _, kind, reason in tally.failed).items():
        times = [at for at, *of in tally.failed if of == [kind, reason]]
        print(f"{count} x {kind}: {reason} (first at {times[0]:.1f} s, last at {times[-1]:.1f} s)")
    rows = [
        *((name, f"{tally.answered[name]:,}", "") for name in NAMES),
        ("most workers of HAProxy at once", str(max(one.workers for one in samples)), ""),
        # Clients that were not run for seconds have not waited for an answer.
        ("longest pause of the clients themselves", f"{lag.seconds_max:.1f} s", ""),
        *((name, found, "[green]good[/green]" if good else "[red]bad[/red]") for name, found, good in checks),
    ]
    print_table(f"{seconds} s of load over {changes:,} changes", ("", "", ""), rows)
    return 0 if all(good for *_, good in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
