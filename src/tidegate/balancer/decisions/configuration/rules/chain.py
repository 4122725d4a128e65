"""Rules that are looked at one after the other.

A line of HAProxy's costs about the same whatever it says, and a hundred of them a quarter of a request. So
a request skips them all unless one may hold for it: those that can hold below some paths only, or for some
hosts only, are found by a tree, which gives the *bucket* of rules that may hold together; of each of the
others one condition is a *gate*, and the gates are looked at together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.quoting import verbatim
from tidegate.balancer.decisions.configuration.rules.conditions import (
    WORDS_MAX,
    Test,
    merged_tests,
    test_of,
)
from tidegate.balancer.decisions.configuration.rules.numbers import number_of, table, values_of
from tidegate.balancer.decisions.configuration.rules.patterns import is_literal, literal_prefix
from tidegate.balancer.decisions.configuration.rules.prefixes import merged
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeRule

_FEW = 3
_BY_PATH, _BY_HOST = "txn.by_path", "txn.by_host"

# What tells most requests apart comes first. Most are GETs.
_GATES = ("http-header", "query-string", "source-ip", "path-pattern", "host-header", "http-request-method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A rule of the chain: what must hold, and `bucket`, what tells cheaply that it may."""

    number: int
    bucket: str
    conditions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """`by_path`, `by_host` give buckets. `gates`: lines of an ACL that holds if a link may hold."""

    by_path: Table
    by_host: Table
    gates: tuple[str, ...]
    links: tuple[Link, ...]


def chain(name: str, rules: Sequence[EdgeRule]) -> Chain:
    """Rules in the order of their numbers. `name`: what the names of their files begin with."""
    below = {number_of(rule): anchors for rule in rules if (anchors := _path_anchors(rule))}
    rest = [rule for rule in rules if number_of(rule) not in below]
    of_hosts = {number_of(rule): anchors for rule in rest if (anchors := _host_anchors(rule))}
    prefixes = sorted({anchor for anchors in below.values() for anchor in anchors})
    # Of a few it is cheaper to look whether one of them holds than to ask the tree which.
    is_few = 0 < len(prefixes) <= _FEW
    by_path, path_buckets = _buckets(f"{name}.by_path.map", {} if is_few else below)
    by_host, host_buckets = _buckets(f"{name}.by_host.map", of_hosts)
    tests = {number: _test(_BY_PATH, buckets) for number, buckets in path_buckets.items()}
    tests |= {number: _test(_BY_HOST, buckets) for number, buckets in host_buckets.items()}
    gates = [f"var({_BY_PATH}) -m found"] if by_path.entries else []
    gates += [f"path -m beg -- {' '.join(map(verbatim, prefixes))}"] if is_few else []
    gates += [f"var({_BY_HOST}) -m found"] if of_hosts else []
    others = merged_tests(_gate(rule) for rule in rest if number_of(rule) not in of_hosts)
    return Chain(
        by_path=by_path,
        by_host=by_host,
        gates=(*gates, *(line for test in others for line in test.lines)),
        links=tuple(_link(rule, tests.get(number_of(rule), "")) for rule in rules),
    )


def _path_anchors(rule: EdgeRule) -> list[str]:
    """What the path of each request that may get a rule begins with, when that tells requests apart."""
    anchors = [literal_prefix(path) for path in values_of(rule, "path-pattern")]
    return anchors if all(len(anchor) > 1 for anchor in anchors) else []


def _host_anchors(rule: EdgeRule) -> list[str]:
    hosts = values_of(rule, "host-header")
    return [f"{host.lower()}?" for host in hosts] if all(map(is_literal, hosts)) else []


def _buckets(name: str, anchors: Mapping[int, Sequence[str]]) -> tuple[Table, Mapping[int, Sequence[int]]]:
    """The table of buckets by prefix, and of each rule the buckets that it is in."""
    sets = merged((anchor, number) for number, texts in anchors.items() for anchor in texts)
    known = {numbers: bucket for bucket, numbers in enumerate(sorted(set(sets.values()), key=sorted), 1)}
    buckets = table(name, [(prefix, known[numbers]) for prefix, numbers in sets.items()])
    return buckets, {number: [known[one] for one in known if number in one] for number in anchors}


def _test(variable: str, buckets: Sequence[int]) -> str:
    """Empty when it would be too long: without it the rule's conditions still say all."""
    if len(buckets) > WORDS_MAX:
        return ""
    return f"{{ var({variable}) -m int {' '.join(map(str, buckets))} }} "


def _gate(rule: EdgeRule) -> Test:
    methods = [one for one in rule.conditions if one.field == "http-request-method"]
    if methods and "GET" not in methods[0].values:
        return test_of(methods[0])
    return test_of(min(rule.conditions, key=lambda one: _GATES.index(one.field)))


def _link(rule: EdgeRule, bucket: str) -> Link:
    conditions = " ".join(test_of(condition).acl for condition in rule.conditions)
    return Link(number=number_of(rule), bucket=bucket, conditions=conditions)
