"""Which rule a request gets: the first, by priority, whose conditions all hold.

HAProxy keeps the best number so far in `txn.rule` and takes a smaller one where it finds it:

1. Rules on host and path alone, each literal or with one wildcard at its right end, stand in trees: a
   hundred of them cost what one costs. The keys are `host?path?`, and `path?` for rules that name no host;
   no path holds a question mark, so that the last one ends an exact path.
2. Rules on nothing but `*.example.com` stand in a list of endings, compared one by one, which is cheap.
3. All others are a chain, which most requests skip.

Trees and lists are files, so that most changes of rules are made while HAProxy runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.rules.chain import Chain, chain
from tidegate.balancer.decisions.configuration.rules.numbers import number_of
from tidegate.balancer.decisions.configuration.rules.placing import placed, places
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """`hosted`, `paths`, `suffixes` give numbers of rules. Empty tables are not looked at."""

    hosted: Table
    paths: Table
    suffixes: Table
    chain: Chain
    asks_host: bool
    asks_path: bool

    @property
    def tables(self) -> tuple[Table, ...]:
        tables = (self.hosted, self.paths, self.suffixes, self.chain.by_path, self.chain.by_host)
        return tuple(table for table in tables if table.entries)


def matching(name: str, rules: Sequence[EdgeRule]) -> Matching:
    """How rules with conditions are told apart. `name`: what the names of their files begin with."""
    ordered = sorted(rules, key=number_of)
    hosted, paths, suffixes = placed(name, ordered)
    return Matching(
        hosted=hosted,
        paths=paths,
        suffixes=suffixes,
        chain=chain(name, [rule for rule in ordered if not places(rule)]),
        asks_host=_asks(rules, "host-header"),
        asks_path=_asks(rules, "path-pattern"),
    )


def _asks(rules: Iterable[EdgeRule], field: str) -> bool:
    return any(one.field == field for rule in rules for one in rule.conditions)
