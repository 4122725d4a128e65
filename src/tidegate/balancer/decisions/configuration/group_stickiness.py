"""Clients that stay with the target group that was drawn for them.

Their cookie is made as a target's is (`decisions/stickiness.py`), and names a group instead. The same one
holds on all listeners of a load balancer. A group that a rule no longer forwards to, or with weight zero,
is drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.forwards import Backends, is_sticky
from tidegate.balancer.decisions.configuration.rules import number_of
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.servers import backend_name
from tidegate.balancer.decisions.stickiness import Stickiness, opaque_id, signing_key
from tidegate.fleet.balancing import EdgeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class StickyGroups:
    """`seconds` by a rule's number; `members`: groups by `number?id`; `ids` of groups. `zonal`: a group and
    the number of its zones, where it has a backend for each."""

    key: str
    seconds: Table
    members: Table
    ids: Table
    zonal: tuple[tuple[str, int], ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.seconds, self.members, self.ids)


def sticky_groups(
    frontend: str,
    balancer_arn: str,
    rules: Iterable[EdgeRule],
    backends: Backends,
    stickiness: Stickiness,
) -> StickyGroups | None:
    """None when no rule of a listener is sticky. `backends`: of the target groups that there are."""
    sticky = [rule for rule in rules if is_sticky(rule)]
    if not sticky:
        return None
    arns = sorted({arn for rule in sticky for arn in _members(rule) if arn in backends})
    ids = {arn: opaque_id(stickiness.key, "groups", arn) for arn in arns}
    members = {
        f"{number_of(rule)}?{ids[arn]}": backend_name(arn)
        for rule in sticky
        for arn in _members(rule)
        if arn in ids
    }
    return StickyGroups(
        key=signing_key(stickiness.key, balancer_arn),
        seconds=Table(
            name=f"{frontend}.sticky.map",
            entries=tuple((str(number_of(rule)), str(rule.action.stickiness_seconds)) for rule in sticky),
        ),
        members=Table(name=f"{frontend}.members.map", entries=tuple(members.items())),
        ids=Table(
            name=f"{frontend}.ids.map", entries=tuple((backend_name(arn), id_) for arn, id_ in ids.items())
        ),
        zonal=tuple((backend_name(arn), len(backends[arn])) for arn in arns if len(backends[arn]) > 1),
    )


def _members(rule: EdgeRule) -> list[str]:
    return [arn for arn, weight in rule.action.target_groups if weight]
