"""Which backend a request gets by its rule: a target group's, or one that answers by itself.

Rules that forward to several groups draw one. The shares are a table, so that weights change while HAProxy
runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tidegate.balancer.decisions.configuration.answers import answer_name
from tidegate.balancer.decisions.configuration.rules import number_of
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.servers import backend_name
from tidegate.fleet.balancing import EdgeRule

# How fine a share can be: 999 of 999 + 4 x 999 and 1 of that are both exact to 0.0001 %.
DRAWS = 1_000_000

# Where a request goes that no target group may have: it gets AWS's 503.
NOWHERE = "nowhere"


def place(frontend: str, rule: EdgeRule, groups: Collection[str]) -> str | None:
    """The one backend for a rule's requests; None when a draw decides. `groups`: those that there are."""
    action = rule.action
    if action.type != "forward":
        return answer_name(frontend, rule)
    if len(action.target_groups) != 1:
        return None
    arn = action.target_groups[0][0]
    return backend_name(arn) if arn in groups else NOWHERE


def places(frontend: str, rules: Iterable[EdgeRule], groups: Collection[str]) -> Table:
    """Rules whose requests have one place to go."""
    found = ((number_of(rule), place(frontend, rule, groups)) for rule in rules)
    entries = tuple((str(number), name) for number, name in found if name is not None)
    return Table(name=f"{frontend}.places.map", entries=entries)


def shares(frontend: str, rules: Iterable[EdgeRule], groups: Collection[str]) -> Table:
    """Of rules whose requests have several places: ranges of draws, after the rule's number times DRAWS.
    A rule whose weights are all zero has none."""
    entries = tuple(entry for rule in rules if is_drawn(rule) for entry in _ranges(rule, groups))
    return Table(name=f"{frontend}.shares.map", entries=entries)


def is_drawn(rule: EdgeRule) -> bool:
    return rule.action.type == "forward" and len(rule.action.target_groups) != 1


def _ranges(rule: EdgeRule, groups: Collection[str]) -> Iterator[tuple[str, str]]:
    total = sum(weight for _, weight in rule.action.target_groups)
    first, base, end = 0, number_of(rule) * DRAWS, 0
    for arn, weight in rule.action.target_groups:
        end += weight
        last = DRAWS * end // total - 1 if total else -1
        if last >= first:
            name = backend_name(arn) if arn in groups else NOWHERE
            yield f"{base + first}:{base + last}", name
            first = last + 1
