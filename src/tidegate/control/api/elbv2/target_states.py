"""What DescribeTargetHealth says of a target, by the first rule that applies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.ec2 import Instance
from tidegate.domain.elbv2 import LoadBalancer, Target, TargetHealth

_DESCRIPTIONS = {
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.NotRegistered": "Target is not registered to the target group",
}
# An instance in any other state cannot answer.
_ANSWERING = ("pending", "running")

_ZONE_NOT_ENABLED = "Target is in an Availability Zone that is not enabled for the load balancer"
# Reports of these speak of before: of an earlier registration, or of a zone that is enabled by now.
_OUTDATED = ("draining", "unused")


@dataclass(frozen=True, slots=True)
class TargetState:
    """`state`, `reason` and `description` in AWS's words."""

    state: str
    reason: str | None = None
    description: str | None = None


def not_registered() -> TargetState:
    """Of a target that was never there, or is gone."""
    return _state("unused", "Target.NotRegistered")


def target_state(
    target: Target, health: TargetHealth | None, instance: Instance | None, users: Sequence[LoadBalancer]
) -> TargetState:
    """The state of a registered target. `users`: the load balancers whose listeners forward to its group."""
    if target.status == "draining":
        return _state("draining", "Target.DeregistrationInProgress")
    if instance is not None and instance.state not in _ANSWERING:
        text = f"Target is in the {instance.state} state"
        return TargetState("unused", "Target.InvalidState", text)
    if not users:
        return _state("unused", "Target.NotInUse")
    if not any(user.enables(target.availability_zone) for user in users):
        return TargetState("unused", "Target.NotInUse", _ZONE_NOT_ENABLED)
    if health is None or health.state in _OUTDATED:
        return _state("initial", "Elb.RegistrationInProgress")
    if health.reason is None:
        return TargetState(health.state)
    return TargetState(health.state, health.reason, health.description or _DESCRIPTIONS.get(health.reason))


def anomaly_detection(health: TargetHealth | None) -> dict[str, str]:
    """What is said of a target's anomaly; of one that nothing is known of, that it is normal."""
    is_anomalous = health is not None and health.is_anomalous
    is_mitigated = health is not None and health.is_mitigated
    return {
        "Result": "anomalous" if is_anomalous else "normal",
        "MitigationInEffect": "yes" if is_mitigated else "no",
    }


def _state(state: str, reason: str) -> TargetState:
    return TargetState(state, reason, _DESCRIPTIONS[reason])
