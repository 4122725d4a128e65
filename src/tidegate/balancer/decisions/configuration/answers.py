"""Backends that answer by themselves: redirects and fixed responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.quoting import literal, quoted
from tidegate.balancer.decisions.pages import PHRASES
from tidegate.fleet.balancing import EdgeAction, EdgeListener, EdgeRule

LOCATION_BYTES_MAX = 8192

_PLACEHOLDERS = {
    "#{host}": "%[var(txn.authority)]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
}
# Together with its question mark, which a request without a query must not get.
_OWN_QUERY = "#{query}"

# HTTP lets these have no body.
_BODILESS = ("204", "205")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A backend that answers by itself: with a redirect to `location`, or with `body`. `phrase`: AWS's,
    where HAProxy's own words for a status are others."""

    name: str
    status: str
    phrase: str = ""
    location: str = ""
    content_type: str = ""
    body: str = ""


def answers(frontend: str, listener: EdgeListener) -> list[Answer]:
    """The backends of a listener that answer by themselves."""
    rules = [rule for rule in listener.rules if rule.action.type != "forward"]
    return [_answer(answer_name(frontend, rule), rule.action, listener) for rule in rules]


def answer_name(frontend: str, rule: EdgeRule) -> str:
    return f"{frontend}_{rule.arn.rsplit('/', 1)[-1]}"


def _answer(name: str, action: EdgeAction, listener: EdgeListener) -> Answer:
    if action.redirect is not None:
        return _redirect(name, action.redirect, listener)
    assert action.fixed is not None
    status, content_type, body = action.fixed
    return Answer(
        name=name,
        status=status,
        phrase=PHRASES.get(int(status), ""),
        content_type=quoted(content_type or "text/plain"),
        body=quoted(body) if body and status not in _BODILESS else "",
    )


def _redirect(name: str, to: Sequence[str], listener: EdgeListener) -> Answer:
    code, protocol, host, port, path, query = to
    scheme = (listener.protocol if protocol == "#{protocol}" else protocol).lower()
    location = _formatted(f"{scheme}://{host}:{port}{path}", listener)
    if query == _OWN_QUERY:
        location += "%[var(txn.query)]"
    elif query:
        location += _formatted(f"?{query}", listener)
    return Answer(name=name, status=code.removeprefix("HTTP_"), location=quoted(location))


def _formatted(text: str, listener: EdgeListener) -> str:
    values = {"#{protocol}": listener.protocol.lower(), "#{port}": str(listener.port), **_PLACEHOLDERS}
    text = literal(text)
    for name, value in values.items():
        text = text.replace(name, value)
    return text
