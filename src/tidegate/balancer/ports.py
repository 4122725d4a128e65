"""Ports for listeners: each is given out once, but by name, where load balancers share it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tidegate.fleet.balancing import EdgeListener, EdgeLoadBalancer

UNPRIVILEGED_OFFSET = 8000

# An address and a port.
Place = tuple[str, int]
# Says why a place cannot be bound.
Probe = Callable[[Place], OSError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One that a listener has, or why it has none. `is_elsewhere`: the address is none of this machine's.
    `taken`: where somebody else is."""

    port: int
    error: str | None = None
    is_elsewhere: bool = False
    taken: Place | None = None


def tried(place: Place) -> OSError | None:
    """Why nobody could bind the place now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            return error
    return None


class Ports:
    """`held`: what this balancer's HAProxy has already, and keeps. `refused`: what it could not have of
    late. Whoever asks first has a port: those that want a port as such must ask before those for which it
    would only stand in."""

    def __init__(self, held: Collection[Place], refused: Collection[Place], probe: Probe) -> None:
        self._held = held
        self._refused = refused
        self._probe = probe
        self._owners: dict[Place, list[tuple[EdgeLoadBalancer, EdgeListener]]] = {}

    def give(
        self, address: str, balancer: EdgeLoadBalancer, listener: EdgeListener, *, is_shared: bool
    ) -> Port:
        """The listener's own port, or the one that stands in for it where this user may not bind that.
        `is_shared`: other load balancers may have the port too, for requests of the same protocol."""
        for candidate in (listener.port, listener.port + UNPRIVILEGED_OFFSET):
            place = (address, candidate)
            owners = self._owners.get(place, [])
            error = None if owners else self._refusal(place)
            if isinstance(error, PermissionError):
                continue
            if error is not None:
                return _refused(listener.port, place, error)
            conflict = _conflict(owners, balancer, listener, is_shared=is_shared)
            if conflict is not None:
                return Port(port=listener.port, error=f"{address}:{candidate}: {conflict}")
            self._owners.setdefault(place, []).append((balancer, listener))
            return Port(port=candidate)
        also = listener.port + UNPRIVILEGED_OFFSET
        text = f"{address}:{listener.port}: ports below 1024 are not allowed, and {also} neither"
        return Port(port=listener.port, error=text)

    def _refusal(self, place: Place) -> OSError | None:
        if place in self._refused:
            return OSError(errno.EADDRINUSE, "Address already in use")
        return None if place in self._held else self._probe(place)


def _conflict(
    owners: Collection[tuple[EdgeLoadBalancer, EdgeListener]],
    balancer: EdgeLoadBalancer,
    listener: EdgeListener,
    *,
    is_shared: bool,
) -> str | None:
    """Why the listener cannot have a port that these have."""
    for other, its in owners:
        if other.arn == balancer.arn or not is_shared:
            return f"the listener of port {its.port} has it"
        if its.protocol != listener.protocol:
            return f"speaks {its.protocol}, for another load balancer"
    return None


def _refused(port: int, place: Place, error: OSError) -> Port:
    return Port(
        port=port,
        error=f"{place[0]}:{place[1]}: {error.strerror}",
        is_elsewhere=error.errno == errno.EADDRNOTAVAIL,
        taken=place if error.errno == errno.EADDRINUSE else None,
    )
