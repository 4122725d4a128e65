"""Which backend a request gets by its rule: one of a target group's, or one that answers by itself.

Where there are several, by weights or because a group has one for each zone, one is drawn. The shares are a
table, so that weights change while HAProxy runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction

from tidegate.balancer.decisions.configuration.answers import answer_name
from tidegate.balancer.decisions.configuration.rules import number_of
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.servers import backend_name
from tidegate.fleet.balancing import EdgeRule

# How fine a share can be: the least that weights can ask for, 1 of 999 * 4 + 1, is 250 draws.
DRAWS = 1_000_000

# Where a request goes that no target group may have: it gets AWS's 503.
NOWHERE = "nowhere"

# The names of each target group's backends, by its ARN.
Backends = Mapping[str, Collection[str]]


def place(frontend: str, rule: EdgeRule, backends: Backends) -> str | None:
    """The one backend for a rule's requests; None when a draw decides."""
    if rule.action.type != "forward":
        return answer_name(frontend, rule)
    drawn = _shares(rule, backends)
    return drawn[0][0] if len(drawn) == 1 else None


def places(frontend: str, rules: Iterable[EdgeRule], backends: Backends) -> Table:
    """Rules whose requests have one place to go."""
    found = ((number_of(rule), place(frontend, rule, backends)) for rule in rules)
    entries = tuple((str(number), name) for number, name in found if name is not None)
    return Table(name=f"{frontend}.places.map", entries=entries)


def shares(frontend: str, rules: Iterable[EdgeRule], backends: Backends) -> Table:
    """Of rules whose requests have several: ranges of draws, after the rule's number times DRAWS. A rule
    whose weights are all zero has none."""
    drawn = (rule for rule in rules if place(frontend, rule, backends) is None)
    entries = tuple(entry for rule in drawn for entry in _ranges(number_of(rule), _shares(rule, backends)))
    return Table(name=f"{frontend}.shares.map", entries=entries)


def is_sticky(rule: EdgeRule) -> bool:
    """Whether clients stay with the group that is drawn; its zone is drawn for each of their requests."""
    return rule.action.stickiness_seconds is not None and len(rule.action.target_groups) > 1


def _shares(rule: EdgeRule, backends: Backends) -> list[tuple[str, Fraction]]:
    """Backends with their weights. A group that is alone gets everything, whatever its weight."""
    groups = rule.action.target_groups
    pairs = [(groups[0][0], 1)] if len(groups) == 1 else groups
    return [
        (name, Fraction(weight, len(names)))
        for arn, weight in pairs
        for names in (_drawn(rule, arn, backends),)
        for name in names
    ]


def _drawn(rule: EdgeRule, arn: str, backends: Backends) -> Collection[str]:
    if arn not in backends:
        return (NOWHERE,)
    return (backend_name(arn),) if is_sticky(rule) else backends[arn]


def _ranges(number: int, drawn: Iterable[tuple[str, Fraction]]) -> Iterator[tuple[str, str]]:
    weighted = [(name, weight) for name, weight in drawn if weight]
    total, end, first = sum(weight for _, weight in weighted), Fraction(0), 0
    for name, weight in weighted:
        end += weight
        last = int(DRAWS * end / total) - 1
        yield f"{number * DRAWS + first}:{number * DRAWS + last}", name
        first = last + 1
