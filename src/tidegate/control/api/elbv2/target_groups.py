"""Target groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding, quotas
from tidegate.control.api.elbv2.attribute_changes import described
from tidegate.control.api.elbv2.health_checks import (
    HEALTH_CHECK_MEMBERS,
    changed_health_check,
    default_health_check,
)
from tidegate.control.api.elbv2.target_group_attributes import changed_attributes, check_use
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TARGET_GROUPS, TARGET_HEALTH, TARGETS, VPCS
from tidegate.domain.elbv2 import TargetGroup
from tidegate.domain.elbv2.attributes import TARGET_GROUP_DEFAULTS
from tidegate.wire import Call, Fault, Operation

TARGET_TYPES = ("instance", "ip")
_PROTOCOL_VERSIONS = ("HTTP2", "HTTP1", "GRPC")


@honours(
    "Name",
    "Protocol",
    "ProtocolVersion",
    "Port",
    "VpcId",
    "TargetType",
    "Tags",
    *HEALTH_CHECK_MEMBERS,
    only={"IpAddressType": ("ipv4",)},
)
async def create_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a target group; the same again returns it as it is."""
    parameters = call.parameters
    name = parameters["Name"]
    finding.check_target_group_name(name)
    target_type, version = _check_kind(parameters)
    tags = finding.tag_map(parameters.get("Tags"))

    def create(tx: Transaction) -> TargetGroup:
        _check_place(tx, parameters)
        row = TargetGroup(
            arn=context.arns.target_group(name, context.ids.hex(16)),
            name=name,
            protocol=parameters["Protocol"],
            protocol_version=version,
            port=parameters["Port"],
            vpc_id=parameters["VpcId"],
            target_type=target_type,
            health_check=changed_health_check(
                default_health_check(version),
                parameters,
                target_type=target_type,
                protocol_version=version,
            ),
            created_at=context.clock.now(),
            tags=tags,
        )
        known = next(tx.by(TARGET_GROUPS, "name", name), None)
        if known is None:
            tx.put(TARGET_GROUPS, row)
            quotas.check_target_groups(tx)
            return row
        if _settings(row) == _settings(known):
            return known
        text = f"A target group with the same name '{name}' exists, but with different settings"
        raise Fault("DuplicateTargetGroupName", text)

    row = await context.store.transact(create)
    return {"TargetGroups": [view(row, finding.users_of(context.store.snapshot, row.arn))]}


def _settings(row: TargetGroup) -> tuple[object, ...]:
    """What a repeated creation is compared by: everything but the tags."""
    return row.protocol, row.protocol_version, row.port, row.vpc_id, row.target_type, row.health_check


def _check_kind(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Target type and protocol version, if the group is one that Tidegate balances; the rest is refused by
    name."""
    target_type = parameters.get("TargetType") or "instance"
    if target_type not in TARGET_TYPES:
        raise faults.unsupported(f"Target type '{target_type}'")
    protocol = parameters.get("Protocol")
    if protocol not in (None, "HTTP", "HTTPS"):
        raise faults.unsupported(f"A target group with protocol {protocol}")
    version = parameters.get("ProtocolVersion") or "HTTP1"
    if version not in _PROTOCOL_VERSIONS:
        listed = ", ".join(_PROTOCOL_VERSIONS)
        raise faults.invalid(f"Target group protocol version '{version}' must be one of '[{listed}]'")
    return str(target_type), str(version)


def _check_place(tx: Transaction, parameters: Mapping[str, Any]) -> None:
    for member, what in (("Protocol", "protocol"), ("Port", "port"), ("VpcId", "VPC ID")):
        if not parameters.get(member):
            raise faults.invalid(f"A {what} must be specified")
    if tx.get(VPCS, parameters["VpcId"]) is None:
        raise faults.invalid(f"The VPC ID '{parameters['VpcId']}' is not found")


@honours("TargetGroupArns", "Names", "LoadBalancerArn", "Marker", "PageSize")
async def describe_target_groups(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, names = parameters.get("TargetGroupArns"), parameters.get("Names")
    balancer = parameters.get("LoadBalancerArn")
    if sum(1 for selector in (arns, names, balancer) if selector) > 1:
        raise faults.invalid(
            "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the "
            "same time"
        )
    rows = list(snapshot.all(TARGET_GROUPS))
    if arns:
        rows = [finding.target_group(snapshot, arn) for arn in dict.fromkeys(arns)]
    elif names:
        by_name = {row.name: row for row in rows}
        if any(name not in by_name for name in names):
            raise faults.target_group_not_found()
        rows = [by_name[name] for name in dict.fromkeys(names)]
    elif balancer:
        finding.load_balancer(snapshot, balancer)
        used = finding.groups_of_balancer(snapshot, balancer)
        rows = [row for row in rows if row.arn in used]
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    described = [view(row, finding.users_of(snapshot, row.arn)) for row in found]
    return {"TargetGroups": described, "NextMarker": marker}


@honours("TargetGroupArn", *HEALTH_CHECK_MEMBERS)
async def modify_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change the health check; what is not given stays."""

    def change(tx: Transaction) -> TargetGroup:
        row = finding.target_group(tx, call.parameters["TargetGroupArn"])
        check = changed_health_check(
            row.health_check,
            call.parameters,
            target_type=row.target_type,
            protocol_version=row.protocol_version,
        )
        row = replace(row, health_check=check)
        tx.put(TARGET_GROUPS, row)
        return row

    row = await context.store.transact(change)
    return {"TargetGroups": [view(row, finding.users_of(context.store.snapshot, row.arn))]}


@honours("TargetGroupArn")
async def delete_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a group that no listener or rule names; its targets go with it."""
    arn = finding.checked_arn(call.parameters["TargetGroupArn"], "targetgroup", "target group")

    def delete(tx: Transaction) -> None:
        if tx.get(TARGET_GROUPS, arn) is None:
            return
        if finding.users_of(tx, arn):
            raise Fault("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
        for target in list(tx.by(TARGETS, "target_group", arn)):
            tx.delete(TARGETS, target.key)
        for health in list(tx.by(TARGET_HEALTH, "target_group", arn)):
            tx.delete(TARGET_HEALTH, health.key)
        tx.delete(TARGET_GROUPS, arn)

    await context.store.transact(delete)
    return {}


@honours("TargetGroupArn")
async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.target_group(context.store.snapshot, call.parameters["TargetGroupArn"])
    return {"Attributes": described(TARGET_GROUP_DEFAULTS, row.attributes)}


@honours("TargetGroupArn", "Attributes")
async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> TargetGroup:
        row = finding.target_group(tx, call.parameters["TargetGroupArn"])
        row = replace(row, attributes=changed_attributes(row, call.parameters["Attributes"]))
        check_use(tx, row)
        tx.put(TARGET_GROUPS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": described(TARGET_GROUP_DEFAULTS, row.attributes)}


def view(row: TargetGroup, load_balancer_arns: list[str]) -> dict[str, Any]:
    check = row.health_check
    return {
        "TargetGroupArn": row.arn,
        "TargetGroupName": row.name,
        "Protocol": row.protocol,
        "Port": row.port,
        "VpcId": row.vpc_id,
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
        "HealthCheckEnabled": check.enabled,
        "HealthCheckIntervalSeconds": check.interval_seconds,
        "HealthCheckTimeoutSeconds": check.timeout_seconds,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "HealthCheckPath": check.path,
        "Matcher": {"GrpcCode" if row.protocol_version == "GRPC" else "HttpCode": check.matcher},
        "LoadBalancerArns": load_balancer_arns,
        "TargetType": row.target_type,
        "ProtocolVersion": row.protocol_version,
        "IpAddressType": row.ip_address_type,
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateTargetGroup": Operation(create_target_group, "target types instance and ip, IPv4"),
    "DescribeTargetGroups": Operation(describe_target_groups),
    "ModifyTargetGroup": Operation(modify_target_group),
    "DeleteTargetGroup": Operation(delete_target_group),
    "DescribeTargetGroupAttributes": Operation(describe_attributes),
    "ModifyTargetGroupAttributes": Operation(
        modify_attributes,
        "all are kept; target_group_health.dns_failover.* have no effect: there is no DNS to leave",
    ),
}
