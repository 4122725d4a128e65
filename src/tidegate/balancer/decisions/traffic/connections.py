"""Connections and bytes, from HAProxy's counters of frontends and backends.

Each worker counts from zero, and a reload leaves the one before finishing what it has: so counters are kept
by worker. What a worker has counted since it was last asked is lost with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.frontends import frontend_name
from tidegate.balancer.decisions.traffic.counting import Figures, Rotation
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.names import Names
from tidegate.balancer.decisions.traffic.samples import Span

# A worker's pid, and a frontend's or backend's name.
Proxy = tuple[int, str]

_BYTES_OF_HTTP1 = ("h1_bytes_in", "h1_bytes_out", "h1_spliced_bytes_in", "h1_spliced_bytes_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """`open_now`: connections. The others since the worker's start: connections, TLS handshakes that failed,
    bytes on connections that speak HTTP/1, and bytes as HAProxy accounts for them, which it does for HTTP/2
    only by what its headers would be in HTTP/1; `http2_requests` tells whether there is any."""

    open_now: int = 0
    connections: int = 0
    failed_handshakes: int = 0
    http1_bytes: int = 0
    accounted_bytes: int = 0
    http2_requests: int = 0

    def since(self, earlier: Counters) -> Counters:
        """What has grown; all of it when counting began anew."""
        if self.connections < earlier.connections or self.accounted_bytes < earlier.accounted_bytes:
            return self
        return Counters(
            open_now=self.open_now,
            connections=self.connections - earlier.connections,
            failed_handshakes=self.failed_handshakes - earlier.failed_handshakes,
            http1_bytes=self.http1_bytes - earlier.http1_bytes,
            accounted_bytes=self.accounted_bytes - earlier.accounted_bytes,
            http2_requests=self.http2_requests - earlier.http2_requests,
        )

    def plus(self, other: Counters) -> Counters:
        return Counters(
            open_now=self.open_now + other.open_now,
            connections=self.connections + other.connections,
            failed_handshakes=self.failed_handshakes + other.failed_handshakes,
            http1_bytes=self.http1_bytes + other.http1_bytes,
            accounted_bytes=self.accounted_bytes + other.accounted_bytes,
            http2_requests=self.http2_requests + other.http2_requests,
        )

    @property
    def bytes(self) -> int:
        return self.accounted_bytes if self.http2_requests else self.http1_bytes


def counters(row: Mapping[str, str]) -> Counters:
    """Of a frontend's or a backend's row of `show stat`."""

    def total(*names: str) -> int:
        return sum(int(row.get(name) or 0) for name in names)

    is_frontend = row.get("svname") == "FRONTEND"
    accepted = ("conn_tot",) if is_frontend else ("h1_total_connections", "h2_total_connections")
    return Counters(
        open_now=total("h1_open_connections", "h2_open_connections"),
        connections=total(*accepted),
        failed_handshakes=total("ssl_failed_handshake"),
        http1_bytes=total(*_BYTES_OF_HTTP1),
        accounted_bytes=total("bin", "bout"),
        http2_requests=total("h2_headers_rcvd"),
    )


def grown(before: Mapping[Proxy, Counters], now: Mapping[Proxy, Counters]) -> dict[str, Counters]:
    """What all workers together have counted since, by the proxy's name."""
    totals: dict[str, Counters] = {}
    for (pid, name), found in now.items():
        grown = found.since(before.get((pid, name), Counters()))
        totals[name] = totals.get(name, Counters()).plus(grown)
    return totals


def count_connections(
    span: Span, found: Figures, counted: Mapping[str, Counters], names: Names, rotation: Rotation
) -> None:
    """Add to figures what proxies have counted. Where no zone is known all have equal shares."""
    for proxy, counters in counted.items():
        place = _place(proxy, names)
        if place is None:
            continue
        zones = (place.zone,) if place.zone else names.zones.get(place.balancer) or ("",)
        # How many there are is a sum over times when it is told more than once a minute.
        counts_open = span.is_turn_of(place.balancer)
        for name, amount in _named(counters, is_frontend=place.group is None, counts_open=counts_open):
            group = place.group if name == "TargetTLSNegotiationErrorCount" else None
            for zone, share in rotation.split(amount, zones):
                found.amount(name, Place(balancer=place.balancer, zone=zone, group=group), share)


def count_rejected(found: Figures, rejected: Mapping[str, int], names: Names, rotation: Rotation) -> None:
    """Add to figures the connections that were turned away, by listener's ARN."""
    for arn, amount in rejected.items():
        place = _place(frontend_name(arn), names)
        if place is not None:
            for zone, share in rotation.split(amount, names.zones.get(place.balancer) or ("",)):
                found.amount("RejectedConnectionCount", Place(balancer=place.balancer, zone=zone), share)


def _place(proxy: str, names: Names) -> Place | None:
    front = names.fronts.get(proxy)
    if front is not None:
        return Place(balancer=front.balancer)
    backend, _, number = proxy.partition(".")
    group = names.groups.get(backend)
    balancer = names.owners.get(group or "")
    if group is None or balancer is None:
        return None
    zones = names.zones.get(balancer, ())
    zone = zones[int(number)] if number.isdigit() and int(number) < len(zones) else ""
    return Place(balancer=balancer, zone=zone, group=group)


def _named(counters: Counters, *, is_frontend: bool, counts_open: bool) -> Iterator[tuple[str, int]]:
    yield "NewConnectionCount", counters.connections
    if counts_open:
        yield "ActiveConnectionCount", counters.open_now
    if is_frontend:
        yield "ClientTLSNegotiationErrorCount", counters.failed_handshakes
        yield "ProcessedBytes", counters.bytes
    else:
        yield "TargetTLSNegotiationErrorCount", counters.failed_handshakes
