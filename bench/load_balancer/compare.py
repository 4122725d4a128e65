"""`bench/balancer [--seconds S] [--rounds N] [--connections N] [--method M] [--changes N] [--skip-changes]`

The product's HAProxy (as the balancer configures it, with access log and counters) against a bare one: the
same program with a round robin written by hand, no log. Both forward to the same targets and are under load
in short slices by turns; of each one's slices the best counts. The proxies have one core, the load, the
targets and the balancer's Python the other. Where others use the machine too, CPU time a request is the
firmer figure; where a proxy's core is not in full use, requests a second tell of something else.

Then what one target's change costs at 10 and at 10,000 targets: from the document's being handed in until
HAProxy says that the new server is ready (one health check lies between) or that the old one is out of use,
and the CPU time of the balancer's Python for it. Other load balancers: `bench/balancer --check --help`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from bench.load_balancer import changes, throughput
from bench.measuring.http import LoadFailedError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1, help="of one slice")
    parser.add_argument("--rounds", type=int, default=7, help="slices of each proxy")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--method", choices=("GET", "POST"), default="GET")
    parser.add_argument("--changes", type=int, default=30, help="targets that come and go")
    parser.add_argument("--skip-changes", action="store_true")
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
            found = asyncio.run(
                throughput.measure(
                    Path(folder), options.seconds, options.rounds, options.connections, options.method
                )
            )
            throughput.show(found, options.connections, options.method)
        if not options.skip_changes:
            changes.show(
                [asyncio.run(changes.measure(layout, options.changes)) for layout in changes.LAYOUTS]
            )
    except LoadFailedError as error:
        print(f"bench/balancer could not measure: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
