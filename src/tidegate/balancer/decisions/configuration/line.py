"""What HAProxy writes for each request of a listener: more where the load balancer's logs are kept."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.balancer.decisions.access_log.raw import (
    CAPTURES,
    SHORT_FORMAT,
    TLS_FORMAT,
    failure_format,
    long_format,
)
from tidegate.balancer.decisions.configuration.quoting import quoted
from tidegate.fleet.balancing import EdgeListener, EdgeLoadBalancer

_OF_REQUESTS = frozenset({"access", "connection"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`captures`: headers of the client's that are in it, and how much of each. `is_long`: whether it is
    the one that logs are made of. `connection_format`: of what it says of a connection with TLS, which is put
    together once for each. `failure_format`: of what is written of a TLS handshake that fails."""

    format: str
    captures: tuple[tuple[str, int], ...] = ()
    connection_format: str = ""
    failure_format: str = ""

    @property
    def is_long(self) -> bool:
        return bool(self.captures)


def line(balancer: EdgeLoadBalancer, listener: EdgeListener) -> Line:
    if _OF_REQUESTS.isdisjoint(log.kind for log in balancer.logs):
        return Line(format=quoted(SHORT_FORMAT))
    tls = listener.tls
    asks_clients = tls is not None and tls.client_certificates != "off"
    return Line(
        format=quoted(long_format(is_tls=tls is not None, asks_clients=asks_clients)),
        captures=CAPTURES,
        connection_format=quoted(TLS_FORMAT) if tls is not None else "",
        failure_format=quoted(failure_format(asks_clients=asks_clients)) if tls is not None else "",
    )
