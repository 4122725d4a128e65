"""Machine images: the ECS-optimised ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves
from tidegate.domain.ec2.image import Image, images
from tidegate.wire import Call

# Amazon's own account for the ECS images.
OWNER_ID = "591542846629"
_OWNERS = (OWNER_ID, "amazon")
_SNAPSHOT_GIB = 30

IMAGE = Noun[Image](
    kind="image",
    id_of=lambda row: row.id,
    filters={
        "image-id": lambda row: (row.id,),
        "name": lambda row: (row.name,),
        "description": lambda row: (row.description,),
        "architecture": lambda _: ("x86_64",),
        "image-type": lambda _: ("machine",),
        "is-public": lambda _: ("true",),
        "owner-alias": lambda _: ("amazon",),
        "owner-id": lambda _: (OWNER_ID,),
        "root-device-name": lambda row: (row.root_device_name,),
        "root-device-type": lambda _: ("ebs",),
        "block-device-mapping.volume-type": lambda _: ("gp2",),
        "state": lambda _: ("available",),
        "virtualization-type": lambda _: ("hvm",),
        "hypervisor": lambda _: ("xen",),
        "ena-support": lambda _: ("true",),
    },
    tags_of=lambda _: {},
)


@serves(
    "ImageIds",
    "Owners",
    "Filters",
    "NextToken",
    "MaxResults",
    "ExecutableUsers",
    "IncludeDeprecated",
    "IncludeDisabled",
)
async def describe_images(context: ApiContext, call: Call) -> Mapping[str, Any]:
    owners = call.parameters.get("Owners")
    users = call.parameters.get("ExecutableUsers")
    is_visible = (not owners or any(owner in _OWNERS for owner in owners)) and (not users or "all" in users)
    rows = images(context.settings.region) if is_visible else ()
    page = described(IMAGE, rows, call.parameters, call.parameters.get("ImageIds"))
    # The order of the catalogue: the image that most stacks use comes first.
    ordered = [row for row in rows if row in page.rows]
    return answer("Images", page, _view) | {"Images": [_view(row) for row in ordered]}


def _view(row: Image) -> dict[str, Any]:
    return {
        "ImageId": row.id,
        "ImageLocation": f"amazon/{row.name}",
        "Name": row.name,
        "Description": row.description,
        "CreationDate": row.created_at,
        "Architecture": "x86_64",
        "ImageType": "machine",
        "ImageOwnerAlias": "amazon",
        "OwnerId": OWNER_ID,
        "Public": True,
        "State": "available",
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "EnaSupport": True,
        "SriovNetSupport": "simple",
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "RootDeviceName": row.root_device_name,
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": [
            {
                "DeviceName": row.root_device_name,
                "Ebs": {
                    "DeleteOnTermination": True,
                    "Encrypted": False,
                    "SnapshotId": f"snap-{row.id.removeprefix('ami-')}",
                    "VolumeSize": _SNAPSHOT_GIB,
                    "VolumeType": "gp2",
                },
            }
        ],
        "ProductCodes": [],
        "Tags": [],
    }
