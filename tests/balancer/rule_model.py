"""What a listener's rules mean, written for being obviously right: the oracle of `test_rule_model.py`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from tidegate.fleet.balancing import EdgeCondition, EdgeRule


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as rules see it; `host` without its port."""

    host: str
    path: str
    query: str = ""
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = ()
    source: str = "127.0.0.1"


def first_rule(rules: Iterable[EdgeRule], asked: Asked) -> int:
    """The priority of the first rule of which all conditions hold, by any of their values; 0: none."""
    for rule in sorted(rules, key=lambda one: one.priority):
        if all(_holds(condition, asked) for condition in rule.conditions):
            return rule.priority
    return 0


def like(pattern: str, text: str, *, escapes: bool = False) -> bool:
    """Whether the whole text matches; no wildcard stands for anything but visible ASCII."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if escapes and first == "\\" and rest[:1] in ("*", "?"):
        return text[:1] == rest[0] and like(rest[1:], text[1:], escapes=escapes)
    if first == "*" and like(rest, text, escapes=escapes):
        return True
    if not text:
        return False
    if first == "*":
        return _is_visible(text[0]) and like(pattern, text[1:], escapes=escapes)
    fits = _is_visible(text[0]) if first == "?" else first == text[0]
    return fits and like(rest, text[1:], escapes=escapes)


def _is_visible(character: str) -> bool:
    return 0x20 <= ord(character) <= 0x7E


def _holds(condition: EdgeCondition, asked: Asked) -> bool:
    match condition.field:
        case "host-header":
            return _any(condition, asked.host, has_case=False)
        case "path-pattern":
            return _any(condition, asked.path, has_case=True)
        case "http-request-method":
            return asked.method in condition.values
        case "http-header":
            name = condition.header_name.lower()
            lines = [value for known, value in asked.headers if known.lower() == name]
            return any(_any(condition, line, has_case=False) for line in lines)
        case "query-string":
            return any(_has_pair(asked.query, key, value) for key, value in condition.queries)
        case "source-ip":
            source = ip_address(asked.source)
            return any(source in ip_network(cidr) for cidr in condition.values)
    raise AssertionError(condition.field)


def _any(condition: EdgeCondition, text: str, *, has_case: bool) -> bool:
    if condition.regex_values:
        flags = re.NOFLAG if has_case else re.IGNORECASE
        is_visible = all(map(_is_visible, text))
        return is_visible and any(re.search(one, text, flags) for one in condition.regex_values)
    if not has_case:
        return any(like(value.lower(), text.lower()) for value in condition.values)
    return any(like(value, text) for value in condition.values)


def _has_pair(query: str, key: str | None, value: str) -> bool:
    if not query:
        return False
    for pair in query.lower().split("&"):
        name, _, text = pair.partition("=")
        if key is not None and not like(key.lower(), name, escapes=True):
            continue
        if like(value.lower(), text, escapes=True):
            return True
    return False
