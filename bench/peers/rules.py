"""The rules of every load balancer in the run, as the others' configurations want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.load_balancer.rules import RULES, rule

# Of the rule's number: a path with its wildcard, and a host with its path, if any.
PATHS: Mapping[int, str] = {
    number: rule(number)["path-pattern"][0] for number in range(RULES) if "host-header" not in rule(number)
}
HOSTS: Mapping[int, tuple[str, str]] = {
    number: (one["host-header"][0], one["path-pattern"][0] if "path-pattern" in one else "")
    for number, one in enumerate(map(rule, range(RULES)))
    if "host-header" in one
}


def prefix(pattern: str) -> str | None:
    """What a path begins with, when the pattern has one wildcard, at its end."""
    before = pattern.removesuffix("*")
    return None if {"*", "?"} & set(before) else before


def expression(pattern: str) -> str:
    """The pattern as a regular expression of a whole path; our patterns hold nothing else that is special."""
    return "^" + pattern.replace("?", ".").replace("*", ".*") + "$"


def conditions() -> Sequence[Mapping[str, Sequence[str]]]:
    """As AWS has them, by priority."""
    return [rule(number) for number in range(RULES)]
