"""The network's rows as EC2 describes them.

What never varies here (one DHCP option set, one network ACL per VPC) is not stored: its identifier is
made from its owner's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.interfaces import interfaces_of_subnet
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import SUBNETS
from tidegate.domain.ec2 import InternetGateway, KeyPair, RouteTable, Subnet, Vpc
from tidegate.domain.ec2.zones import zone_id

View = dict[str, Any]

# AWS keeps the first four addresses of a subnet and the last one for itself.
_RESERVED_ADDRESSES = 5
_ASSOCIATED = {"State": "associated"}


def derived_id(prefix: str, owner_id: str) -> str:
    """The identifier of something that its owner has exactly one of."""
    return f"{prefix}-{owner_id.rpartition('-')[2]}"


def vpc_view(context: ApiContext, row: Vpc) -> View:
    return {
        "VpcId": row.id,
        "OwnerId": context.settings.account,
        "CidrBlock": row.cidr_block,
        "CidrBlockAssociationSet": [
            {
                "AssociationId": derived_id("vpc-cidr-assoc", row.id),
                "CidrBlock": row.cidr_block,
                "CidrBlockState": _ASSOCIATED,
            }
        ],
        "DhcpOptionsId": f"dopt-{context.settings.account:0>17}",
        "InstanceTenancy": "default",
        "IsDefault": row.is_default,
        "State": "available",
        "Tags": tag_list(row.tags),
    }


def subnet_view(context: ApiContext, state: Snapshot, row: Subnet) -> View:
    network = ipaddress.ip_network(row.cidr_block)
    used = len(interfaces_of_subnet(context, state, row.id))
    return {
        "SubnetId": row.id,
        "SubnetArn": context.arns.ec2("subnet", row.id),
        "OwnerId": context.settings.account,
        "VpcId": row.vpc_id,
        "CidrBlock": row.cidr_block,
        "AvailabilityZone": row.availability_zone,
        "AvailabilityZoneId": zone_id(context.settings.region, row.availability_zone),
        "AvailableIpAddressCount": max(0, network.num_addresses - _RESERVED_ADDRESSES - used),
        "DefaultForAz": row.is_default_for_zone,
        "MapPublicIpOnLaunch": row.map_public_ip_on_launch,
        "MapCustomerOwnedIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "Ipv6Native": False,
        "EnableDns64": False,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "State": "available",
        "Tags": tag_list(row.tags),
    }


def internet_gateway_view(context: ApiContext, row: InternetGateway) -> View:
    return {
        "InternetGatewayId": row.id,
        "OwnerId": context.settings.account,
        "Attachments": [{"State": "available", "VpcId": row.vpc_id}] if row.vpc_id else [],
        "Tags": tag_list(row.tags),
    }


def route_table_view(context: ApiContext, vpc: Vpc, row: RouteTable) -> View:
    local = {
        "DestinationCidrBlock": vpc.cidr_block,
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    }
    routes = [
        {
            "DestinationCidrBlock": route.destination_cidr_block,
            "GatewayId": route.gateway_id,
            "Origin": "CreateRoute",
            "State": "active",
        }
        for route in row.routes
    ]
    return {
        "RouteTableId": row.id,
        "VpcId": row.vpc_id,
        "OwnerId": context.settings.account,
        "Routes": [local, *routes],
        "Associations": [
            association_view(row, association_id, subnet_id)
            for association_id, subnet_id in row.associations.items()
        ],
        "PropagatingVgws": [],
        "Tags": tag_list(row.tags),
    }


def association_view(row: RouteTable, association_id: str, subnet_id: str) -> View:
    view: View = {
        "RouteTableAssociationId": association_id,
        "RouteTableId": row.id,
        "Main": not subnet_id,
        "AssociationState": _ASSOCIATED,
    }
    return {**view, "SubnetId": subnet_id} if subnet_id else view


def network_acl_view(context: ApiContext, state: Snapshot, vpc: Vpc) -> View:
    """The default ACL of a VPC, which lets everything pass."""
    acl_id = derived_id("acl", vpc.id)
    return {
        "NetworkAclId": acl_id,
        "VpcId": vpc.id,
        "OwnerId": context.settings.account,
        "IsDefault": True,
        "Associations": [
            {
                "NetworkAclAssociationId": derived_id("aclassoc", subnet.id),
                "NetworkAclId": acl_id,
                "SubnetId": subnet.id,
            }
            for subnet in sorted(state.by(SUBNETS, "vpc", vpc.id), key=lambda row: row.id)
        ],
        "Entries": [
            _acl_entry(number, action, is_egress)
            for is_egress in (True, False)
            for number, action in ((100, "allow"), (32767, "deny"))
        ],
        "Tags": [],
    }


def _acl_entry(number: int, action: str, is_egress: bool) -> Mapping[str, Any]:
    return {
        "CidrBlock": "0.0.0.0/0",
        "Egress": is_egress,
        "Protocol": "-1",
        "RuleAction": action,
        "RuleNumber": number,
    }


def key_pair_view(row: KeyPair, *, with_public_key: bool) -> View:
    view = {
        "KeyPairId": row.id,
        "KeyName": row.name,
        "KeyType": row.key_type,
        "KeyFingerprint": row.fingerprint,
        "CreateTime": row.created_at,
        "Tags": tag_list(row.tags),
    }
    return {**view, "PublicKey": row.public_key} if with_public_key else view
