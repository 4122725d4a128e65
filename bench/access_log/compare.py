"""What logs in buckets cost.

`bench/access-log [--seconds S] [--rounds N] [--lines N] [--check]`. First, how many raw lines of HAProxy's
one core makes into lines of AWS's, compressed. Then requests to two load balancers of one HAProxy, by turns:
one logs its requests and connections, the other does not. HAProxy has a core of its own; the load, the
targets and the maker of logs share the other, so that the goal is HAProxy's CPU time a request. `--check`
exits 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import signal
import sys
import tempfile
from pathlib import Path

from bench.access_log import rendering, traffic
from bench.access_log.rendering import Rendered
from bench.access_log.traffic import Found
from bench.measuring.http import LoadFailedError
from bench.measuring.results import Goal, print_table

RENDERED = Goal(50_000)
COST = Goal(1.2, least=False, unit="x")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1, help="of one slice")
    parser.add_argument("--rounds", type=int, default=7, help="slices of each load balancer")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--lines", type=int, default=150_000, help="lines to be rendered")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        rendered = rendering.measure(folder, options.lines)
        try:
            found = asyncio.run(traffic.measure(folder, options.seconds, options.rounds, options.connections))
        except LoadFailedError as error:
            print(f"bench/access-log could not measure: {error}", file=sys.stderr)
            return 1
        delivered = _lines(folder)
    _show_rendering(rendered)
    _show_traffic(found, delivered)
    is_reached = rendered.rate >= RENDERED.bound and _cost(found) <= COST.bound
    return 1 if options.check and not is_reached else 0


def _lines(folder: Path) -> int:
    """Of requests, in all objects that came."""
    paths = (folder / "data" / "s3").rglob("000000000000_*.log.gz")
    return sum(gzip.decompress(path.read_bytes()).count(b"\n") for path in paths)


def _show_rendering(rendered: Rendered) -> None:
    rate = f"{rendered.rate:,.0f}"
    size = rendered.object_bytes / rendered.lines
    rows = [
        ("lines rendered and compressed", rate, str(RENDERED), RENDERED.reached(rendered.rate)),
        ("lines of others passed over", f"{rendered.skipped:,.0f}", "", ""),
        ("bytes a line: raw", f"{rendered.raw_bytes / rendered.lines:.0f}", "", ""),
        ("bytes a line: in its object", f"{size:.0f}", "", ""),
    ]
    print_table("A second of one core", ("", "", "goal", ""), rows)


def _cost(found: Found) -> float:
    """HAProxy's CPU time of a request that is logged, of one that is not."""
    logged, without = (
        min(one.proxy_microseconds for one in slices) for slices in (found.logged, found.without)
    )
    return logged / without


def _show_traffic(found: Found, delivered: int) -> None:
    both = (found.without, found.logged)
    rates = [max(one.rate for one in slices) for slices in both]
    costs = [min(one.proxy_microseconds for one in slices) for slices in both]
    maker = sum(one.python_seconds for one in found.logged) / sum(one.requests for one in found.logged) * 1e6
    cost = _cost(found)
    rows = [
        ("requests/s", *(f"{one:,.0f}" for one in rates), f"{rates[1] / rates[0]:.2f}x", "", ""),
        (
            "CPU of HAProxy, us a request",
            *(f"{one:.1f}" for one in costs),
            f"{cost:.2f}x",
            str(COST),
            COST.reached(cost),
        ),
        ("CPU of the maker of logs, us a request", "", f"{maker:.1f}", "", "", ""),
        # What wrk leaves unread at the end of a slice is logged, and not counted by it.
        ("lines delivered for a request", "", f"{delivered / found.requests_logged:.3f}", "", "", ""),
    ]
    print_table("Small answers, by turns", ("", "no logs", "logs", "ratio", "goal", ""), rows)


if __name__ == "__main__":
    sys.exit(main())
