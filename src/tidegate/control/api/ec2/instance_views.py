"""Instances as EC2 describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.interfaces import NetworkInterface, instance_interface
from tidegate.control.api.ec2.views import derived_id
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import INSTANCE_PROFILES, SECURITY_GROUPS
from tidegate.domain.ec2 import Instance
from tidegate.domain.ec2.zones import zone_id

View = dict[str, Any]

ROOT_DEVICE = "/dev/xvda"
_STATE_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}


def state_view(state: str) -> View:
    return {"Code": _STATE_CODES[state], "Name": state}


def private_dns_name(region: str, address: str) -> str:
    suffix = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{suffix}"


def public_dns_name(region: str, address: str) -> str:
    suffix = "compute-1.amazonaws.com" if region == "us-east-1" else f"{region}.compute.amazonaws.com"
    return f"ec2-{address.replace('.', '-')}.{suffix}"


def groups_view(state: Snapshot, group_ids: Iterable[str]) -> list[View]:
    views = []
    for group_id in group_ids:
        group = state.get(SECURITY_GROUPS, group_id)
        views.append({"GroupId": group_id, "GroupName": group.name if group else group_id})
    return views


def volume_id(row: Instance) -> str:
    """The root volume, which every instance has and nothing is kept on."""
    return derived_id("vol", row.id)


def instance_view(context: ApiContext, state: Snapshot, row: Instance) -> View:
    view: View = {
        "InstanceId": row.id,
        "ImageId": row.image_id,
        "InstanceType": row.instance_type,
        "State": state_view(row.state),
        "StateTransitionReason": _transition_reason(row),
        "KeyName": row.key_name,
        "LaunchTime": row.launched_at,
        "AmiLaunchIndex": row.launch_index,
        "ClientToken": row.client_token or "",
        "MetadataOptions": {**_METADATA_OPTIONS, **row.metadata_options},
        "Monitoring": {"State": "enabled" if row.is_monitored else "disabled"},
        "Placement": {
            "AvailabilityZone": row.availability_zone,
            "AvailabilityZoneId": zone_id(context.settings.region, row.availability_zone),
            "GroupName": "",
            "Tenancy": "default",
        },
        "ProductCodes": [],
        "Tags": tag_list(row.tags),
        **_CONSTANTS,
    }
    if row.state_reason and row.state in ("terminated", "shutting-down"):
        view["StateReason"] = {"Code": "Client.UserInitiatedShutdown", "Message": row.state_reason}
    if row.state == "terminated":
        # Like AWS, which takes network and volumes away from what is gone.
        return {
            **view,
            "PrivateDnsName": "",
            "PublicDnsName": "",
            "SecurityGroups": [],
            "NetworkInterfaces": [],
            "BlockDeviceMappings": [],
        }
    return view | _place(context, state, row) | _profile(state, row)


_METADATA_OPTIONS: Mapping[str, Any] = {
    "State": "applied",
    "HttpTokens": "optional",
    "HttpPutResponseHopLimit": 1,
    "HttpEndpoint": "enabled",
    "HttpProtocolIpv6": "disabled",
    "InstanceMetadataTags": "disabled",
}
_CONSTANTS: Mapping[str, Any] = {
    "Architecture": "x86_64",
    "EbsOptimized": False,
    "EnaSupport": True,
    "Hypervisor": "xen",
    "VirtualizationType": "hvm",
    "RootDeviceName": ROOT_DEVICE,
    "RootDeviceType": "ebs",
    "PlatformDetails": "Linux/UNIX",
    "UsageOperation": "RunInstances",
    "PrivateDnsNameOptions": {
        "HostnameType": "ip-name",
        "EnableResourceNameDnsARecord": False,
        "EnableResourceNameDnsAAAARecord": False,
    },
    "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
    "HibernationOptions": {"Configured": False},
    "EnclaveOptions": {"Enabled": False},
    "MaintenanceOptions": {"AutoRecovery": "default"},
}


def _place(context: ApiContext, state: Snapshot, row: Instance) -> View:
    region, address = context.settings.region, row.private_ip_address
    groups = groups_view(state, row.security_groups)
    interface = instance_interface(context, row)
    place: View = {
        "PrivateIpAddress": address,
        "PrivateDnsName": private_dns_name(region, address),
        "PublicDnsName": "",
        "SubnetId": row.subnet_id,
        "VpcId": row.vpc_id,
        "SecurityGroups": groups,
        "SourceDestCheck": True,
        "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1},
        "NetworkInterfaces": [_instance_interface_view(region, interface, groups)],
        "BlockDeviceMappings": [
            {
                "DeviceName": ROOT_DEVICE,
                "Ebs": {
                    "AttachTime": row.launched_at,
                    "DeleteOnTermination": True,
                    "Status": "attached",
                    "VolumeId": volume_id(row),
                },
            }
        ],
    }
    if interface.public_ip_address:
        public_name = public_dns_name(region, interface.public_ip_address)
        place |= {"PublicIpAddress": interface.public_ip_address, "PublicDnsName": public_name}
    return place


def _profile(state: Snapshot, row: Instance) -> View:
    if row.iam_instance_profile_arn is None:
        return {}
    profile = state.get(INSTANCE_PROFILES, row.iam_instance_profile_arn.rsplit("/", 1)[-1])
    return {
        "IamInstanceProfile": {
            "Arn": row.iam_instance_profile_arn,
            "Id": profile.id if profile else "AIPA0000000000000GONE",
        }
    }


def _transition_reason(row: Instance) -> str:
    if row.terminated_at is None:
        return ""
    return f"User initiated ({row.terminated_at:%Y-%m-%d %H:%M:%S} GMT)"


def _instance_interface_view(region: str, row: NetworkInterface, groups: list[View]) -> View:
    """The form inside an instance, a part of what DescribeNetworkInterfaces shows."""
    attachment = attachment_view(row)
    attachment.pop("InstanceId", None)
    attachment.pop("InstanceOwnerId", None)
    return {
        "NetworkInterfaceId": row.id,
        "Attachment": attachment,
        "InterfaceType": "interface",
        "Ipv6Addresses": [],
        **address_view(region, row),
        "Description": row.description,
        "Groups": groups,
        "MacAddress": row.mac_address,
        "SourceDestCheck": True,
        "Status": "in-use",
        "SubnetId": row.subnet_id,
        "VpcId": row.vpc_id,
    }


def attachment_view(row: NetworkInterface) -> View:
    view: View = {
        "AttachmentId": row.attachment_id,
        "AttachTime": row.attached_at,
        "DeleteOnTermination": row.instance_id is not None,
        "DeviceIndex": 0 if row.instance_id else 1,
        "NetworkCardIndex": 0,
        "InstanceOwnerId": row.attachment_owner_id,
        "Status": "attached",
    }
    return {**view, "InstanceId": row.instance_id} if row.instance_id else view


def address_view(region: str, row: NetworkInterface) -> View:
    """The interface's addresses: private ones, and the public one where it has one."""
    name = private_dns_name(region, row.private_ip_address)
    address: View = {
        "Primary": True,
        "PrivateIpAddress": row.private_ip_address,
        "PrivateDnsName": name,
    }
    view: View = {"PrivateIpAddress": row.private_ip_address, "PrivateDnsName": name}
    if row.public_ip_address:
        association = {
            "IpOwnerId": "amazon" if row.instance_id else "amazon-elb",
            "PublicDnsName": public_dns_name(region, row.public_ip_address),
            "PublicIp": row.public_ip_address,
        }
        address["Association"] = view["Association"] = association
    return {**view, "PrivateIpAddresses": [address]}
