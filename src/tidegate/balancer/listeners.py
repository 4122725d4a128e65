"""Where listeners answer: at their load balancer's address and by its name, on their own port, or on that
port + 8000 where this user may not bind it.

Names below `.localhost` lead to 127.0.0.1 wherever they are looked up, so that all load balancers share its
ports. Two products on one machine share that address too, and HAProxy, left to itself, would give a second
one half of the first one's connections: a port that anyone else has is left alone, and reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration import NAMES_ADDRESS, Bound, has_certificates
from tidegate.balancer.ports import Place, Port, Ports, Probe, tried
from tidegate.fleet.balancing import EdgeDocument, EdgeListener, EdgeLoadBalancer, ListenerBinding


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
class _Answering:
    """One listener. `named` None: its load balancer's name leads elsewhere, or it cannot answer yet."""

    balancer: EdgeLoadBalancer
    listener: EdgeListener
    direct: Port
    named: Port | None

    @property
    def bound(self) -> Bound:
        return Bound(
            load_balancer=self.balancer,
            listener=self.listener,
            port=_usable(self.direct),
            name_port=_usable(self.named),
        )

    @property
    def own(self) -> ListenerBinding:
        """Where the load balancer has no address here, its name is the place."""
        if self.direct.is_elsewhere and self.named is not None and self.named.error is None:
            return _binding(self.listener, NAMES_ADDRESS, self.named)
        return _binding(self.listener, self.balancer.address, self.direct)


def bind(
    edge: EdgeDocument,
    held: Collection[Place],
    refused: Collection[Place] = (),
    probe: Probe = tried,
) -> Bindings:
    """`held`: what this balancer's HAProxy has already, and keeps. `refused`: what it could not have of
    late."""
    ports = Ports(held, refused, probe)
    # From the highest down: a port that stands in for another is higher, and for those that want it as such.
    downwards = sorted(_listeners(edge), key=lambda pair: pair[1].port, reverse=True)
    given = {listener.arn: _answering(edge, ports, balancer, listener) for balancer, listener in downwards}
    found = [given[listener.arn] for _, listener in _listeners(edge)]
    named = [(one.listener, one.named) for one in found if one.named is not None]
    bound = (one.bound for one in found)
    return Bindings(
        bound=tuple(one for one in bound if one.port is not None or one.name_port is not None),
        own=tuple(one.own for one in found),
        by_name=tuple(_binding(listener, NAMES_ADDRESS, port) for listener, port in named),
        taken=frozenset(
            port.taken for one in found for port in (one.direct, one.named) if port and port.taken
        ),
    )


def _listeners(edge: EdgeDocument) -> Iterator[tuple[EdgeLoadBalancer, EdgeListener]]:
    return ((balancer, listener) for balancer in edge.load_balancers for listener in balancer.listeners)


def _answering(
    edge: EdgeDocument, ports: Ports, balancer: EdgeLoadBalancer, listener: EdgeListener
) -> _Answering:
    has_name = balancer.dns_name.endswith(".localhost")
    address, named = balancer.address, None
    if listener.tls is not None and not has_certificates(listener.tls, edge):
        direct = Port(port=listener.port, error=f"{address}:{listener.port}: its certificate is not there")
        return _Answering(balancer=balancer, listener=listener, direct=direct, named=None)
    if address == NAMES_ADDRESS:
        direct = Port(port=listener.port, error=f"{NAMES_ADDRESS} is shared", is_elsewhere=True)
    else:
        direct = ports.give(address, balancer, listener, is_shared=False)
    if has_name:
        named = ports.give(NAMES_ADDRESS, balancer, listener, is_shared=True)
    return _Answering(balancer=balancer, listener=listener, direct=direct, named=named)


def _usable(port: Port | None) -> int | None:
    return port.port if port is not None and port.error is None else None


def _binding(listener: EdgeListener, address: str, port: Port) -> ListenerBinding:
    return ListenerBinding(listener_arn=listener.arn, address=address, port=port.port, error=port.error)
