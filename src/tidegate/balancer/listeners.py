"""Where listeners answer: at their load balancer's address and by its name, on their own port, or on that
port + 8000 where this user may not bind it.

Names below `.localhost` lead to 127.0.0.1 wherever they are looked up, so that all load balancers share its
ports. Two products on one machine share that address too, and HAProxy, left to itself, would give a second
one half of the first one's connections: a port that anyone else has is left alone, and reported.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration import NAMES_ADDRESS, Bound, has_certificates
from tidegate.fleet.balancing import EdgeDocument, EdgeListener, EdgeLoadBalancer, ListenerBinding

UNPRIVILEGED_OFFSET = 8000

# An address and a port.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """`bound`: the listeners that can answer. `own`: where each does at its load balancer's address, or why
    it does not; `by_name`: the same at the address that all share. `taken`: what somebody else has, and may
    give back."""

    bound: tuple[Bound, ...] = ()
    own: tuple[ListenerBinding, ...] = ()
    by_name: tuple[ListenerBinding, ...] = ()
    taken: frozenset[Place] = frozenset()

    @property
    def places(self) -> frozenset[Place]:
        return frozenset((one.address, one.port) for one in (*self.own, *self.by_name) if one.error is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Port:
    """One that is free, or why there is none. `is_elsewhere`: the address is none of this machine's.
    `taken`: where somebody else is."""

    port: int
    error: str | None = None
    is_elsewhere: bool = False
    taken: frozenset[Place] = frozenset()


def bind(edge: EdgeDocument, held: Collection[Place]) -> Bindings:
    """`held`: what this balancer's HAProxy has already, and keeps."""
    shared = _shared_ports(edge, held)
    bound, own, by_name, taken = [], [], [], set[Place]()
    for balancer, listener in _listeners(edge):
        direct = _own_port(edge, balancer, listener, held)
        named = _named_port(edge, balancer, listener, shared)
        taken |= direct.taken | (named.taken if named is not None else frozenset())
        if direct.is_elsewhere and named is not None and named.error is None:
            own.append(_binding(listener, NAMES_ADDRESS, named))
        else:
            own.append(_binding(listener, balancer.address, direct))
        if named is not None:
            by_name.append(_binding(listener, NAMES_ADDRESS, named))
        item = Bound(
            load_balancer=balancer, listener=listener, port=_usable(direct), name_port=_usable(named)
        )
        if item.port is not None or item.name_port is not None:
            bound.append(item)
    return Bindings(bound=tuple(bound), own=tuple(own), by_name=tuple(by_name), taken=frozenset(taken))


def _listeners(edge: EdgeDocument) -> Iterator[tuple[EdgeLoadBalancer, EdgeListener]]:
    return ((balancer, listener) for balancer in edge.load_balancers for listener in balancer.listeners)


def _shared_ports(edge: EdgeDocument, held: Collection[Place]) -> Mapping[int, tuple[str, _Port]]:
    """For each port that a listener has by name: the protocol, the first listener's, and what is bound."""
    shared: dict[int, tuple[str, _Port]] = {}
    for balancer, listener in _listeners(edge):
        if _has_shared_name(balancer) and listener.port not in shared:
            shared[listener.port] = listener.protocol, _free_port(NAMES_ADDRESS, listener.port, held)
    return shared


def _has_shared_name(balancer: EdgeLoadBalancer) -> bool:
    return balancer.dns_name.endswith(".localhost")


def _own_port(
    edge: EdgeDocument, balancer: EdgeLoadBalancer, listener: EdgeListener, held: Collection[Place]
) -> _Port:
    if balancer.address == NAMES_ADDRESS:
        return _Port(port=listener.port, error=f"{NAMES_ADDRESS} is shared", is_elsewhere=True)
    if not _is_complete(edge, listener):
        return _Port(
            port=listener.port, error=f"{balancer.address}:{listener.port}: its certificate is not there"
        )
    return _free_port(balancer.address, listener.port, held)


def _named_port(
    edge: EdgeDocument,
    balancer: EdgeLoadBalancer,
    listener: EdgeListener,
    shared: Mapping[int, tuple[str, _Port]],
) -> _Port | None:
    """None for a load balancer whose name leads elsewhere."""
    if not _has_shared_name(balancer) or not _is_complete(edge, listener):
        return None
    protocol, port = shared[listener.port]
    if protocol != listener.protocol:
        return _Port(
            port=listener.port,
            error=f"{NAMES_ADDRESS}:{listener.port}: speaks {protocol}, for another load balancer",
        )
    return port


def _is_complete(edge: EdgeDocument, listener: EdgeListener) -> bool:
    return listener.tls is None or has_certificates(listener.tls, edge)


def _free_port(address: str, port: int, held: Collection[Place]) -> _Port:
    for candidate in (port, port + UNPRIVILEGED_OFFSET):
        if (address, candidate) in held:
            return _Port(port=candidate)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, candidate))
            except PermissionError:
                continue
            except OSError as error:
                is_taken = error.errno == errno.EADDRINUSE
                return _Port(
                    port=port,
                    error=f"{address}:{candidate}: {error.strerror}",
                    is_elsewhere=error.errno == errno.EADDRNOTAVAIL,
                    taken=frozenset({(address, candidate)} if is_taken else ()),
                )
            return _Port(port=candidate)
    also = port + UNPRIVILEGED_OFFSET
    return _Port(port=port, error=f"{address}:{port}: ports below 1024 are not allowed, and {also} neither")


def _usable(port: _Port | None) -> int | None:
    return port.port if port is not None and port.error is None else None


def _binding(listener: EdgeListener, address: str, port: _Port) -> ListenerBinding:
    return ListenerBinding(listener_arn=listener.arn, address=address, port=port.port, error=port.error)
