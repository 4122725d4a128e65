"""HAProxy's configuration from the documents: reviewed as text, by golden tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

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
POOL = "pool-max-conn 1000 pool-purge-delay 5s"
REASONS = {
    400: "Bad Request",
    408: "Request Time-out",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where HAProxy's sockets and files lie, and the descriptor of its log."""

    stats_socket: str
    errors: str
    log_descriptor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A target as HAProxy knows it."""

    name: str
    address: str
    port: int
    is_ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A listener and the address it is to bind."""

    load_balancer: EdgeLoadBalancer
    listener: EdgeListener
    address: str
    port: int


def backend_name(target_group_arn: str) -> str:
    return "tg_" + target_group_arn.rsplit("/", 1)[-1]


def frontend_name(listener_arn: str) -> str:
    return "l_" + listener_arn.rsplit("/", 1)[-1]


def server_name(target_id: str, port: int) -> str:
    return f"{target_id}_{port}"


def render(
    edge: EdgeDocument,
    bound: Sequence[Bound],
    servers: Mapping[str, Sequence[Server]],
    algorithms: Mapping[str, str],
    paths: Paths,
    maxconn: int,
) -> str:
    """The whole file. `servers` by target group ARN, each with its present state, since a reload forgets
    what was set at run time."""
    backends = [
        _backend(arn, servers.get(arn, ()), algorithms.get(arn, "")) for arn in sorted(edge.target_groups)
    ]
    frontends = [_frontend(item) for item in sorted(bound, key=lambda b: b.listener.arn)]
    return _TEMPLATES.get_template("haproxy.cfg.j2").render(
        backends=backends,
        frontends=frontends,
        paths=paths,
        maxconn=maxconn,
        pool=POOL,
        errors=sorted(REASONS),
    )


def _backend(arn: str, servers: Sequence[Server], algorithm: str) -> dict[str, object]:
    return {
        "name": backend_name(arn),
        "balance": BALANCE.get(algorithm, "roundrobin"),
        "servers": sorted(servers, key=lambda server: server.name),
    }


def _frontend(item: Bound) -> dict[str, object]:
    action = item.listener.default_action
    return {
        "name": frontend_name(item.listener.arn),
        "address": item.address,
        "port": item.port,
        "own_port": item.listener.port,
        "protocol": item.listener.protocol.lower(),
        "idle": item.load_balancer.idle_timeout_seconds,
        "groups": _ranges(action),
        "redirect": _redirect(action),
        "fixed": _fixed(action),
    }


def _ranges(action: EdgeAction) -> list[tuple[str, int]]:
    """(backend, exclusive upper end of its share of 1,000 draws) for each group with a weight."""
    total = sum(weight for _, weight in action.target_groups)
    if action.type != "forward" or not action.target_groups:
        return []
    if len(action.target_groups) == 1 or not total:
        return [(backend_name(action.target_groups[0][0]), 1000)]
    ranges, end = [], 0
    for arn, weight in action.target_groups:
        end += weight
        if weight:
            ranges.append((backend_name(arn), round(1000 * end / total)))
    return ranges


def _redirect(action: EdgeAction) -> dict[str, str] | None:
    if action.redirect is None:
        return None
    code, protocol, host, port, path, query = action.redirect
    placeholders = {
        "#{protocol}": "http",
        "#{host}": "%[var(txn.host)]",
        "#{port}": "%[var(txn.port)]",
        "#{path}": "%[path,regsub(^/,)]",
        "#{query}": "%[query]",
    }
    target = f"{protocol}://{host}:{port}{path}" + (f"?{query}" if query else "")
    for name, fetch in placeholders.items():
        target = target.replace(name, fetch)
    return {"code": code.removeprefix("HTTP_"), "location": target.lower() if not path else target}


def _fixed(action: EdgeAction) -> dict[str, str] | None:
    if action.fixed is None:
        return None
    status, content_type, body = action.fixed
    return {"status": status, "type": content_type or "text/plain", "body": _quoted(body)}


def _quoted(text: str) -> str:
    """A string in HAProxy's weak quotes, nothing of it interpreted."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'


def error_page(status: int) -> str:
    """A page that the load balancer makes itself, as Application Load Balancers word it."""
    title = f"{status} {REASONS[status]}"
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    connection = "close" if status in (400, 408) else "keep-alive"
    return (
        f"HTTP/1.1 {title}\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(body)}\r\nConnection: {connection}\r\n\r\n{body}"
    )
