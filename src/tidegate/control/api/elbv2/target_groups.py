"""Target groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import attributes, faults, finding
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import TARGET_GROUPS, TARGET_HEALTH, TARGETS, VPCS
from tidegate.domain.elbv2 import HealthCheck, TargetGroup
from tidegate.wire import Call, Fault, Operation

_MATCHER = re.compile(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*")


async def create_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a target group for instances; the same again returns it as it is."""
    parameters = call.parameters
    finding.check_name(parameters["Name"], "Target group")
    _check_kind(parameters)
    tags = finding.tag_map(parameters.get("Tags"))

    def create(tx: Transaction) -> TargetGroup:
        for member, what in (("Protocol", "protocol"), ("Port", "port"), ("VpcId", "VPC ID")):
            if not parameters.get(member):
                raise faults.invalid(f"A {what} must be specified")
        if tx.get(VPCS, parameters["VpcId"]) is None:
            raise faults.invalid(f"The VPC ID '{parameters['VpcId']}' is not found")
        name = parameters["Name"]
        row = TargetGroup(
            arn=context.arns.target_group(name, context.ids.hex(16)),
            name=name,
            protocol=parameters["Protocol"],
            port=parameters["Port"],
            vpc_id=parameters["VpcId"],
            health_check=_health_check(HealthCheck(), parameters),
            created_at=context.clock.now(),
            tags=tags,
        )
        known = next(tx.by(TARGET_GROUPS, "name", name), None)
        if known is not None:
            same = replace(row, arn=known.arn, created_at=known.created_at, attributes=known.attributes)
            if replace(same, tags=known.tags) == known:
                return known
            raise Fault(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{name}' exists, but with different settings",
            )
        tx.put(TARGET_GROUPS, row)
        return row

    row = await context.store.transact(create)
    return {"TargetGroups": [view(context.store.snapshot, row)]}


def _check_kind(parameters: Mapping[str, Any]) -> None:
    target_type = parameters.get("TargetType") or "instance"
    if target_type != "instance":
        raise faults.unsupported(f"Target type '{target_type}'")
    if parameters.get("Protocol") not in (None, "HTTP"):
        raise faults.unsupported(f"A target group with protocol {parameters['Protocol']}")
    if (parameters.get("ProtocolVersion") or "HTTP1") != "HTTP1":
        raise faults.unsupported(f"Target group protocol version '{parameters['ProtocolVersion']}'")
    if (parameters.get("IpAddressType") or "ipv4") != "ipv4":
        raise faults.unsupported(f"The IP address type '{parameters['IpAddressType']}'")
    if parameters.get("TargetControlPort"):
        raise faults.unsupported("TargetControlPort")


def _health_check(present: HealthCheck, parameters: Mapping[str, Any]) -> HealthCheck:
    """The present settings with those given; raises ValidationError."""
    if parameters.get("HealthCheckEnabled") is False:
        raise faults.invalid(
            "Health check enabled must be true for target groups with target type 'instance'"
        )
    protocol = parameters.get("HealthCheckProtocol") or present.protocol
    if protocol == "HTTPS":
        raise faults.unsupported("Health check protocol 'HTTPS'")
    if protocol != "HTTP":
        raise faults.invalid(f"Health check protocol '{protocol}' must be one of 'HTTP, HTTPS'")
    port = parameters.get("HealthCheckPort") or present.port
    if port != "traffic-port" and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise faults.invalid(f"Health check port '{port}' must be within '1-65535' or 'traffic-port'")
    path = parameters.get("HealthCheckPath") or present.path
    if not path.startswith("/"):
        raise faults.invalid(f"Health check path '{path}' must begin with '/'.")
    matcher = (parameters.get("Matcher") or {}).get("HttpCode") or present.matcher
    _check_matcher(matcher)
    check = replace(
        present,
        port=port,
        path=path,
        matcher=matcher,
        interval_seconds=parameters.get("HealthCheckIntervalSeconds") or present.interval_seconds,
        timeout_seconds=parameters.get("HealthCheckTimeoutSeconds") or present.timeout_seconds,
        healthy_threshold=parameters.get("HealthyThresholdCount") or present.healthy_threshold,
        unhealthy_threshold=parameters.get("UnhealthyThresholdCount") or present.unhealthy_threshold,
    )
    if check.timeout_seconds >= check.interval_seconds:
        raise faults.invalid(
            f"Health check timeout '{check.timeout_seconds}' must be smaller than the interval "
            f"'{check.interval_seconds}'"
        )
    return check


def _check_matcher(matcher: str) -> None:
    if not _MATCHER.fullmatch(matcher):
        raise Fault("InvalidParameterValue", "HttpCode must be like 200 | 200-399 | 200,201 ...")
    for code in re.findall(r"\d{3}", matcher):
        if not 200 <= int(code) <= 499:
            raise faults.invalid(
                f"Health check matcher HTTP code '{code}' must be within '200-499' inclusive"
            )


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
        rows = [finding.target_group(snapshot, arn) for arn in arns]
    elif names:
        rows = [row for name in names for row in snapshot.by(TARGET_GROUPS, "name", name)]
        if len(rows) < len(set(names)):
            raise faults.target_group_not_found()
    elif balancer:
        finding.load_balancer(snapshot, balancer)
        rows = [row for row in rows if balancer in finding.users_of(snapshot, row.arn)]
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"TargetGroups": [view(snapshot, row) for row in found], "NextMarker": marker}


async def modify_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> TargetGroup:
        row = finding.target_group(tx, call.parameters["TargetGroupArn"])
        row = replace(row, health_check=_health_check(row.health_check, call.parameters))
        tx.put(TARGET_GROUPS, row)
        return row

    row = await context.store.transact(change)
    return {"TargetGroups": [view(context.store.snapshot, row)]}


async def delete_target_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a group that no listener or rule names; its targets go with it."""

    def delete(tx: Transaction) -> None:
        arn = call.parameters["TargetGroupArn"]
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


async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.target_group(context.store.snapshot, call.parameters["TargetGroupArn"])
    return {"Attributes": attributes.described(attributes.TARGET_GROUP, row.attributes)}


async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> TargetGroup:
        row = finding.target_group(tx, call.parameters["TargetGroupArn"])
        given = call.parameters["Attributes"]
        row = replace(
            row,
            attributes=attributes.changed(attributes.TARGET_GROUP, row.attributes, given, "Target group"),
        )
        tx.put(TARGET_GROUPS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": attributes.described(attributes.TARGET_GROUP, row.attributes)}


def view(snapshot: Snapshot, row: TargetGroup) -> dict[str, Any]:
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
        "Matcher": {"HttpCode": check.matcher},
        "LoadBalancerArns": finding.users_of(snapshot, row.arn),
        "TargetType": row.target_type,
        "ProtocolVersion": row.protocol_version,
        "IpAddressType": row.ip_address_type,
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateTargetGroup": Operation(create_target_group, "HTTP, target type instance"),
    "DescribeTargetGroups": Operation(describe_target_groups),
    "ModifyTargetGroup": Operation(modify_target_group, "HTTP health checks"),
    "DeleteTargetGroup": Operation(delete_target_group),
    "DescribeTargetGroupAttributes": Operation(describe_attributes),
    "ModifyTargetGroupAttributes": Operation(
        modify_attributes, "no stickiness, slow start, anomaly mitigation"
    ),
}
