"""Load balancers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import attributes, faults, finding
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, RULES, SECURITY_GROUPS, SUBNETS
from tidegate.domain.ec2 import Subnet
from tidegate.domain.elbv2 import LoadBalancer, ZoneMapping
from tidegate.wire import Call, Fault, Operation

_HOSTED_ZONE_ID = "Z35SXDOTRQ7X7K"
_REFUSED = ("CustomerOwnedIpv4Pool", "IpamPools", "EnablePrefixForIpv6SourceNat")


async def create_load_balancer(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create an application load balancer; the same again returns it as it is."""
    parameters = call.parameters
    _check_kind(parameters)
    finding.check_name(parameters["Name"], "Load balancer")
    tags = finding.tag_map(parameters.get("Tags"))

    def create(tx: Transaction) -> LoadBalancer:
        name = parameters["Name"]
        subnets = _subnets(tx, parameters)
        groups = _security_groups(tx, parameters.get("SecurityGroups"), subnets[0].vpc_id)
        scheme = parameters.get("Scheme") or "internet-facing"
        zones = tuple(ZoneMapping(zone_name=s.availability_zone, subnet_id=s.id) for s in subnets)
        known = next(tx.by(LOAD_BALANCERS, "name", name), None)
        if known is not None:
            if (known.scheme, set(known.zones), set(known.security_groups)) == (
                scheme,
                set(zones),
                set(groups),
            ):
                return known
            raise Fault(
                "DuplicateLoadBalancerName",
                f"A load balancer with the same name '{name}' exists, but with different settings",
            )
        lb_id = context.ids.hex(16)
        prefix = "internal-" if scheme == "internal" else ""
        row = LoadBalancer(
            arn=context.arns.load_balancer(name, lb_id),
            name=name,
            dns_name=f"{prefix}{name}-{int(lb_id, 16) % 10**10:010d}.{context.settings.region}.elb.localhost",
            canonical_hosted_zone_id=_HOSTED_ZONE_ID,
            scheme=scheme,
            vpc_id=subnets[0].vpc_id,
            zones=zones,
            security_groups=groups,
            address=_free_address(context, tx),
            created_at=context.clock.now(),
            tags=tags,
        )
        tx.put(LOAD_BALANCERS, row)
        return row

    return {"LoadBalancers": [view(await context.store.transact(create))]}


def _check_kind(parameters: Mapping[str, Any]) -> None:
    kind = parameters.get("Type") or "application"
    if kind != "application":
        raise faults.unsupported(f"A load balancer of type '{kind}'")
    if (parameters.get("IpAddressType") or "ipv4") != "ipv4":
        raise faults.unsupported(f"The IP address type '{parameters['IpAddressType']}'")
    for member in _REFUSED:
        if parameters.get(member) not in (None, "", "off"):
            raise faults.unsupported(member)


def _subnets(tx: Transaction, parameters: Mapping[str, Any]) -> list[Subnet]:
    mappings = parameters.get("SubnetMappings") or []
    if mappings and parameters.get("Subnets"):
        raise faults.invalid("You must specify either subnets or subnet mappings, but not both")
    for mapping in mappings:
        if set(mapping) - {"SubnetId"}:
            raise faults.unsupported("A subnet mapping with addresses")
    ids = parameters.get("Subnets") or [mapping.get("SubnetId", "") for mapping in mappings]
    subnets = []
    for subnet_id in ids:
        row = tx.get(SUBNETS, subnet_id)
        if row is None:
            raise Fault("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")
        subnets.append(row)
    zones = {subnet.availability_zone for subnet in subnets}
    if len(zones) < len(subnets):
        raise faults.misconfigured(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    if len(zones) < 2:
        raise faults.invalid("At least two subnets in two different Availability Zones must be specified")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise faults.misconfigured("The subnets belong to different VPCs")
    return sorted(subnets, key=lambda subnet: subnet.availability_zone)


def _security_groups(tx: Transaction, given: Sequence[str] | None, vpc_id: str) -> tuple[str, ...]:
    if not given:
        groups = tx.by(SECURITY_GROUPS, "vpc", vpc_id)
        return tuple(group.id for group in groups if group.name == "default")
    for group_id in given:
        group = tx.get(SECURITY_GROUPS, group_id)
        if group is None or group.vpc_id != vpc_id:
            raise faults.misconfigured("One or more security groups are invalid")
    return tuple(given)


def _free_address(context: ApiContext, tx: Transaction) -> str:
    """The next address of NETWORK.2.x that no load balancer has; the one after the newest first, so
    that an address comes back late."""
    rows = sorted(tx.all(LOAD_BALANCERS), key=lambda row: row.created_at)
    taken = {row.address for row in rows}
    last = int(rows[-1].address.rsplit(".", 1)[1]) if rows else 0
    for step in range(1, 255):
        address = f"{context.settings.network}.2.{(last + step - 1) % 254 + 1}"
        if address not in taken:
            return address
    raise Fault("TooManyLoadBalancers", "The maximum number of load balancers has been reached")


async def describe_load_balancers(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, names = parameters.get("LoadBalancerArns"), parameters.get("Names")
    if arns and names:
        raise faults.invalid(
            "Load balancer names and load balancer ARNs cannot be specified at the same time"
        )
    rows = list(snapshot.all(LOAD_BALANCERS))
    if arns:
        rows = [finding.load_balancer(snapshot, arn) for arn in arns]
    elif names:
        rows = [row for name in names for row in snapshot.by(LOAD_BALANCERS, "name", name)]
        if len(rows) < len(set(names)):
            raise faults.load_balancer_not_found()
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"LoadBalancers": [view(row) for row in found], "NextMarker": marker}


async def delete_load_balancer(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a load balancer with its listeners and rules; one that is gone already is fine."""

    def delete(tx: Transaction) -> None:
        row = tx.get(LOAD_BALANCERS, call.parameters["LoadBalancerArn"])
        if row is None:
            return
        if row.attributes.get("deletion_protection.enabled") == "true":
            raise Fault(
                "OperationNotPermitted",
                f"Load balancer '{row.arn}' cannot be deleted because deletion protection is enabled",
            )
        for listener in list(tx.by(LISTENERS, "load_balancer", row.arn)):
            for rule in list(tx.by(RULES, "listener", listener.arn)):
                tx.delete(RULES, rule.arn)
            tx.delete(LISTENERS, listener.arn)
        tx.delete(LOAD_BALANCERS, row.arn)

    await context.store.transact(delete)
    return {}


async def set_security_groups(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        groups = _security_groups(tx, call.parameters["SecurityGroups"], row.vpc_id)
        row = replace(row, security_groups=groups)
        tx.put(LOAD_BALANCERS, row)
        return row

    return {"SecurityGroupIds": list((await context.store.transact(change)).security_groups)}


async def set_subnets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        subnets = _subnets(tx, call.parameters)
        if subnets[0].vpc_id != row.vpc_id:
            raise faults.misconfigured("The subnets do not belong to the load balancer's VPC")
        row = replace(
            row, zones=tuple(ZoneMapping(zone_name=s.availability_zone, subnet_id=s.id) for s in subnets)
        )
        tx.put(LOAD_BALANCERS, row)
        return row

    row = await context.store.transact(change)
    return {"AvailabilityZones": _zones(row), "IpAddressType": row.ip_address_type}


async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    return {"Attributes": attributes.described(attributes.LOAD_BALANCER, row.attributes)}


async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        given = call.parameters["Attributes"]
        row = replace(
            row,
            attributes=attributes.changed(attributes.LOAD_BALANCER, row.attributes, given, "Load balancer"),
        )
        tx.put(LOAD_BALANCERS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": attributes.described(attributes.LOAD_BALANCER, row.attributes)}


async def describe_capacity_reservation(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Nothing is reserved: the machine's capacity is what it is."""
    finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    return {"DecreaseRequestsRemaining": 2, "CapacityReservationState": []}


def view(row: LoadBalancer) -> dict[str, Any]:
    state = {"Code": row.state}
    if row.state_reason:
        state["Reason"] = row.state_reason
    return {
        "LoadBalancerArn": row.arn,
        "DNSName": row.dns_name,
        "CanonicalHostedZoneId": row.canonical_hosted_zone_id,
        "CreatedTime": row.created_at,
        "LoadBalancerName": row.name,
        "Scheme": row.scheme,
        "VpcId": row.vpc_id,
        "State": state,
        "Type": "application",
        "AvailabilityZones": _zones(row),
        "SecurityGroups": list(row.security_groups),
        "IpAddressType": row.ip_address_type,
        "EnablePrefixForIpv6SourceNat": "off",
    }


def _zones(row: LoadBalancer) -> list[dict[str, Any]]:
    return [
        {"ZoneName": zone.zone_name, "SubnetId": zone.subnet_id, "LoadBalancerAddresses": []}
        for zone in row.zones
    ]


OPERATIONS: Mapping[str, Operation] = {
    "CreateLoadBalancer": Operation(create_load_balancer, "type application, IPv4"),
    "DescribeLoadBalancers": Operation(describe_load_balancers),
    "DeleteLoadBalancer": Operation(delete_load_balancer),
    "SetSecurityGroups": Operation(set_security_groups),
    "SetSubnets": Operation(set_subnets),
    "DescribeLoadBalancerAttributes": Operation(describe_attributes),
    "ModifyLoadBalancerAttributes": Operation(modify_attributes),
    "DescribeCapacityReservation": Operation(describe_capacity_reservation),
}
