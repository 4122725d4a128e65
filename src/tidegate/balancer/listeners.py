"""Where listeners answer: their own port, or port + 8000 where this user may not bind it."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from tidegate.balancer.decisions.configuration import Bound, has_certificates
from tidegate.fleet.balancing import EdgeDocument, ListenerBinding

UNPRIVILEGED_OFFSET = 8000


def bind(
    edge: EdgeDocument, present: Iterable[ListenerBinding]
) -> tuple[list[Bound], tuple[ListenerBinding, ...]]:
    """The listeners that can answer, and where each does or why it does not. A listener keeps what it has."""
    known = {(one.listener_arn, one.address): one.port for one in present if one.error is None}
    bound, bindings = [], []
    for balancer in edge.load_balancers:
        for listener in balancer.listeners:
            port, error = known.get((listener.arn, balancer.address)), None
            if listener.tls is not None and not has_certificates(listener.tls, edge):
                port, error = None, f"{balancer.address}:{listener.port}: its certificate is not there"
            elif port not in (listener.port, listener.port + UNPRIVILEGED_OFFSET):
                port, error = free_port(balancer.address, listener.port)
            binding = ListenerBinding(
                listener_arn=listener.arn, address=balancer.address, port=port or listener.port, error=error
            )
            bindings.append(binding)
            if port is not None:
                bound.append(Bound(load_balancer=balancer, listener=listener, port=port))
    return bound, tuple(bindings)


def free_port(address: str, port: int) -> tuple[int | None, str | None]:
    """The port to bind for a listener's port, or why there is none."""
    for candidate in (port, port + UNPRIVILEGED_OFFSET):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # An HAProxy that an earlier balancer left behind holds the port, and will share it.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                probe.bind((address, candidate))
            except PermissionError:
                continue
            except OSError as error:
                return None, f"{address}:{candidate}: {error.strerror}"
            return candidate, None
    also = port + UNPRIVILEGED_OFFSET
    return None, f"{address}:{port}: ports below 1024 are not allowed, and {also} neither"
