"""Attributes of instances, and what else clients ask of an instance one piece at a time."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import invalid_for
from tidegate.control.api.ec2.instance_views import ROOT_DEVICE, groups_view, volume_id
from tidegate.control.api.ec2.instances import described_instances
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import boolean, serves
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import INSTANCES
from tidegate.domain.ec2 import Instance
from tidegate.domain.ec2.zones import zone_id
from tidegate.wire import Call, Fault

View = dict[str, Any]

ROOT_VOLUME_GIB = 30

_ATTRIBUTES: Mapping[str, tuple[str, Callable[[Snapshot, Instance], Any]]] = {
    # attribute -> (member of the response, its value)
    "disableApiTermination": (
        "DisableApiTermination",
        lambda _, row: {"Value": row.is_protected_from_termination},
    ),
    "disableApiStop": ("DisableApiStop", lambda _, row: {"Value": row.is_protected_from_stop}),
    "instanceInitiatedShutdownBehavior": (
        "InstanceInitiatedShutdownBehavior",
        lambda _, row: {"Value": row.shutdown_behavior},
    ),
    "userData": ("UserData", lambda _, row: {"Value": row.user_data} if row.user_data else {}),
    "instanceType": ("InstanceType", lambda _, row: {"Value": row.instance_type}),
    "rootDeviceName": ("RootDeviceName", lambda _, _row: {"Value": ROOT_DEVICE}),
    "groupSet": ("Groups", lambda state, row: groups_view(state, row.security_groups)),
    "ebsOptimized": ("EbsOptimized", lambda _, _row: {"Value": False}),
    "enaSupport": ("EnaSupport", lambda _, _row: {"Value": True}),
    "sourceDestCheck": ("SourceDestCheck", lambda _, _row: {"Value": True}),
    "productCodes": ("ProductCodes", lambda _, _row: []),
    "kernel": ("KernelId", lambda _, _row: {}),
    "ramdisk": ("RamdiskId", lambda _, _row: {}),
    "sriovNetSupport": ("SriovNetSupport", lambda _, _row: {}),
}


@serves("InstanceId", "Attribute")
async def describe_instance_attribute(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    attribute = call.parameters["Attribute"]
    if attribute not in _ATTRIBUTES:
        raise invalid_for("attribute", attribute, "Unknown attribute.")
    row = finding.instance(state, call.parameters["InstanceId"])
    member, value = _ATTRIBUTES[attribute]
    return {"InstanceId": row.id, member: value(state, row)}


@serves(
    "InstanceId",
    "DisableApiTermination",
    "DisableApiStop",
    "InstanceInitiatedShutdownBehavior",
    "Groups",
    "Attribute",
    "Value",
    "UserData",
)
async def modify_instance_attribute(context: ApiContext, call: Call) -> Mapping[str, Any]:
    changes = _changes(call.parameters)

    def modify(tx: Transaction) -> None:
        row = finding.instance(tx.state, call.parameters["InstanceId"])
        if "user_data" in changes and row.state != "stopped":
            text = f"The instance '{row.id}' is not in the 'stopped' state."
            raise Fault("IncorrectInstanceState", text)
        if call.parameters.get("Groups"):
            groups = finding.groups_of_vpc(tx.state, row.vpc_id, call.parameters["Groups"])
            changes["security_groups"] = groups
        tx.put(INSTANCES, replace(row, **changes))

    await context.store.transact(modify)
    return {}


def _changes(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The asked changes; the older form names one attribute with its value."""
    changes: dict[str, Any] = {}
    attribute, value = parameters.get("Attribute"), parameters.get("Value")
    older = {
        "disableApiTermination": ("is_protected_from_termination", value == "true"),
        "disableApiStop": ("is_protected_from_stop", value == "true"),
        "instanceInitiatedShutdownBehavior": ("shutdown_behavior", value),
    }
    if attribute is not None:
        if attribute not in older:
            raise invalid_for("attribute", attribute, "Tidegate does not serve changes of this attribute.")
        name, changed = older[attribute]
        changes[name] = changed
    for member, name in (
        ("DisableApiTermination", "is_protected_from_termination"),
        ("DisableApiStop", "is_protected_from_stop"),
    ):
        if (asked := boolean(parameters, member)) is not None:
            changes[name] = asked
    if "InstanceInitiatedShutdownBehavior" in parameters:
        changes["shutdown_behavior"] = parameters["InstanceInitiatedShutdownBehavior"].get("Value")
    if changes.get("shutdown_behavior", "stop") not in ("stop", "terminate"):
        behavior = changes["shutdown_behavior"]
        raise invalid_for("instanceInitiatedShutdownBehavior", behavior, "It must be stop or terminate.")
    if "UserData" in parameters:
        content = parameters["UserData"].get("Value") or b""
        changes["user_data"] = base64.b64encode(content).decode()
    return changes


CREDITS = Noun[Instance](
    kind="instance",
    id_of=lambda row: row.id,
    filters={"instance-id": lambda row: (row.id,)},
)


@serves("InstanceIds", "Filters", "NextToken", "MaxResults")
async def describe_instance_credit_specifications(context: ApiContext, call: Call) -> Mapping[str, Any]:
    asked = call.parameters.get("InstanceIds")
    rows = [
        row
        for row in described_instances(context, context.store.snapshot)
        # Types that cannot burst have no credits, and EC2 lists them only when they are asked for.
        if asked or row.instance_type.startswith("t")
    ]
    page = described(CREDITS, rows, call.parameters, asked)
    return answer(
        "InstanceCreditSpecifications",
        page,
        lambda row: {"InstanceId": row.id, "CpuCredits": row.cpu_credits},
    )


VOLUME = Noun[Instance](
    kind="volume",
    id_of=volume_id,
    filters={
        "volume-id": lambda row: (volume_id(row),),
        "attachment.instance-id": lambda row: (row.id,),
        "attachment.device": lambda _: (ROOT_DEVICE,),
        "attachment.status": lambda _: ("attached",),
        "attachment.delete-on-termination": lambda _: ("true",),
        "availability-zone": lambda row: (row.availability_zone,),
        "status": lambda _: ("in-use",),
    },
    tags_of=lambda _: {},
)


@serves("VolumeIds", "Filters", "NextToken", "MaxResults")
async def describe_volumes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The root volumes of instances: described as clients expect them, kept nowhere."""
    rows = [row for row in context.store.snapshot.all(INSTANCES) if row.state != "terminated"]
    page = described(VOLUME, rows, call.parameters, call.parameters.get("VolumeIds"))
    return answer("Volumes", page, lambda row: _volume_view(context, row))


def _volume_view(context: ApiContext, row: Instance) -> View:
    return {
        "VolumeId": volume_id(row),
        "AvailabilityZone": row.availability_zone,
        "AvailabilityZoneId": zone_id(context.settings.region, row.availability_zone),
        "CreateTime": row.launched_at,
        "Encrypted": False,
        "Size": ROOT_VOLUME_GIB,
        "SnapshotId": "",
        "State": "in-use",
        "VolumeType": "gp2",
        "Iops": 100,
        "MultiAttachEnabled": False,
        "Tags": [],
        "Attachments": [
            {
                "AttachTime": row.launched_at,
                "DeleteOnTermination": True,
                "Device": ROOT_DEVICE,
                "InstanceId": row.id,
                "State": "attached",
                "VolumeId": volume_id(row),
            }
        ],
    }
