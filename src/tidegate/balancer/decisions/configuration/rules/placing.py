"""Rules on host and path alone that need no chain: each is said by entries of trees and lists."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from tidegate.balancer.decisions.configuration.rules.numbers import number_of, table, values_of
from tidegate.balancer.decisions.configuration.rules.patterns import is_literal, prefix_of, suffix_of
from tidegate.balancer.decisions.configuration.rules.prefixes import merged
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeRule

# (kind, text): `hosted` and `paths` are trees of prefixes, `suffixes` is a list of endings of hosts.
Place = tuple[str, str]


def places(rule: EdgeRule) -> list[Place]:
    """The entries that say all of a rule; none when entries cannot."""
    fields = [one.field for one in rule.conditions if not one.regex_values]
    if len(fields) != len(rule.conditions) or not {*fields} <= {"host-header", "path-pattern"}:
        return []
    hosts: list[str | None] = [*values_of(rule, "host-header")] or [None]
    paths: list[str | None] = [*values_of(rule, "path-pattern")] or [None]
    found = [_place(host, path) for host, path in product(hosts, paths)]
    return [place for place in found if place is not None] if None not in found else []


def placed(name: str, rules: Iterable[EdgeRule]) -> tuple[Table, Table, Table]:
    """Tables of numbers by `hosted`, `paths` and `suffixes`, of rules in the order of their numbers."""
    entries: dict[str, list[tuple[str, int]]] = {"hosted": [], "paths": [], "suffixes": []}
    for rule in rules:
        for kind, text in places(rule):
            entries[kind].append((text, number_of(rule)))
    hosted, paths, suffixes = entries.values()
    return (
        table(f"{name}.hosted.map", _best(hosted)),
        table(f"{name}.paths.map", _best(paths)),
        table(f"{name}.suffixes.map", suffixes),
    )


def _place(host: str | None, path: str | None) -> Place | None:
    if host is not None and path is None and (suffix := suffix_of(host.lower())):
        return "suffixes", suffix
    text = "" if path is None else f"{path}?" if is_literal(path) else prefix_of(path)
    if text is None or (host is not None and not is_literal(host)):
        return None
    return ("paths", text or "/") if host is None else ("hosted", f"{host.lower()}?{text}")


def _best(entries: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return [(prefix, min(numbers)) for prefix, numbers in merged(entries).items()]
