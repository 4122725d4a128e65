"""Load balancers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding, quotas
from tidegate.control.api.elbv2.attribute_changes import described
from tidegate.control.api.elbv2.load_balancer_attributes import changed_attributes
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import (
    INTERNET_GATEWAYS,
    LISTENERS,
    LOAD_BALANCERS,
    RULES,
    SECURITY_GROUPS,
    SUBNETS,
)
from tidegate.domain.ec2 import Subnet
from tidegate.domain.elbv2 import LoadBalancer, ZoneMapping
from tidegate.domain.elbv2.attributes import LOAD_BALANCER_DEFAULTS
from tidegate.domain.elbv2.hosted_zones import hosted_zone_id
from tidegate.wire import Call, Fault, Operation

_ARNS_MAX = 20


@honours(
    "Name",
    "Subnets",
    "SubnetMappings",
    "SecurityGroups",
    "Scheme",
    "Tags",
    only={
        "Type": ("application",),
        "IpAddressType": ("ipv4",),
        "EnablePrefixForIpv6SourceNat": ("off",),
    },
)
async def create_load_balancer(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create an application load balancer; the same again returns it as it is."""
    parameters = call.parameters
    name = parameters["Name"]
    finding.check_load_balancer_name(name)
    tags = finding.tag_map(parameters.get("Tags"))
    scheme = parameters.get("Scheme") or "internet-facing"

    def create(tx: Transaction) -> LoadBalancer:
        subnets = _subnets(tx, parameters)
        vpc_id = subnets[0].vpc_id
        zones = _mappings(subnets)
        groups = _security_groups(tx, parameters.get("SecurityGroups"), vpc_id)
        known = next(tx.by(LOAD_BALANCERS, "name", name), None)
        if known is not None:
            if _settings(known) == (scheme, set(zones), set(groups)):
                return known
            text = f"A load balancer with the same name '{name}' exists, but with different settings"
            raise Fault("DuplicateLoadBalancerName", text)
        if scheme == "internet-facing" and not _has_gateway(tx, vpc_id):
            raise Fault("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")
        row = _new(context, name, scheme, address=_free_address(context, tx))
        row = replace(row, vpc_id=vpc_id, zones=zones, security_groups=groups, tags=tags)
        tx.put(LOAD_BALANCERS, row)
        return row

    return {"LoadBalancers": [view(await context.store.transact(create))]}


def _settings(row: LoadBalancer) -> tuple[str, set[ZoneMapping], set[str]]:
    """What a repeated creation is compared by."""
    return row.scheme, set(row.zones), set(row.security_groups)


def _new(context: ApiContext, name: str, scheme: str, *, address: str) -> LoadBalancer:
    region = context.settings.region
    prefix = "internal-" if scheme == "internal" else ""
    return LoadBalancer(
        arn=context.arns.load_balancer(name, context.ids.hex(16)),
        name=name,
        dns_name=f"{prefix}{name}-{context.ids.digits(10)}.{region}.elb.localhost".lower(),
        canonical_hosted_zone_id=hosted_zone_id(region),
        scheme=scheme,
        vpc_id="",
        zones=(),
        address=address,
        created_at=context.clock.now(),
    )


def _has_gateway(tx: Transaction, vpc_id: str) -> bool:
    return any(gateway.vpc_id == vpc_id for gateway in tx.all(INTERNET_GATEWAYS))


def _mappings(subnets: Sequence[Subnet]) -> tuple[ZoneMapping, ...]:
    return tuple(ZoneMapping(zone_name=one.availability_zone, subnet_id=one.id) for one in subnets)


def _subnets(tx: Transaction, parameters: Mapping[str, Any]) -> list[Subnet]:
    """The subnets of a request, by zone; raises the fault of what is wrong with them."""
    mappings = parameters.get("SubnetMappings") or []
    if mappings and parameters.get("Subnets"):
        raise faults.invalid("You must specify either subnets or subnet mappings, but not both")
    for mapping in mappings:
        _check_mapping(mapping)
    ids = parameters.get("Subnets") or [mapping.get("SubnetId", "") for mapping in mappings]
    subnets = []
    for subnet_id in dict.fromkeys(ids):
        row = tx.get(SUBNETS, subnet_id)
        if row is None:
            raise Fault("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")
        subnets.append(row)
    zones = {subnet.availability_zone for subnet in subnets}
    if len(zones) < len(subnets):
        text = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        raise faults.misconfigured(text)
    if len(zones) < 2:
        raise faults.invalid("At least two subnets in two different Availability Zones must be specified")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise faults.misconfigured("All subnets must be in the same VPC")
    return sorted(subnets, key=lambda subnet: subnet.availability_zone)


def _check_mapping(mapping: Mapping[str, Any]) -> None:
    if mapping.get("AllocationId"):
        text = "Elastic IPs are not supported for load balancers with type 'application'"
        raise faults.misconfigured(text)
    if mapping.get("PrivateIPv4Address"):
        text = (
            "You can only specify private IPv4 addresses for Network Load Balancers with scheme 'internal'."
        )
        raise faults.misconfigured(text)
    if set(mapping) - {"SubnetId"}:
        raise faults.unsupported("A subnet mapping with IPv6 addresses")


def _security_groups(tx: Transaction, given: Sequence[str] | None, vpc_id: str) -> tuple[str, ...]:
    if not given:
        groups = tx.by(SECURITY_GROUPS, "vpc", vpc_id)
        return tuple(group.id for group in groups if group.name == "default")
    for group_id in given:
        group = tx.get(SECURITY_GROUPS, group_id)
        if group is None or group.vpc_id != vpc_id:
            raise faults.misconfigured("One or more security groups are invalid")
    return tuple(dict.fromkeys(given))


def _free_address(context: ApiContext, tx: Transaction) -> str:
    """The next address of NETWORK.2.x that no load balancer has; the one after the newest first, so
    that an address comes back late."""
    rows = sorted(tx.all(LOAD_BALANCERS), key=lambda row: row.created_at)
    if len(rows) >= quotas.LOAD_BALANCERS_MAX:
        raise Fault("TooManyLoadBalancers", "The maximum number of load balancers has been reached")
    taken = {row.address for row in rows}
    last = int(rows[-1].address.rsplit(".", 1)[1]) if rows else 0
    hosts = ((last + step - 1) % 254 + 1 for step in range(1, 255))
    return next(address for host in hosts if (address := f"{context.settings.network}.2.{host}") not in taken)


@honours("LoadBalancerArns", "Names", "Marker", "PageSize")
async def describe_load_balancers(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, names = parameters.get("LoadBalancerArns"), parameters.get("Names")
    if arns and names:
        text = "Load balancer names and load balancer ARNs cannot be specified at the same time"
        raise faults.invalid(text)
    if arns and len(arns) > _ARNS_MAX:
        # AWS's words are not known.
        raise faults.invalid(f"You cannot specify more than {_ARNS_MAX} load balancer ARNs")
    rows = list(snapshot.all(LOAD_BALANCERS))
    if arns:
        rows = [finding.load_balancer(snapshot, arn) for arn in dict.fromkeys(arns)]
    elif names:
        by_name = {row.name: row for row in rows}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise faults.load_balancers_not_found(missing)
        rows = [by_name[name] for name in dict.fromkeys(names)]
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"LoadBalancers": [view(row) for row in found], "NextMarker": marker}


@honours("LoadBalancerArn")
async def delete_load_balancer(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a load balancer with its listeners and rules; one that is gone already is fine."""
    arn = finding.checked_arn(call.parameters["LoadBalancerArn"], "loadbalancer", "load balancer")

    def delete(tx: Transaction) -> None:
        row = tx.get(LOAD_BALANCERS, arn)
        if row is None:
            return
        if row.attribute("deletion_protection.enabled") == "true":
            text = f"Load balancer '{row.arn}' cannot be deleted because deletion protection is enabled"
            raise Fault("OperationNotPermitted", text)
        for listener in list(tx.by(LISTENERS, "load_balancer", row.arn)):
            for rule in list(tx.by(RULES, "listener", listener.arn)):
                tx.delete(RULES, rule.arn)
            tx.delete(LISTENERS, listener.arn)
        tx.delete(LOAD_BALANCERS, row.arn)

    await context.store.transact(delete)
    return {}


@honours("LoadBalancerArn", "SecurityGroups")
async def set_security_groups(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Replace the security groups; at least one stays."""
    if not call.parameters["SecurityGroups"]:
        raise faults.invalid("A security group must be specified")

    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        groups = _security_groups(tx, call.parameters["SecurityGroups"], row.vpc_id)
        row = replace(row, security_groups=groups)
        tx.put(LOAD_BALANCERS, row)
        return row

    return {"SecurityGroupIds": list((await context.store.transact(change)).security_groups)}


@honours("LoadBalancerArn", "Subnets", "SubnetMappings", only={"IpAddressType": ("ipv4",)})
async def set_subnets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Replace the subnets, in the same VPC."""

    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        subnets = _subnets(tx, call.parameters)
        if subnets[0].vpc_id != row.vpc_id:
            raise faults.misconfigured(f"The subnets do not belong to VPC '{row.vpc_id}'")
        row = replace(row, zones=_mappings(subnets))
        tx.put(LOAD_BALANCERS, row)
        return row

    row = await context.store.transact(change)
    return {"AvailabilityZones": _zones(row), "IpAddressType": row.ip_address_type}


@honours("LoadBalancerArn", only={"IpAddressType": ("ipv4",)})
async def set_ip_address_type(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    return {"IpAddressType": row.ip_address_type}


@honours("LoadBalancerArn")
async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    return {"Attributes": described(LOAD_BALANCER_DEFAULTS, row.attributes)}


@honours("LoadBalancerArn", "Attributes")
async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> LoadBalancer:
        row = finding.load_balancer(tx, call.parameters["LoadBalancerArn"])
        row = replace(row, attributes=changed_attributes(row, call.parameters["Attributes"]))
        tx.put(LOAD_BALANCERS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": described(LOAD_BALANCER_DEFAULTS, row.attributes)}


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
    "SetIpAddressType": Operation(set_ip_address_type, "IPv4"),
    "SetSecurityGroups": Operation(set_security_groups),
    "SetSubnets": Operation(set_subnets, "IPv4"),
    "DescribeLoadBalancerAttributes": Operation(describe_attributes),
    "ModifyLoadBalancerAttributes": Operation(
        modify_attributes,
        "all are kept; waf.fail_open.enabled, zonal_shift.config.enabled and ddos_protection.syn_cookie.mode "
        "have no effect",
    ),
}
