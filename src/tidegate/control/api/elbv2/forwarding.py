"""The forward action: target groups, weights, stickiness between groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.elbv2.place import Place
from tidegate.control.api.elbv2.quotas import GROUPS_PER_ACTION_MAX
from tidegate.control.store import Transaction
from tidegate.domain.elbv2 import ForwardConfig, TargetGroup, WeightedTargetGroup
from tidegate.wire import Fault

_WEIGHT_MAX = 999
_STICKINESS_SECONDS_MAX = 604800


def parse(item: Mapping[str, Any]) -> ForwardConfig:
    """The configuration of an action, whichever of its two forms it has."""
    config = item.get("ForwardConfig") or {}
    given = _groups(item.get("TargetGroupArn"), config.get("TargetGroups") or [])
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    return ForwardConfig(
        target_groups=tuple(
            WeightedTargetGroup(
                target_group_arn=str(group.get("TargetGroupArn", "")),
                weight=_weight(group.get("Weight"), is_single=len(given) == 1),
            )
            for group in given
        ),
        stickiness_enabled=bool(stickiness.get("Enabled")),
        stickiness_duration_seconds=_duration(stickiness),
    )


def _groups(arn: str | None, given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    arns = [group.get("TargetGroupArn") for group in given]
    if arn and given and arns != [arn]:
        raise faults.invalid(
            "You can specify both a target group list and a top-level target group ARN only if the ARNs match"
        )
    if not given and not arn:
        text = "For actions of type 'forward', you must specify the following fields: "
        raise faults.invalid(f"{text}'TargetGroupArn or ForwardConfig'")
    if len(given) > GROUPS_PER_ACTION_MAX:
        text = f"You cannot specify more than {GROUPS_PER_ACTION_MAX} target groups per action"
        raise faults.invalid(text)
    if len(set(arns)) < len(arns):
        # AWS's words are not known.
        raise faults.invalid("A target group can be specified only once per action")
    return given or [{"TargetGroupArn": arn}]


def _weight(weight: int | None, *, is_single: bool) -> int:
    if is_single:
        if weight is not None and not 1 <= weight <= _WEIGHT_MAX:
            text = f"The weight for the target group must be between 1 and {_WEIGHT_MAX}, inclusive"
            raise faults.invalid(text)
        return 1
    if weight is None or not 0 <= weight <= _WEIGHT_MAX:
        text = f"The weight for each target group must be between 0 and {_WEIGHT_MAX}, inclusive"
        raise faults.invalid(text)
    return weight


def _duration(stickiness: Mapping[str, Any]) -> int | None:
    seconds: int | None = stickiness.get("DurationSeconds")
    if seconds is not None and not 1 <= seconds <= _STICKINESS_SECONDS_MAX:
        text = f"Target group stickiness duration must be between 1 and {_STICKINESS_SECONDS_MAX} seconds"
        raise faults.invalid(text)
    if stickiness.get("Enabled") and seconds is None:
        raise faults.invalid("You must provide a duration when enabling target group stickiness")
    return seconds


def check(tx: Transaction, place: Place, forward: ForwardConfig) -> None:
    """Raise the fault of a group that this listener cannot forward to."""
    rows = [_group(tx, group.target_group_arn) for group in forward.target_groups]
    balancer = place.balancer
    elsewhere = [row.arn for row in rows if row.vpc_id != balancer.vpc_id]
    if elsewhere:
        raise faults.misconfigured(
            f"The following target groups are in a different VPC than load balancer '{balancer.arn}': "
            f"{', '.join(elsewhere)}"
        )
    for row in rows:
        if place.protocol == "HTTP" and row.protocol_version != "HTTP1":
            raise faults.invalid_action(
                "Listener protocol 'HTTP' is not supported with a target group with the protocol-version "
                f"'{row.protocol_version}'"
            )
    taken = [row.arn for row in rows if set(finding.users_of(tx, row.arn)) - {balancer.arn}]
    if taken:
        text = "The following target groups cannot be associated with more than one load balancer: "
        raise Fault("TargetGroupAssociationLimit", text + ", ".join(taken))
    if len(rows) > 1:
        _check_stickiness(rows, forward)


def _check_stickiness(rows: Iterable[TargetGroup], forward: ForwardConfig) -> None:
    """A client sticks to a target only if it sticks to the target's group."""
    for row in rows:
        if row.attribute("stickiness.enabled") == "false":
            continue
        if row.attribute("stickiness.type") == "app_cookie":
            raise faults.invalid_action(
                "When configuring a rule with multiple target groups, none of them can have stickiness of "
                "type 'app_cookie' enabled"
            )
        if not forward.stickiness_enabled:
            raise faults.invalid_action(
                "You must enable group stickiness on a rule if you enabled target stickiness on one of its "
                "target groups"
            )


def _group(tx: Transaction, arn: str) -> TargetGroup:
    try:
        return finding.target_group(tx, arn)
    except Fault as fault:
        if fault.code != "TargetGroupNotFound":
            raise
        raise Fault("TargetGroupNotFound", f"Target group '{arn}' not found") from fault


def view(forward: ForwardConfig) -> dict[str, Any]:
    """Both forms for one group, the list alone for several, whatever was sent."""
    groups = forward.target_groups
    stickiness: dict[str, Any] = {"Enabled": forward.stickiness_enabled}
    if forward.stickiness_duration_seconds is not None:
        stickiness["DurationSeconds"] = forward.stickiness_duration_seconds
    config = {
        "TargetGroups": [{"TargetGroupArn": g.target_group_arn, "Weight": g.weight} for g in groups],
        "TargetGroupStickinessConfig": stickiness,
    }
    single = {"TargetGroupArn": groups[0].target_group_arn} if len(groups) == 1 else {}
    return {**single, "ForwardConfig": config}
