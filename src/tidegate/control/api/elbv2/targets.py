"""Targets: register, deregister, health. A target is an id with a port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding, quotas
from tidegate.control.api.elbv2.target_addresses import AddressInZone, addresses
from tidegate.control.api.elbv2.target_states import (
    TargetState,
    anomaly_detection,
    not_registered,
    target_state,
)
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.targets import drain
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import INSTANCES, TARGET_HEALTH, TARGETS
from tidegate.domain.elbv2 import LoadBalancer, Target, TargetGroup
from tidegate.domain.elbv2.target import target_key
from tidegate.wire import Call, Fault, Operation

_NO_OVERRIDE = {
    "State": "no_override",
    "Reason": "AdministrativeOverride.NoOverride",
    "Description": "No override is currently active on target",
}

Given = Mapping[str, Any]


@honours("TargetGroupArn", "Targets")
async def register_targets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Register targets; one that cannot be fails all. A draining one becomes active again."""

    def register(tx: Transaction) -> None:
        group = finding.target_group(tx, call.parameters["TargetGroupArn"])
        given = _given(call.parameters)
        if group.target_type == "instance":
            places = _instances(tx, group, given)
        else:
            places = addresses(tx, group, given, context.settings.network)
        for item, place in zip(given, places, strict=True):
            _register(context, tx, group, item, place)
        quotas.check_targets(tx, group.arn)

    await context.store.transact(register)
    return {}


def _given(parameters: Mapping[str, Any]) -> Sequence[Given]:
    given: Sequence[Given] = parameters["Targets"]
    if not given:
        raise faults.invalid("A target must be specified")
    if any(item.get("QuicServerId") for item in given):
        raise faults.unsupported("A QUIC server id")
    return given


def _register(
    context: ApiContext, tx: Transaction, group: TargetGroup, item: Given, place: AddressInZone
) -> None:
    port = item.get("Port") or group.port
    known = tx.get(TARGETS, target_key(group.arn, item["Id"], port))
    if known is not None and known.status == "active":
        return
    row = Target(
        target_group_arn=group.arn,
        id=item["Id"],
        port=port,
        address=place.address,
        availability_zone=place.zone,
        registered_at=context.clock.now(),
        # The container there is still its task's, whoever registers it again.
        registered_by=known.registered_by if known else None,
        registered_for=known.registered_for if known else None,
    )
    tx.put(TARGETS, row)
    # What was reported is about the registration that has ended.
    tx.delete(TARGET_HEALTH, row.key)


def _instances(tx: Transaction, group: TargetGroup, given: Sequence[Given]) -> list[AddressInZone]:
    """Where the instances are; raises the fault of one that cannot be a target."""
    places, unknown, elsewhere, stopped = [], [], [], []
    for item in given:
        if item.get("AvailabilityZone"):
            raise faults.invalid(
                "You cannot specify an Availability Zone for a target group with target type 'instance'"
            )
        instance = tx.get(INSTANCES, item["Id"])
        if instance is None:
            unknown.append(item["Id"])
            continue
        if instance.vpc_id != group.vpc_id:
            elsewhere.append(item["Id"])
        elif instance.state != "running":
            stopped.append(item["Id"])
        places.append(AddressInZone(instance.private_ip_address, instance.availability_zone))
    if unknown:
        raise _invalid_target("are not valid instances", unknown)
    if elsewhere:
        raise _invalid_target(f"are not in the target group VPC '{group.vpc_id}'", elsewhere)
    if stopped:
        raise _invalid_target("are not in a running state and cannot be registered", stopped)
    return places


def _invalid_target(what: str, ids: Sequence[str]) -> Fault:
    quoted = ", ".join(f"'{target_id}'" for target_id in dict.fromkeys(ids))
    return Fault("InvalidTarget", f"The following targets {what}: {quoted}")


@honours("TargetGroupArn", "Targets")
async def deregister_targets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Begin to drain targets; ones that are not registered are passed over."""

    def deregister(tx: Transaction) -> None:
        group = finding.target_group(tx, call.parameters["TargetGroupArn"])
        is_used = bool(finding.users_of(tx, group.arn))
        for item in _given(call.parameters):
            row = tx.get(TARGETS, target_key(group.arn, item["Id"], item.get("Port") or group.port))
            if row is None:
                continue
            if is_used or row.registered_by is not None:
                tx.put(TARGETS, drain(row, group, context.clock.now()))
            else:
                # No balancer knows it: nothing is in flight and nobody would report its drain.
                tx.delete(TARGETS, row.key)
                tx.delete(TARGET_HEALTH, row.key)

    await context.store.transact(deregister)
    return {}


@honours("TargetGroupArn", "Targets", "Include")
async def describe_target_health(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    group = finding.target_group(snapshot, call.parameters["TargetGroupArn"])
    users = [finding.load_balancer(snapshot, arn) for arn in finding.users_of(snapshot, group.arn)]
    include = call.parameters.get("Include") or ()
    rows = {row.key: row for row in snapshot.by(TARGETS, "target_group", group.arn)}
    given = call.parameters.get("Targets")
    asked = (
        [(item["Id"], item.get("Port") or group.port) for item in given]
        if given
        else [(row.id, row.port) for _, row in sorted(rows.items())]
    )
    described = []
    for target_id, port in dict.fromkeys(asked):
        row = rows.get(target_key(group.arn, target_id, port))
        state = not_registered() if row is None else _state(snapshot, row, users)
        view = _view(group, target_id, port, row, state)
        if {"AnomalyDetection", "All"} & set(include):
            view["AnomalyDetection"] = anomaly_detection(
                snapshot.get(TARGET_HEALTH, row.key) if row else None
            )
        described.append(view)
    return {"TargetHealthDescriptions": described}


def _state(snapshot: Snapshot, row: Target, users: Sequence[LoadBalancer]) -> TargetState:
    health = snapshot.get(TARGET_HEALTH, row.key)
    return target_state(row, health, snapshot.get(INSTANCES, row.id), users)


def _view(
    group: TargetGroup,
    target_id: str,
    port: int,
    row: Target | None,
    state: TargetState,
) -> dict[str, Any]:
    target: dict[str, Any] = {"Id": target_id, "Port": port}
    if group.target_type == "ip" and row is not None and row.availability_zone:
        target["AvailabilityZone"] = row.availability_zone
    check_port = group.health_check.port
    return {
        "Target": target,
        "HealthCheckPort": str(port) if check_port == "traffic-port" else check_port,
        "TargetHealth": {
            "State": state.state,
            "Reason": state.reason,
            "Description": state.description,
        },
        "AdministrativeOverride": _NO_OVERRIDE,
    }


OPERATIONS: Mapping[str, Operation] = {
    "RegisterTargets": Operation(register_targets, "target types instance and ip"),
    "DeregisterTargets": Operation(deregister_targets),
    "DescribeTargetHealth": Operation(describe_target_health),
}
