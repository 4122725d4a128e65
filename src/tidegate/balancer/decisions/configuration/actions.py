"""What a rule does, in HAProxy's words."""

from __future__ import annotations

from tidegate.balancer.decisions.configuration.quoting import literal, quoted
from tidegate.balancer.decisions.servers import backend_name
from tidegate.fleet.balancing import EdgeAction

DRAWS = 1000

_PLACEHOLDERS = {
    "#{protocol}": "http",
    "#{host}": "%[req.hdr(host),host_only]",
    "#{port}": "%[var(txn.port)]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
}
# Together with its question mark, which a request without a query must not get.
_OWN_QUERY = "#{query}"


def shares(action: EdgeAction) -> list[tuple[str, int]]:
    """(backend, exclusive upper end of its share of all draws) for each group with a weight. A group that
    is alone gets everything: its weight is a share of itself."""
    weighted = [(arn, weight) for arn, weight in action.target_groups if weight]
    if len(action.target_groups) == 1:
        weighted = [(action.target_groups[0][0], 1)]
    total = sum(weight for _, weight in weighted)
    ends, end = [], 0
    for arn, weight in weighted:
        end += weight
        ends.append((backend_name(arn), round(DRAWS * end / total)))
    return ends


def redirect(action: EdgeAction) -> dict[str, str] | None:
    """Status code and Location of a redirect."""
    if action.redirect is None:
        return None
    code, protocol, host, port, path, query = action.redirect
    scheme = "http" if protocol == "#{protocol}" else protocol.lower()
    suffix = "%[var(txn.query)]" if query == _OWN_QUERY else _formatted(f"?{query}" if query else "")
    location = _formatted(f"{scheme}://{host}:{port}{path}") + suffix
    return {"code": code.removeprefix("HTTP_"), "location": quoted(location)}


def fixed(action: EdgeAction) -> dict[str, str] | None:
    """Status, content type and body of a fixed response."""
    if action.fixed is None:
        return None
    status, content_type, body = action.fixed
    return {"status": status, "type": quoted(content_type or "text/plain"), "body": quoted(body)}


def _formatted(text: str) -> str:
    text = literal(text)
    for name, fetch in _PLACEHOLDERS.items():
        text = text.replace(name, fetch)
    return text
