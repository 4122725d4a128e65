"""Listeners as HAProxy's frontends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.answers import Answer, answers
from tidegate.balancer.decisions.configuration.clients import clients
from tidegate.balancer.decisions.configuration.desync import may_be_remarkable, may_be_suspicious
from tidegate.balancer.decisions.configuration.forwards import Backends, place, places, shares
from tidegate.balancer.decisions.configuration.group_stickiness import StickyGroups, sticky_groups
from tidegate.balancer.decisions.configuration.line import Line, line
from tidegate.balancer.decisions.configuration.logins import Login, logins
from tidegate.balancer.decisions.configuration.quoting import literal, quoted, verbatim
from tidegate.balancer.decisions.configuration.rules import Matching, matching
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.configuration.tls import CERTIFICATE_HEADERS, TlsBind, tls_bind
from tidegate.balancer.decisions.configuration.tokens import KeySets, TokenChecks, token_checks
from tidegate.balancer.decisions.configuration.transforms import Rewrite, rewrites
from tidegate.balancer.decisions.stickiness import Stickiness
from tidegate.fleet.balancing import EdgeDocument, EdgeListener, EdgeLoadBalancer, EdgeRule

_OWN_BEGINNINGS = ("x-amzn-", "x-forwarded-")
OWN_HEADERS = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"})
TLS_HEADERS = ("X-Amzn-Tls-Version", "X-Amzn-Tls-Cipher-Suite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A listener, and the ports that it is to have at its load balancer's own address, and at the address
    that all load balancers share."""

    load_balancer: EdgeLoadBalancer
    listener: EdgeListener
    port: int | None = None
    name_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontend:
    """What the template says of one listener. `only_place`: the backend of all its requests, when no rule
    is looked for and nothing is drawn; else `places` and `shares` say which. `skips_chain`: whether the
    chain of rules can stand last, so that a request that no gate is open to skips it. `has_short_way`:
    whether ordinary requests can skip what is there for others. `certificate_headers`,
    `tls_headers`: the chosen names of X-Amzn-Mtls-* and X-Amzn-Tls-*, by their usual ones."""

    name: str
    balancer: EdgeLoadBalancer
    listener: EdgeListener
    port: int | None
    name_port: int | None
    tls: TlsBind | None
    line: Line
    certificate_headers: Mapping[str, str]
    tls_headers: Mapping[str, str]
    forwards: bool
    skips_chain: bool
    has_short_way: bool
    only_place: str | None
    clients: Table | None
    matching: Matching
    places: Table
    shares: Table
    sticky: StickyGroups | None
    rewrites: tuple[Rewrite, ...]
    tokens: TokenChecks | None
    logins: tuple[Login, ...]
    answers: tuple[Answer, ...]

    @property
    def protocol(self) -> str:
        return self.listener.protocol.lower()

    @property
    def client(self) -> str:
        """A client's address, as X-Forwarded-For says it."""
        if not self.balancer.xff_has_client_port:
            return "%[src]"
        return "[%[src]]:%[src_port]" if ":" in self.balancer.address else "%[src]:%[src_port]"

    @property
    def odd_names(self) -> str:
        """Finds, in a list of names between commas, the headers that ordinary requests do not have."""
        return verbatim(f"{may_be_remarkable()}|{self._own_names}")

    @property
    def odd_names_of_bodies(self) -> str:
        """The same where a body is ordinary."""
        return verbatim(f"{may_be_suspicious()}|{self._own_names}")

    @property
    def _own_names(self) -> str:
        """Finds the headers that the load balancer itself may set."""
        chosen = {name.lower() for name in (*self.certificate_headers.values(), *self.tls_headers.values())}
        others = [re.escape(name) for name in sorted(chosen) if not name.startswith(_OWN_BEGINNINGS)]
        return "|".join((*_OWN_BEGINNINGS, *others))

    @property
    def other_ports(self) -> list[int]:
        """Where the listener really answers, other than on its own port."""
        bound = {self.port, self.name_port} - {None, self.listener.port}
        return sorted(port for port in bound if port is not None)

    @property
    def is_at_default_port(self) -> bool:
        return self.listener.port in (80, 443)

    @property
    def response_headers(self) -> dict[str, str]:
        return {name: quoted(literal(value)) for name, value in self.listener.response_headers.items()}

    @property
    def tables(self) -> tuple[Table, ...]:
        clients = () if self.clients is None else (self.clients,)
        if self.only_place is not None:
            return clients
        own = tuple(table for table in (self.places, self.shares) if table.entries)
        # A sticky listener looks at these even if they say nothing.
        sticky = () if self.sticky is None else (self.shares, *self.sticky.tables)
        return tuple(dict.fromkeys((*clients, *self.matching.tables, *own, *sticky)))


def frontend_name(listener_arn: str) -> str:
    return "l_" + listener_arn.rsplit("/", 1)[-1]


def frontend(
    item: Bound,
    backends: Backends,
    stickiness: Stickiness,
    edge: EdgeDocument,
    secrets: str,
    key_sets: KeySets,
) -> Frontend:
    """`secrets`: the folder of certificates. `backends`: of the target groups that there are."""
    listener, name = item.listener, frontend_name(item.listener.arn)
    *others, default = listener.rules
    known = matching(name, others)
    changes = tuple(rewrites(others))
    tokens = token_checks(listener.rules, key_sets)
    users = logins(item.load_balancer, listener.rules, edge)
    sticky = sticky_groups(name, item.load_balancer.arn, listener.rules, backends, stickiness)
    forwards = any(rule.action.type == "forward" for rule in listener.rules)
    is_special = bool(sticky or changes or tokens or users or _sees_own_headers(others))
    return Frontend(
        name=name,
        balancer=item.load_balancer,
        listener=listener,
        port=item.port,
        name_port=item.name_port,
        tls=_tls(name, item, edge, secrets),
        line=line(item.load_balancer, listener),
        certificate_headers=_chosen(CERTIFICATE_HEADERS, listener),
        tls_headers=_chosen(TLS_HEADERS, listener),
        forwards=forwards,
        skips_chain=bool(known.chain.links) and not is_special,
        has_short_way=forwards and not is_special and _is_ordinary(item),
        only_place=None if others else place(name, default, backends),
        clients=clients(name, item.load_balancer, listener),
        matching=known,
        places=places(name, listener.rules, backends),
        shares=shares(name, listener.rules, backends),
        sticky=sticky,
        rewrites=changes,
        tokens=tokens,
        logins=users,
        answers=tuple(answers(name, listener)),
    )


def _tls(name: str, item: Bound, edge: EdgeDocument, secrets: str) -> TlsBind | None:
    if item.listener.tls is None:
        return None
    speaks_http2 = item.load_balancer.speaks_http2
    return tls_bind(name, item.listener.tls, edge, speaks_http2=speaks_http2, folder=secrets)


def _is_ordinary(item: Bound) -> bool:
    """Whether there is nothing that has to be done to each request of the listener's, rules apart."""
    tls = item.listener.tls
    asks_clients = tls is not None and tls.client_certificates != "off"
    return item.load_balancer.desync_mitigation_mode != "monitor" and not asks_clients


def _chosen(names: Iterable[str], listener: EdgeListener) -> dict[str, str]:
    return {name: listener.request_header_names.get(name, name) for name in names}


def _sees_own_headers(rules: Iterable[EdgeRule]) -> bool:
    """Whether a rule asks for a header that the load balancer itself sets: it must see the client's."""
    names = {one.header_name.lower() for rule in rules for one in rule.conditions}
    return not names.isdisjoint(OWN_HEADERS)
