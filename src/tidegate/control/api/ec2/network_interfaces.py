"""Network interfaces: described only, since they come and go with their owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.instance_views import address_view, attachment_view, groups_view
from tidegate.control.api.ec2.interfaces import NetworkInterface, interfaces
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves
from tidegate.control.store import Snapshot
from tidegate.domain.ec2.zones import zone_id
from tidegate.wire import Call


def _noun(state: Snapshot) -> Noun[NetworkInterface]:
    return Noun[NetworkInterface](
        kind="network-interface",
        id_of=lambda row: row.id,
        filters={
            "network-interface-id": lambda row: (row.id,),
            "description": lambda row: (row.description,),
            "subnet-id": lambda row: (row.subnet_id,),
            "vpc-id": lambda row: (row.vpc_id,),
            "availability-zone": lambda row: (row.availability_zone,),
            "group-id": lambda row: row.security_groups,
            "group-name": lambda row: (one["GroupName"] for one in groups_view(state, row.security_groups)),
            "status": lambda _: ("in-use",),
            "interface-type": lambda _: ("interface",),
            "private-ip-address": lambda row: (row.private_ip_address,),
            "addresses.private-ip-address": lambda row: (row.private_ip_address,),
            "association.public-ip": lambda row: (row.public_ip_address,),
            "addresses.association.public-ip": lambda row: (row.public_ip_address,),
            "mac-address": lambda row: (row.mac_address,),
            "requester-managed": lambda row: boolean_values(row.is_requester_managed),
            "attachment.attachment-id": lambda row: (row.attachment_id,),
            "attachment.instance-id": lambda row: (row.instance_id,),
            "attachment.instance-owner-id": lambda row: (row.attachment_owner_id,),
            "attachment.status": lambda _: ("attached",),
        },
        tags_of=lambda row: row.tags,
    )


@serves("Filters", "NetworkInterfaceIds", "NextToken", "MaxResults")
async def describe_network_interfaces(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    rows = interfaces(context, state)
    page = described(_noun(state), rows, call.parameters, call.parameters.get("NetworkInterfaceIds"))
    return answer("NetworkInterfaces", page, lambda row: _view(context, state, row))


def _view(context: ApiContext, state: Snapshot, row: NetworkInterface) -> dict[str, Any]:
    view: dict[str, Any] = {
        "NetworkInterfaceId": row.id,
        "OwnerId": context.settings.account,
        "Description": row.description,
        "InterfaceType": "interface",
        "Status": "in-use",
        "SubnetId": row.subnet_id,
        "VpcId": row.vpc_id,
        "AvailabilityZone": row.availability_zone,
        "AvailabilityZoneId": zone_id(context.settings.region, row.availability_zone),
        "MacAddress": row.mac_address,
        "SourceDestCheck": True,
        "RequesterManaged": row.is_requester_managed,
        "Groups": groups_view(state, row.security_groups),
        "Ipv6Addresses": [],
        **address_view(context.settings.region, row),
        "Attachment": attachment_view(row),
        "TagSet": [],
    }
    return {**view, "RequesterId": "amazon-elb"} if row.is_requester_managed else view
