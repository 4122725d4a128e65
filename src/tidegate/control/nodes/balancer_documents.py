"""Documents for balancers, computed from the state.

A document's generation is the revision of the snapshot that it was computed from: the same generation has
the same content, and a change has a greater one, over restarts of control too.
"""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.store import Snapshot
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS, TARGETS
from tidegate.domain.elbv2 import Action, Listener, LoadBalancer, Target, TargetGroup
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    GroupDocument,
    GroupTarget,
    HealthCheckDocument,
)


def edge_document(snapshot: Snapshot) -> EdgeDocument:
    """All load balancers with their listeners, and the target groups that these use."""
    balancers = sorted(snapshot.all(LOAD_BALANCERS), key=lambda row: row.arn)
    edges = tuple(_load_balancer(snapshot, row) for row in balancers)
    used = {arn for edge in edges for listener in edge.listeners for arn in listener.target_groups}
    return EdgeDocument(
        generation=snapshot.revision,
        load_balancers=edges,
        target_groups=tuple(arn for arn in sorted(used) if snapshot.get(TARGET_GROUPS, arn) is not None),
    )


def group_document(snapshot: Snapshot, target_group_arn: str) -> GroupDocument | None:
    """One target group with its targets; None when there is no such group."""
    group = snapshot.get(TARGET_GROUPS, target_group_arn)
    if group is None:
        return None
    return GroupDocument(
        target_group_arn=group.arn,
        generation=snapshot.revision,
        algorithm=group.attributes.get("load_balancing.algorithm.type", "round_robin"),
        health_check=_health_check(group),
        targets=tuple(_targets(snapshot.by(TARGETS, "target_group", group.arn))),
    )


def _load_balancer(snapshot: Snapshot, row: LoadBalancer) -> EdgeLoadBalancer:
    listeners = sorted(snapshot.by(LISTENERS, "load_balancer", row.arn), key=lambda one: one.port)
    return EdgeLoadBalancer(
        arn=row.arn,
        name=row.name,
        dns_name=row.dns_name,
        address=row.address,
        idle_timeout_seconds=int(row.attributes.get("idle_timeout.timeout_seconds", "60")),
        listeners=tuple(_listener(listener) for listener in listeners),
    )


def _listener(row: Listener) -> EdgeListener:
    # Actions before the last one authenticate; the last one, by order, says where the request goes.
    action = max(row.default_actions, key=lambda one: one.order or 0)
    default = EdgeRule(arn=row.arn, action=_action(action))
    return EdgeListener(arn=row.arn, port=row.port, protocol=row.protocol, rules=(default,))


def _action(action: Action) -> EdgeAction:
    if action.redirect is not None:
        to = action.redirect
        redirect = (to.status_code, to.protocol, to.host, to.port, to.path, to.query)
        return EdgeAction(type=action.type, redirect=redirect)
    if action.fixed_response is not None:
        answer = action.fixed_response
        fixed = (answer.status_code, answer.content_type or "text/plain", answer.message_body or "")
        return EdgeAction(type=action.type, fixed=fixed)
    assert action.forward is not None
    groups = tuple((group.target_group_arn, group.weight) for group in action.forward.target_groups)
    return EdgeAction(type=action.type, target_groups=groups)


def _health_check(group: TargetGroup) -> HealthCheckDocument:
    check = group.health_check
    return HealthCheckDocument(
        path=check.path,
        port=check.port,
        interval_seconds=check.interval_seconds,
        timeout_seconds=check.timeout_seconds,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        matcher=check.matcher,
    )


def _targets(rows: Iterable[Target]) -> Iterable[GroupTarget]:
    for row in sorted(rows, key=lambda target: (target.id, target.port)):
        # A target whose address is not known (an instance that is not there yet) cannot be probed.
        if row.address is not None:
            yield GroupTarget(
                id=row.id,
                port=row.port,
                address=row.address,
                status=row.status,
                drain_deadline=row.drain_deadline.timestamp() if row.drain_deadline else None,
            )
