"""`bench/balancer --check [--only PEER] [--short] [--seconds S] [--rounds N] [--connections N]`

The product with all that it does for a request (100 rules, forwarded headers, trace id, safe retry, access
log, metrics) against a bare HAProxy, which does nothing of it, and against nginx, Envoy, Caddy and
MiniStack's load balancer, which do the same as far as each can. All forward the same requests to the same
two targets, have one core, the load the other, and come by turns in short slices; medians count.

The verdict is the ratio of requests a second of CPU time, case by case: ends with 1 when one is below its
goal. `--only` compares with one of them; `--short` takes four of the twelve cases, one slice each.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.load_balancer import wrk
from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import targets, targets_haproxy
from bench.load_balancer.rules import RULES
from bench.load_balancer.wrk import Slice
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cores, pin
from bench.peers import caddy, envoy, h2load, ministack, nginx, ours, show
from bench.peers.cases import CASES, LARGE_BYTES, LARGE_MARK, SHORT_CASES, Case
from bench.peers.peer import CERTIFICATE_NAME, MissingError, Peer, Place
from bench.peers.verdict import Figures, medians, verdicts
from tidegate.testing.certificates import a_certificate

TARGETS = 2
PEERS: Mapping[str, Callable[[Place], Peer]] = {
    "haproxy": ours.bare,
    "nginx": nginx.start,
    "envoy": envoy.start,
    "caddy": caddy.start,
    "ministack": ministack.start,
}
_SCRIPT = Path(__file__).with_name("peers.lua")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", required=True)
    parser.add_argument("--only", choices=sorted(PEERS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seconds", type=int, default=1, help="of one slice")
    parser.add_argument("--rounds", type=int, default=4, help="slices of each in each case")
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
            found = asyncio.run(measure(Path(folder), options))
    except LoadFailedError as error:
        print(f"bench/balancer could not measure: {error}", file=sys.stderr)
        return 1
    for case, figures in found.items():
        show.case(case, figures)
    given = verdicts(found, "Tidegate")
    show.verdicts(given)
    return 1 if any(one.missed for one in given) else 0


async def measure(folder: Path, options: argparse.Namespace) -> dict[Case, dict[str, Figures]]:
    """Raises LoadFailedError."""
    certificate = folder / "bench.pem"
    pair = a_certificate(CERTIFICATE_NAME)
    certificate.write_bytes(pair.pem + pair.key_pem)
    backend = targets_haproxy(folder, (LARGE_MARK, LARGE_BYTES))
    try:
        own = targets(backend.port, TARGETS)
        async with ours.product(folder, own) as product:
            with _others(folder, certificate, own, options.only) as others:
                peers = [product, *others]
                measured, other = cores()
                pin(measured, [pid for peer in peers for pid in peer.pids()])
                pin(other, [os.getpid(), *backend.pids, *product.beside()])
                load = Load(other, folder, options.seconds, options.connections)
                return await asyncio.to_thread(_by_turns, load, peers, options)
    finally:
        backend.stop()


@contextmanager
def _others(folder: Path, certificate: Path, own: Sequence[Target], only: str | None) -> Iterator[list[Peer]]:
    """Those that are wanted and installed, running; of the rest it is said what is missing."""
    with ExitStack() as stack:
        started = []
        for name, start in PEERS.items():
            if only not in (None, name):
                continue
            place = Place(folder / name, own, certificate)
            place.folder.mkdir()
            try:
                peer = start(place)
            except MissingError as error:
                print(f"Not judged: {error}", file=sys.stderr)
                continue
            stack.callback(peer.stop)
            started.append(peer)
        yield started


class Load:
    """Puts a case on a load balancer, from one core."""

    def __init__(self, core: int, folder: Path, seconds: int, connections: int) -> None:
        self._core, self._folder = core, folder
        self._seconds, self._connections = seconds, connections

    def slice(self, case: Case, peer: Peer) -> Slice:
        """Raises LoadFailedError when a request failed."""
        address = peer.addresses["https" if case.is_tls else "http"]
        pids, beside = peer.pids(), peer.beside()
        if case.protocol == "h2":
            return h2load.load(self._core, address, case, self._seconds, RULES, pids, beside, self._folder)
        host, port = address.split(":")
        suffix = LARGE_MARK if case.is_large else ""
        return wrk.load(
            *(self._core, host, int(port), self._seconds, self._connections, pids, beside, _SCRIPT),
            (peer.prefix, suffix, "fresh" if case.is_fresh else "kept"),
            case.protocol,
        )


def _by_turns(
    load: Load, peers: Sequence[Peer], options: argparse.Namespace
) -> dict[Case, dict[str, Figures]]:
    cases, rounds = (SHORT_CASES, 1) if options.short else (CASES, options.rounds)
    # Warming up.
    for peer in peers:
        _slice(load, cases[0], peer)
    found = {}
    for case in cases:
        asked = [peer for peer in peers if ("https" if case.is_tls else "http") in peer.addresses]
        slices: dict[str, list[Slice]] = defaultdict(list)
        for number in range(rounds):
            # Whoever comes next finds the machine as the last left it: so the order changes.
            first = number % len(asked)
            for peer in asked[first:] + asked[:first]:
                slices[peer.name].append(_slice(load, case, peer))
        found[case] = {peer.name: medians(slices[peer.name]) for peer in asked}
    return found


def _slice(load: Load, case: Case, peer: Peer) -> Slice:
    try:
        return load.slice(case, peer)
    except LoadFailedError as error:
        raise LoadFailedError(f"{peer.name}, {case}: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
