"""HAProxy's servers: what they should be, and the commands that lead there.

HAProxy knows a server from `add server` until `del server`, which it refuses while a connection is
attached. So the servers that it knows are those that are wanted and those that linger: no longer wanted,
in maintenance, deleted when they can be. One that is wanted again before that is just made ready again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tidegate.balancer.decisions.stickiness import StickyMaps, additions
from tidegate.fleet.balancing import GroupDocument

# Of a target. Where each POST leaves an idle connection that no other request finds, fewer.
IDLE_CONNECTIONS_MAX, FEWER_IDLE_CONNECTIONS_MAX = 1000, 100

# HAProxy looks for idle connections by the server name that is to be sent, even to a server that it speaks no
# TLS to: there it is sent nowhere, and one that is new finds no connection.
_APART = "sni var(txn.apart)"

# HAProxy reads a line of commands into one buffer (tune.bufsize, 16 KB) and drops what is longer.
LINE_BYTES_MAX = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A target as HAProxy knows it. `weight` is for algorithms that draw: the ring of HAProxy's `random`
    has 16 points per unit of weight, so that two servers of weight 1 differ by 14 %, of 256 by 0.3 %.
    `transport`: keywords that say how to speak to it. `idle_max`: how many idle connections it may have.
    `opaque_id`: what clients' cookies call it, where they name their target."""

    name: str
    address: str
    port: int
    is_ready: bool
    weight: int = 1
    transport: str = ""
    idle_max: int = IDLE_CONNECTIONS_MAX
    opaque_id: str = ""

    @property
    def place(self) -> str:
        """Address and port as HAProxy writes them."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @property
    def keywords(self) -> str:
        # A server that is added at run time inherits nothing; without both keywords HAProxy 2.6 would never
        # use a connection to it twice.
        pool = f"pool-max-conn {self.idle_max} pool-purge-delay 5s"
        weight = f"weight {self.weight}" if self.weight != 1 else ""
        return " ".join(part for part in (pool, self.transport, weight) if part)


def backend_name(target_group_arn: str) -> str:
    return "tg_" + target_group_arn.rsplit("/", 1)[-1]


def server_name(target_id: str, port: int) -> str:
    return f"{target_id}_{port}"


def keeps_apart(group: GroupDocument) -> bool:
    """Whether a request that may not be repeated gets a connection to its target that no other has had. With
    TLS that would be a handshake for each, with a server name that the target has never heard of."""
    return group.protocol == "HTTP"


def transport(group: GroupDocument) -> str:
    """How targets of a group are spoken to. Certificates are not looked at and no name is sent, as by
    Application Load Balancers. HTTP/2 is spoken whether or not TLS has agreed on it."""
    is_http2 = group.protocol_version != "HTTP1"
    tls = ("ssl verify none alpn h2" if is_http2 else "ssl verify none") if group.protocol == "HTTPS" else ""
    apart = _APART if keeps_apart(group) else ""
    return " ".join(part for part in (tls, "proto h2" if is_http2 else "", apart) if part)


def idle_max(group: GroupDocument) -> int:
    """A connection that a request has had for itself closes behind it only where it speaks HTTP/1."""
    leaves_some = keeps_apart(group) and group.protocol_version != "HTTP1"
    return FEWER_IDLE_CONNECTIONS_MAX if leaves_some else IDLE_CONNECTIONS_MAX


def commands(
    backend: str,
    known: Mapping[str, Server],
    wanted: Mapping[str, Server],
    sticky: StickyMaps | None = None,
    setting: str = "set server",
) -> tuple[str, ...]:
    """What to tell HAProxy: first what opens, then what closes, so that no request finds no target.
    `setting`: the command that changes a server."""
    opens: list[str] = []
    closes: list[str] = []
    for name, server in wanted.items():
        place, present = f"{backend}/{name}", known.get(name)
        if present is None:
            if sticky is not None and server.opaque_id:
                opens += additions(sticky, name, server.opaque_id)
            opens.append(f"add server {place} {server.place} {server.keywords}")
        elif present.place != server.place:
            opens.append(f"{setting} {place} addr {server.address} port {server.port}")
        if present is not None and present.weight != server.weight:
            opens.append(f"{setting} {place} weight {server.weight}")
        is_open = present is not None and present.is_ready
        if server.is_ready and not is_open:
            opens.append(f"{setting} {place} state ready")
        elif is_open and not server.is_ready:
            closes.append(f"{setting} {place} state maint")
    for name, server in known.items():
        if name not in wanted and server.is_ready:
            closes.append(f"{setting} {backend}/{name} state maint")
    return (*opens, *closes)


def after(known: Mapping[str, Server], wanted: Mapping[str, Server]) -> dict[str, Server]:
    """What HAProxy knows once it has done the commands."""
    lingering = {name: replace(known[name], is_ready=False) for name in known if name not in wanted}
    return {**wanted, **lingering}


def lines(texts: Iterable[str]) -> Iterator[str]:
    """Commands joined into as few lines as HAProxy takes."""
    line: list[str] = []
    length = 0
    for text in texts:
        if line and length + len(text) > LINE_BYTES_MAX:
            yield "; ".join(line)
            line, length = [], 0
        line.append(text)
        length += len(text) + 2
    if line:
        yield "; ".join(line)
