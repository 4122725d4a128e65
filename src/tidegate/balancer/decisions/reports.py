"""What a balancer tells of a group."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tidegate.balancer.decisions.anomalies import Judgement
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import Health
from tidegate.fleet.balancing import GroupDocument, GroupReport, GroupTarget, TargetReport

ZONE_NOT_ENABLED = "Target is in an Availability Zone that is not enabled for the load balancer"


def group_report(
    group: GroupDocument,
    health: Mapping[Key, Health],
    drained: Collection[Key],
    judged: Mapping[Key, Judgement],
) -> GroupReport:
    """All targets of a group of which something is known. After a restart that may be fewer than there
    are: what was not observed is left out, since silence means unknown, and `initial` would be news."""
    reports = (_target_report(target, health, drained, judged) for target in group.targets)
    return GroupReport(
        target_group_arn=group.target_group_arn,
        generation=group.generation,
        targets=tuple(report for report in reports if report is not None),
    )


def _target_report(
    target: GroupTarget,
    health: Mapping[Key, Health],
    drained: Collection[Key],
    judged: Mapping[Key, Judgement],
) -> TargetReport | None:
    key = (target.id, target.port)
    if target.status == "draining":
        return TargetReport(
            id=target.id,
            port=target.port,
            state="draining",
            reason="Target.DeregistrationInProgress",
            description="Target deregistration is in progress",
            is_drained=key in drained,
        )
    if not target.is_zone_enabled:
        return TargetReport(
            id=target.id,
            port=target.port,
            state="unused",
            reason="Target.NotInUse",
            description=ZONE_NOT_ENABLED,
        )
    known = health.get(key)
    if known is None:
        return None
    judgement = judged.get(key, Judgement())
    return TargetReport(
        id=target.id,
        port=target.port,
        state=known.state,
        reason=known.reason,
        description=known.description,
        is_anomalous=judgement.is_anomalous,
        is_mitigated=judgement.share < 1,
    )
