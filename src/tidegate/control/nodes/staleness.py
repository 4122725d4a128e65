"""Which of a balancer's documents a change makes stale. To compute one too often costs time, to miss one
costs the truth."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.store import Change, Snapshot
from tidegate.control.store.tables import (
    CERTIFICATE_AUTHORITIES,
    CERTIFICATES,
    INSTANCES,
    LISTENERS,
    LOAD_BALANCERS,
    LOGIN_KEYS,
    RULES,
    SECURITY_GROUPS,
    TARGET_GROUPS,
    TARGETS,
    TRUST_STORES,
)
from tidegate.domain.ec2 import Instance, SecurityGroup
from tidegate.domain.elbv2 import Listener, LoadBalancer, Rule, target_groups_of

_OF_THE_EDGE = (
    LOAD_BALANCERS,
    LISTENERS,
    RULES,
    TARGET_GROUPS,
    LOGIN_KEYS,
    CERTIFICATES,
    CERTIFICATE_AUTHORITIES,
    TRUST_STORES,
    SECURITY_GROUPS,
)


def is_edge_stale(change: Change, snapshot: Snapshot) -> bool:
    if change.table is INSTANCES:
        return _changes_reach(change) and _may_enter(change, snapshot)
    return change.table in _OF_THE_EDGE


def _may_enter(change: Change, snapshot: Snapshot) -> bool:
    """Whether an instance is in a security group that one of a load balancer's names: its address is then
    what that rule means."""
    groups = {group for row in (change.old, change.new) if row for group in row.security_groups}
    entrances = {group for row in snapshot.all(LOAD_BALANCERS) for group in row.security_groups}
    rows = (snapshot.get(SECURITY_GROUPS, group_id) for group_id in entrances)
    return any(rule.peer.group_id in groups for row in rows if row for rule in row.rules)


def stale_groups(change: Change, snapshot: Snapshot, known: Iterable[str]) -> set[str]:
    """ARNs of target groups. `known`: those whose documents the balancer has."""
    if change.table is TARGETS:
        return {(change.new or change.old).target_group_arn}
    if change.table is TARGET_GROUPS:
        return {change.key}
    if change.table in (LISTENERS, RULES):
        # The load balancer that reaches the group's targets may be another one now.
        return _named(change.old) ^ _named(change.new)
    if change.table is INSTANCES and _changes_reach(change):
        return {target.target_group_arn for target in snapshot.by(TARGETS, "id", change.key)}
    if change.table in (LOAD_BALANCERS, SECURITY_GROUPS) and _changes_reach(change):
        return set(known)
    return set()


def _named(row: Listener | Rule | None) -> set[str]:
    if row is None:
        return set()
    return set(target_groups_of(row.actions if isinstance(row, Rule) else row.default_actions))


def _changes_reach(change: Change) -> bool:
    return _reach(change.old) != _reach(change.new)


def _reach(row: Instance | LoadBalancer | SecurityGroup | None) -> object:
    """What of a row says who reaches whom."""
    if isinstance(row, Instance):
        return row.security_groups, row.private_ip_address, row.subnet_id, row.state == "terminated"
    if isinstance(row, LoadBalancer):
        return row.security_groups, row.address, row.zones
    return row.rules if row is not None else None
