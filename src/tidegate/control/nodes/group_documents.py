"""The document of one target group: how its targets are chosen and checked, and the targets."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.nodes.reachability import Reach, balancer_of
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TARGET_GROUPS, TARGETS
from tidegate.domain.elbv2 import ALL_ZONES, Target, TargetGroup
from tidegate.fleet.balancing import GroupDocument, GroupStickiness, GroupTarget, HealthCheckDocument

_ROUTING = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"


def group_document(snapshot: Snapshot, target_group_arn: str) -> GroupDocument | None:
    """One target group with its targets; None when there is no such group."""
    group = snapshot.get(TARGET_GROUPS, target_group_arn)
    if group is None:
        return None
    percentage = group.attribute(f"{_ROUTING}.percentage")
    return GroupDocument(
        target_group_arn=group.arn,
        generation=snapshot.revision,
        protocol=group.protocol,
        protocol_version=group.protocol_version,
        algorithm=group.attribute("load_balancing.algorithm.type"),
        mitigates_anomalies=group.attribute("load_balancing.algorithm.anomaly_mitigation") == "on",
        slow_start_seconds=int(group.attribute("slow_start.duration_seconds")),
        stickiness=_stickiness(group),
        # A load balancer's own setting, which groups follow unless told otherwise, is always on.
        is_cross_zone=group.attribute("load_balancing.cross_zone.enabled") != "false",
        minimum_healthy_count=int(group.attribute(f"{_ROUTING}.count")),
        minimum_healthy_percentage=None if percentage == "off" else int(percentage),
        drains_early=group.drains_early,
        health_check=_health_check(group),
        targets=tuple(_targets(snapshot, group)),
    )


def _stickiness(group: TargetGroup) -> GroupStickiness | None:
    if group.attribute("stickiness.enabled") == "false":
        return None
    kind = group.attribute("stickiness.type")
    seconds = int(group.attribute(f"stickiness.{kind}.duration_seconds"))
    name = group.attribute("stickiness.app_cookie.cookie_name") if kind == "app_cookie" else ""
    return GroupStickiness(type=kind, seconds=seconds, cookie_name=name)


def _health_check(group: TargetGroup) -> HealthCheckDocument:
    check = group.health_check
    return HealthCheckDocument(
        protocol=check.protocol,
        path=check.path,
        port=check.port,
        interval_seconds=check.interval_seconds,
        timeout_seconds=check.timeout_seconds,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        matcher=check.matcher,
    )


def _targets(snapshot: Snapshot, group: TargetGroup) -> Iterable[GroupTarget]:
    balancer = balancer_of(snapshot, group.arn)
    reach = Reach(snapshot, balancer)
    rows = snapshot.by(TARGETS, "target_group", group.arn)
    for row in sorted(rows, key=lambda target: (target.id, target.port)):
        # A target whose address is not known (an instance that is not there yet) cannot be probed.
        if row.address is not None:
            is_enabled = balancer is None or balancer.enables(row.availability_zone)
            yield _target(row, row.address, group.health_check.port, reach, is_enabled=is_enabled)


def _target(row: Target, address: str, check_port: str, reach: Reach, *, is_enabled: bool) -> GroupTarget:
    return GroupTarget(
        id=row.id,
        port=row.port,
        address=address,
        zone=None if row.availability_zone == ALL_ZONES else row.availability_zone,
        status=row.status,
        drain_deadline=row.drain_deadline.timestamp() if row.drain_deadline else None,
        is_zone_enabled=is_enabled,
        is_admitted=reach.admits(row, address, row.port),
        is_check_admitted=reach.admits(
            row, address, row.port if check_port == "traffic-port" else int(check_port)
        ),
    )
