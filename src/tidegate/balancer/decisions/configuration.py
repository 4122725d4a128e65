"""HAProxy's configuration from the documents: reviewed as text, by golden tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from tidegate.balancer.decisions.pages import PHRASES
from tidegate.balancer.decisions.servers import Server, backend_name
from tidegate.fleet.balancing import EdgeAction, EdgeDocument, EdgeListener, EdgeLoadBalancer

_TEMPLATES = Environment(
    loader=PackageLoader("tidegate.balancer", "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
    autoescape=False,
)

BALANCE = {
    "round_robin": "roundrobin",
    "least_outstanding_requests": "leastconn",
    "weighted_random": "random(1)",
}
CONNECT_SECONDS = 2
RETRIES = 3
IDLE_SECONDS = 60
_DRAWS = 1000

_PLACEHOLDERS = {
    "#{protocol}": "http",
    "#{host}": "%[req.hdr(host),host_only]",
    "#{port}": "%[var(txn.port)]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
}
# Together with its question mark, which a request without a query must not get.
_OWN_QUERY = "#{query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """HAProxy's socket, the folder of its error pages, the descriptors of its two logs."""

    stats_socket: str
    pages: str
    access_log: int
    error_log: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A listener and the address and port that it is to bind."""

    load_balancer: EdgeLoadBalancer
    listener: EdgeListener
    port: int


def frontend_name(listener_arn: str) -> str:
    return "l_" + listener_arn.rsplit("/", 1)[-1]


def balance(algorithm: str) -> str:
    return BALANCE.get(algorithm, BALANCE["round_robin"])


def render(
    edge: EdgeDocument,
    bound: Sequence[Bound],
    servers: Mapping[str, Mapping[str, Server]],
    algorithms: Mapping[str, str],
    paths: Paths,
    connections_max: int,
) -> str:
    """The whole file. `servers` by target group ARN, each with its present state, since a reload forgets
    what was set at run time."""
    idle = _idle_timeouts(edge)
    backends = [
        {
            "name": backend_name(arn),
            "balance": balance(algorithms.get(arn, "")),
            "idle": idle.get(arn, IDLE_SECONDS),
            "servers": [server for _, server in sorted(servers.get(arn, {}).items())],
        }
        for arn in sorted(edge.target_groups)
    ]
    frontends = [_frontend(item) for item in sorted(bound, key=lambda one: one.listener.arn)]
    return _TEMPLATES.get_template("haproxy.cfg.j2").render(
        backends=backends,
        frontends=frontends,
        paths=paths,
        connections_max=connections_max,
        connect_seconds=CONNECT_SECONDS,
        # The last attempt has begun, and was not refused: a refusal waits at most a second for the next.
        silent_milliseconds=int((RETRIES + 0.5) * CONNECT_SECONDS * 1000),
        retries=RETRIES,
        idle=IDLE_SECONDS,
        errors=sorted(PHRASES),
        draws=_DRAWS,
    )


def _idle_timeouts(edge: EdgeDocument) -> dict[str, int]:
    """The idle timeout towards the targets of each group: a group belongs to one load balancer."""
    return {
        arn: balancer.idle_timeout_seconds
        for balancer in edge.load_balancers
        for listener in balancer.listeners
        for arn, _ in listener.default_action.target_groups
    }


def _frontend(item: Bound) -> dict[str, object]:
    action = item.listener.default_action
    return {
        "name": frontend_name(item.listener.arn),
        "address": item.load_balancer.address,
        "port": item.port,
        "own_port": item.listener.port,
        "protocol": item.listener.protocol.lower(),
        "idle": item.load_balancer.idle_timeout_seconds,
        "shares": shares(action),
        "redirect": _redirect(action),
        "fixed": _fixed(action),
    }


def shares(action: EdgeAction) -> list[tuple[str, int]]:
    """(backend, exclusive upper end of its share of 1,000 draws) for each group with a weight. A group
    that is alone gets everything: its weight is a share of itself."""
    weighted = [(arn, weight) for arn, weight in action.target_groups if weight]
    if len(action.target_groups) == 1:
        weighted = [(action.target_groups[0][0], 1)]
    total = sum(weight for _, weight in weighted)
    ends, end = [], 0
    for arn, weight in weighted:
        end += weight
        ends.append((backend_name(arn), round(_DRAWS * end / total)))
    return ends


def _redirect(action: EdgeAction) -> dict[str, str] | None:
    if action.redirect is None:
        return None
    code, protocol, host, port, path, query = action.redirect
    scheme = "http" if protocol == "#{protocol}" else protocol.lower()
    suffix = "%[var(txn.query)]" if query == _OWN_QUERY else _formatted(f"?{query}" if query else "")
    location = _formatted(f"{scheme}://{host}:{port}{path}") + suffix
    return {"code": code.removeprefix("HTTP_"), "location": quoted(location)}


def _formatted(text: str) -> str:
    """AWS's placeholders as HAProxy's; a percent sign of the user's stays one."""
    text = text.replace("%", "%%")
    for name, fetch in _PLACEHOLDERS.items():
        text = text.replace(name, fetch)
    return text


def _fixed(action: EdgeAction) -> dict[str, str] | None:
    if action.fixed is None:
        return None
    status, content_type, body = action.fixed
    return {"status": status, "type": quoted(content_type or "text/plain"), "body": quoted(body)}


def quoted(text: str) -> str:
    """A string in HAProxy's weak quotes, nothing of it interpreted by the file's reader."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'
