"""Load balancers by their names: one address for all, and a router that tells them apart.

A request for a name is sent on to the load balancer's own frontend, by `Host` or by the name that a TLS
client asks for, through a socket that only this user can reach; the frontend learns the client's address
from the PROXY protocol. So rules, certificates and attributes are those of the load balancer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tidegate.balancer.decisions.configuration.clients import clients
from tidegate.balancer.decisions.configuration.frontends import Bound, frontend_name
from tidegate.balancer.decisions.configuration.rules.patterns import is_literal
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeDocument

NAMES_ADDRESS = "127.0.0.1"
# What the name of every load balancer ends with.
NAMES_SUFFIX = ".elb.localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """`table`: routes by name, `*.example.com` among them. `routes`: the name of each backend, that of the
    frontend to which it leads, and who may connect to that. `only`: the route of a load balancer that is
    alone on this port: all requests are for it. `idle`: seconds."""

    name: str
    port: int
    is_tls: bool
    table: Table
    routes: tuple[tuple[str, str, Table | None], ...]
    only: str | None
    idle: int


def routers(bound: Iterable[Bound], edge: EdgeDocument) -> list[Router]:
    """One for each port that is shared."""
    named = sorted(
        (one for one in bound if one.name_port is not None),
        key=lambda one: (one.name_port, one.listener.arn),
    )
    return [_router(port, list(items), edge) for port, items in groupby(named, lambda one: one.name_port)]


def _router(port: int | None, items: Sequence[Bound], edge: EdgeDocument) -> Router:
    assert port is not None
    frontends = {item.listener.arn: frontend_name(item.listener.arn) for item in items}
    routes = {arn: f"by_name_{frontend}" for arn, frontend in frontends.items()}
    entries: dict[str, str] = {}
    # First the names of load balancers: what rules and certificates say takes none of these away.
    for name, arn in (*_own_names(items), *_other_names(items, edge)):
        entries.setdefault(name.lower(), routes[arn])
    router = f"names_{port}"
    return Router(
        name=router,
        port=port,
        is_tls=items[0].listener.tls is not None,
        table=Table(name=f"{router}.map", entries=tuple(sorted(entries.items()))),
        routes=tuple(
            (
                routes[item.listener.arn],
                frontends[item.listener.arn],
                clients(frontends[item.listener.arn], item.load_balancer, item.listener),
            )
            for item in items
        ),
        only=next(iter(routes.values())) if len({item.load_balancer.arn for item in items}) == 1 else None,
        idle=max(item.load_balancer.idle_timeout_seconds for item in items),
    )


def _own_names(items: Iterable[Bound]) -> Iterator[tuple[str, str]]:
    return ((item.load_balancer.dns_name, item.listener.arn) for item in items)


def _other_names(items: Iterable[Bound], edge: EdgeDocument) -> Iterator[tuple[str, str]]:
    """Those of certificates, and those that rules ask for."""
    certificates = {one.arn: one.names for one in edge.certificates}
    for item in items:
        listener = item.listener
        arns = listener.tls.certificates if listener.tls else ()
        names = [name for arn in arns for name in certificates.get(arn, ())]
        conditions = [one for rule in listener.rules for one in rule.conditions if one.field == "host-header"]
        names += [value for one in conditions for value in one.values]
        for name in names:
            if is_literal(name.removeprefix("*.")):
                yield name, listener.arn
