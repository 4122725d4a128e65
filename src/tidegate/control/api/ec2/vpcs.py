"""VPCs: each is born with a main route table, a default security group and a default network ACL."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import has_dependencies, invalid, invalid_for
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import boolean, serves, tags_for
from tidegate.control.api.ec2.rules import default_egress
from tidegate.control.api.ec2.views import derived_id, network_acl_view, vpc_view
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    INTERNET_GATEWAYS,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from tidegate.domain.ec2 import PermissionPeer, RouteTable, SecurityGroup, SecurityGroupRule, Vpc
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Fault

_ATTRIBUTES = {
    # attribute -> (member of request and response, value of a new VPC, value of the default VPC)
    "enableDnsSupport": ("EnableDnsSupport", True, True),
    "enableDnsHostnames": ("EnableDnsHostnames", False, True),
    "enableNetworkAddressUsageMetrics": ("EnableNetworkAddressUsageMetrics", False, False),
}

VPC = Noun[Vpc](
    kind="vpc",
    id_of=lambda row: row.id,
    filters={
        "vpc-id": lambda row: (row.id,),
        "cidr": lambda row: (row.cidr_block,),
        "cidr-block-association.cidr-block": lambda row: (row.cidr_block,),
        "cidr-block-association.association-id": lambda row: (derived_id("vpc-cidr-assoc", row.id),),
        "cidr-block-association.state": lambda _: ("associated",),
        "is-default": lambda row: boolean_values(row.is_default),
        "isDefault": lambda row: boolean_values(row.is_default),
        "state": lambda _: ("available",),
    },
    tags_of=lambda row: row.tags,
)


@serves(
    "CidrBlock",
    "TagSpecifications",
    only={"InstanceTenancy": ("default",), "AmazonProvidedIpv6CidrBlock": (False,)},
)
async def create_vpc(context: ApiContext, call: Call) -> Mapping[str, Any]:
    cidr_block = vpc_range(call.parameters.get("CidrBlock"))
    tags = tags_for(call.parameters, "vpc")
    row = await context.store.transact(lambda tx: add_vpc(context, tx, cidr_block, tags=tags))
    return {"Vpc": vpc_view(context, row)}


def add_vpc(
    context: ApiContext, tx: Transaction, cidr_block: str, *, is_default: bool = False, tags: Tags
) -> Vpc:
    """A new VPC with all that comes with one."""
    ids = context.ids
    row = Vpc(
        id=f"vpc-{ids.hex(17)}",
        cidr_block=cidr_block,
        is_default=is_default,
        attributes={
            name: of_default if is_default else of_new
            for name, (_, of_new, of_default) in _ATTRIBUTES.items()
        },
        tags=tags,
    )
    tx.put(VPCS, row)
    main = {f"rtbassoc-{ids.hex(17)}": ""}
    tx.put(
        ROUTE_TABLES,
        RouteTable(id=f"rtb-{ids.hex(17)}", vpc_id=row.id, is_main=True, associations=main),
    )
    group_id = f"sg-{ids.hex(17)}"
    from_itself = SecurityGroupRule(
        id=f"sgr-{ids.hex(17)}", is_egress=False, protocol="-1", peer=PermissionPeer(group_id=group_id)
    )
    group = SecurityGroup(
        id=group_id,
        name=finding.DEFAULT_GROUP,
        description="default VPC security group",
        vpc_id=row.id,
        rules=(from_itself, default_egress(ids)),
    )
    tx.put(SECURITY_GROUPS, group)
    return row


@serves("Filters", "VpcIds", "NextToken", "MaxResults")
async def describe_vpcs(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    page = described(VPC, state.all(VPCS), call.parameters, call.parameters.get("VpcIds"))
    return answer("Vpcs", page, lambda row: vpc_view(context, row))


@serves("Attribute", "VpcId")
async def describe_vpc_attribute(context: ApiContext, call: Call) -> Mapping[str, Any]:
    attribute = call.parameters["Attribute"]
    if attribute not in _ATTRIBUTES:
        raise invalid_for("attribute", attribute, "Unknown attribute.")
    row = finding.vpc(context.store.snapshot, call.parameters["VpcId"])
    return {"VpcId": row.id, _ATTRIBUTES[attribute][0]: {"Value": row.attributes.get(attribute, False)}}


@serves("VpcId", "EnableDnsHostnames", "EnableDnsSupport", "EnableNetworkAddressUsageMetrics")
async def modify_vpc_attribute(context: ApiContext, call: Call) -> Mapping[str, Any]:
    changes = {
        attribute: value
        for attribute, (member, _, _) in _ATTRIBUTES.items()
        if (value := boolean(call.parameters, member)) is not None
    }
    if len(changes) != 1:
        raise Fault("InvalidParameterCombination", "Exactly one attribute must be given.")

    def modify(tx: Transaction) -> None:
        row = finding.vpc(tx.state, call.parameters["VpcId"])
        tx.put(VPCS, replace(row, attributes={**row.attributes, **changes}))

    await context.store.transact(modify)
    return {}


@serves("VpcId")
async def delete_vpc(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.vpc(tx.state, call.parameters["VpcId"])
        if _has_dependents(tx.state, row.id):
            raise has_dependencies("vpc", row.id)
        for table in list(tx.by(ROUTE_TABLES, "vpc", row.id)):
            tx.delete(ROUTE_TABLES, table.id)
        for group in list(tx.by(SECURITY_GROUPS, "vpc", row.id)):
            tx.delete(SECURITY_GROUPS, group.id)
        tx.delete(VPCS, row.id)

    await context.store.transact(delete)
    return {}


def _has_dependents(state: Snapshot, vpc_id: str) -> bool:
    """Whether anything but what the VPC was born with is left in it."""
    return (
        next(state.by(SUBNETS, "vpc", vpc_id), None) is not None
        or any(not table.is_main for table in state.by(ROUTE_TABLES, "vpc", vpc_id))
        or any(row.name != finding.DEFAULT_GROUP for row in state.by(SECURITY_GROUPS, "vpc", vpc_id))
        or any(row.vpc_id == vpc_id for row in state.all(INTERNET_GATEWAYS))
    )


def vpc_range(text: str | None) -> str:
    """The CIDR block of a VPC in its canonical form: host bits are cleared, as AWS does."""
    if not text:
        raise Fault("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' must be provided.")
    network = parse_range(text)
    if not 16 <= network.prefixlen <= 28:
        raise Fault("InvalidVpc.Range", f"The CIDR '{text}' is invalid.")
    return str(network)


def parse_range(text: str) -> ipaddress.IPv4Network:
    """An IPv4 CIDR block, its host bits cleared."""
    try:
        if "/" not in text:
            raise ValueError
        return ipaddress.IPv4Network(text, strict=False)
    except ValueError as error:
        why = "This is not a valid CIDR block."
        raise invalid(f"Value ({text}) for parameter cidrBlock is invalid. {why}") from error


NETWORK_ACL = Noun[Vpc](
    kind="network-acl",
    id_of=lambda row: derived_id("acl", row.id),
    filters={
        "vpc-id": lambda row: (row.id,),
        "network-acl-id": lambda row: (derived_id("acl", row.id),),
        "default": lambda _: ("true",),
    },
    tags_of=lambda _: {},
)


@serves("Filters", "NetworkAclIds", "NextToken", "MaxResults")
async def describe_network_acls(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    filters = list(call.parameters.get("Filters") or ())
    by_subnet = [entry for entry in filters if entry.get("Name") == "association.subnet-id"]
    homes = [
        row
        for row in state.all(VPCS)
        if all(
            any(subnet.id in entry.get("Values", ()) for subnet in state.by(SUBNETS, "vpc", row.id))
            for entry in by_subnet
        )
    ]
    rest = {**call.parameters, "Filters": [entry for entry in filters if entry not in by_subnet]}
    page = described(NETWORK_ACL, homes, rest, call.parameters.get("NetworkAclIds"))
    return answer("NetworkAcls", page, lambda row: network_acl_view(context, state, row))
