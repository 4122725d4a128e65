"""Subnets."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import has_dependencies, invalid_for
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.interfaces import interfaces_of_subnet
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import boolean, serves, tags_for
from tidegate.control.api.ec2.views import subnet_view
from tidegate.control.api.ec2.vpcs import parse_range
from tidegate.control.api.honoured import unserved
from tidegate.control.store import Transaction
from tidegate.control.store.tables import ROUTE_TABLES, SUBNETS
from tidegate.domain.ec2 import Subnet, Vpc
from tidegate.domain.ec2.zones import zones
from tidegate.wire import Call, Fault

# Attributes of a subnet whose only value here is off.
_ALWAYS_OFF = (
    "AssignIpv6AddressOnCreation",
    "MapCustomerOwnedIpOnLaunch",
    "EnableDns64",
    "EnableResourceNameDnsARecordOnLaunch",
    "EnableResourceNameDnsAAAARecordOnLaunch",
)


def noun(region: str) -> Noun[Subnet]:
    ids = {zone.name: zone.id for zone in zones(region)}
    return Noun[Subnet](
        kind="subnet",
        id_of=lambda row: row.id,
        filters={
            "subnet-id": lambda row: (row.id,),
            "vpc-id": lambda row: (row.vpc_id,),
            "cidr": lambda row: (row.cidr_block,),
            "cidr-block": lambda row: (row.cidr_block,),
            "cidrBlock": lambda row: (row.cidr_block,),
            "availability-zone": lambda row: (row.availability_zone,),
            "availabilityZone": lambda row: (row.availability_zone,),
            "availability-zone-id": lambda row: (ids.get(row.availability_zone),),
            "default-for-az": lambda row: boolean_values(row.is_default_for_zone),
            "defaultForAz": lambda row: boolean_values(row.is_default_for_zone),
            "map-public-ip-on-launch": lambda row: boolean_values(row.map_public_ip_on_launch),
            "state": lambda _: ("available",),
        },
        tags_of=lambda row: row.tags,
    )


@serves(
    "VpcId",
    "CidrBlock",
    "AvailabilityZone",
    "AvailabilityZoneId",
    "TagSpecifications",
    only={"Ipv6Native": (False,)},
)
async def create_subnet(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    zone = _zone(context.settings.region, parameters)
    tags = tags_for(parameters, "subnet")

    def create(tx: Transaction) -> Subnet:
        vpc = finding.vpc(tx.state, parameters["VpcId"])
        row = Subnet(
            id=f"subnet-{context.ids.hex(17)}",
            vpc_id=vpc.id,
            cidr_block=_range(tx, vpc, parameters.get("CidrBlock")),
            availability_zone=zone,
            tags=tags,
        )
        tx.put(SUBNETS, row)
        return row

    row = await context.store.transact(create)
    return {"Subnet": subnet_view(context, context.store.snapshot, row)}


def _zone(region: str, parameters: Mapping[str, Any]) -> str:
    known = zones(region)
    name, zone_id = parameters.get("AvailabilityZone"), parameters.get("AvailabilityZoneId")
    if name is None and zone_id is None:
        return known[0].name
    for zone in known:
        if name in (None, zone.name) and zone_id in (None, zone.id):
            return zone.name
    names = ", ".join(zone.name for zone in known)
    why = f"Subnets can currently only be created in the following availability zones: {names}."
    raise invalid_for("availabilityZone", name or zone_id, why)


def _range(tx: Transaction, vpc: Vpc, text: str | None) -> str:
    if not text:
        raise Fault("MissingParameter", "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
    network = parse_range(text)
    home = ipaddress.IPv4Network(vpc.cidr_block)
    if not 16 <= network.prefixlen <= 28 or not network.subnet_of(home):
        raise Fault("InvalidSubnet.Range", f"The CIDR '{text}' is invalid.")
    for other in tx.by(SUBNETS, "vpc", vpc.id):
        if network.overlaps(ipaddress.IPv4Network(other.cidr_block)):
            raise Fault("InvalidSubnet.Conflict", f"The CIDR '{text}' conflicts with another subnet")
    return str(network)


@serves("Filters", "SubnetIds", "NextToken", "MaxResults")
async def describe_subnets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    page = described(
        noun(context.settings.region), state.all(SUBNETS), call.parameters, call.parameters.get("SubnetIds")
    )
    return answer("Subnets", page, lambda row: subnet_view(context, state, row))


@serves("SubnetId", "MapPublicIpOnLaunch", "PrivateDnsHostnameTypeOnLaunch", *_ALWAYS_OFF)
async def modify_subnet_attribute(context: ApiContext, call: Call) -> Mapping[str, Any]:
    for name in _ALWAYS_OFF:
        if boolean(call.parameters, name):
            raise unserved("ec2", f"Tidegate serves the parameter {name} with the value false only.")
    if call.parameters.get("PrivateDnsHostnameTypeOnLaunch") not in (None, "ip-name"):
        raise unserved("ec2", "Tidegate serves host names of the type ip-name only.")
    maps = boolean(call.parameters, "MapPublicIpOnLaunch")

    def modify(tx: Transaction) -> None:
        row = finding.subnet(tx.state, call.parameters["SubnetId"])
        if maps is not None:
            tx.put(SUBNETS, replace(row, map_public_ip_on_launch=maps))

    await context.store.transact(modify)
    return {}


@serves("SubnetId")
async def delete_subnet(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.subnet(tx.state, call.parameters["SubnetId"])
        if interfaces_of_subnet(context, tx.state, row.id):
            raise has_dependencies("subnet", row.id)
        for table in list(tx.by(ROUTE_TABLES, "vpc", row.vpc_id)):
            left = {one: subnet for one, subnet in table.associations.items() if subnet != row.id}
            tx.put(ROUTE_TABLES, replace(table, associations=left))
        tx.delete(SUBNETS, row.id)

    await context.store.transact(delete)
    return {}
