"""Targets: register, deregister, health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.decisions.targets import drain
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import INSTANCES, TARGET_HEALTH, TARGETS
from tidegate.domain.elbv2 import Target, TargetGroup
from tidegate.domain.elbv2.target import target_key
from tidegate.wire import Call, Fault, Operation

_DESCRIPTIONS = {
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Elb.RegistrationInProgress": "Target registration is in progress",
}


async def register_targets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Register instances; one that cannot be fails all. A draining one becomes active again."""

    def register(tx: Transaction) -> None:
        group = finding.target_group(tx, call.parameters["TargetGroupArn"])
        given = call.parameters["Targets"]
        _check(tx, group, given)
        for item in given:
            instance = tx.get(INSTANCES, item["Id"])
            assert instance is not None
            port = item.get("Port") or group.port
            known = tx.get(TARGETS, target_key(group.arn, item["Id"], port))
            if known is not None and known.status == "active":
                continue
            tx.put(
                TARGETS,
                Target(
                    target_group_arn=group.arn,
                    id=item["Id"],
                    port=port,
                    address=instance.private_ip_address,
                    availability_zone=instance.availability_zone,
                    registered_at=context.clock.now(),
                ),
            )

    await context.store.transact(register)
    return {}


def _check(tx: Transaction, group: TargetGroup, given: Sequence[Mapping[str, Any]]) -> None:
    unknown, elsewhere, stopped = [], [], []
    for item in given:
        if item.get("AvailabilityZone"):
            raise faults.invalid(
                "You cannot specify an Availability Zone for a target group with target type 'instance'"
            )
        instance = tx.get(INSTANCES, item["Id"])
        if instance is None:
            unknown.append(item["Id"])
        elif instance.vpc_id != group.vpc_id:
            elsewhere.append(item["Id"])
        elif instance.state != "running":
            stopped.append(item["Id"])
    if unknown:
        raise _invalid_target("are not valid instances", unknown)
    if elsewhere:
        raise _invalid_target(f"are not in the target group VPC '{group.vpc_id}'", elsewhere)
    if stopped:
        raise _invalid_target("are not in a running state and cannot be registered", stopped)


def _invalid_target(what: str, ids: Sequence[str]) -> Fault:
    quoted = ", ".join(f"'{target_id}'" for target_id in ids)
    return Fault("InvalidTarget", f"The following targets {what}: {quoted}")


async def deregister_targets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Begin to drain targets; ones that are not registered are passed over."""

    def deregister(tx: Transaction) -> None:
        group = finding.target_group(tx, call.parameters["TargetGroupArn"])
        for item in call.parameters["Targets"]:
            row = tx.get(TARGETS, target_key(group.arn, item["Id"], item.get("Port") or group.port))
            if row is not None:
                tx.put(TARGETS, drain(row, group, context.clock.now()))

    await context.store.transact(deregister)
    return {}


async def describe_target_health(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    group = finding.target_group(snapshot, call.parameters["TargetGroupArn"])
    is_used = bool(finding.users_of(snapshot, group.arn))
    rows = sorted(snapshot.by(TARGETS, "target_group", group.arn), key=lambda row: row.key)
    given = call.parameters.get("Targets")
    if not given:
        return {"TargetHealthDescriptions": [_described(snapshot, group, row, is_used) for row in rows]}
    described = []
    for item in given:
        port = item.get("Port") or group.port
        row = snapshot.get(TARGETS, target_key(group.arn, item["Id"], port))
        if row is None:
            described.append(_entry(item["Id"], port, group, "unused", "Target.NotRegistered"))
        else:
            described.append(_described(snapshot, group, row, is_used))
    return {"TargetHealthDescriptions": described}


def _described(snapshot: Snapshot, group: TargetGroup, row: Target, is_used: bool) -> dict[str, Any]:
    """The state of a registered target, by the first rule that applies."""
    if row.status == "draining":
        return _entry(row.id, row.port, group, "draining", "Target.DeregistrationInProgress")
    if not is_used:
        return _entry(row.id, row.port, group, "unused", "Target.NotInUse")
    health = snapshot.get(TARGET_HEALTH, row.key)
    if health is None or health.state == "draining":
        return _entry(row.id, row.port, group, "initial", "Elb.RegistrationInProgress")
    return _entry(row.id, row.port, group, health.state, health.reason, health.description)


def _entry(
    target_id: str, port: int, group: TargetGroup, state: str, reason: str | None, text: str | None = None
) -> dict[str, Any]:
    health: dict[str, Any] = {"State": state}
    if reason is not None:
        health["Reason"] = reason
        health["Description"] = text or _DESCRIPTIONS.get(reason)
    check_port = str(port) if group.health_check.port == "traffic-port" else group.health_check.port
    return {"Target": {"Id": target_id, "Port": port}, "HealthCheckPort": check_port, "TargetHealth": health}


OPERATIONS: Mapping[str, Operation] = {
    "RegisterTargets": Operation(register_targets, "target type instance"),
    "DeregisterTargets": Operation(deregister_targets),
    "DescribeTargetHealth": Operation(describe_target_health, "Include"),
}
