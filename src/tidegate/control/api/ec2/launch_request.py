"""What RunInstances asks for, read and checked before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.control.api.ec2.faults import invalid, invalid_for, missing
from tidegate.control.api.ec2.launching import InvalidUserDataError, cluster_name, decoded_user_data
from tidegate.control.api.ec2.requests import tags_for
from tidegate.control.api.honoured import unserved
from tidegate.control.api.ssm.parameters import public_parameters
from tidegate.domain.ec2.image import images
from tidegate.domain.ec2.instance import INSTANCE_TYPES
from tidegate.domain.tags import Tags
from tidegate.wire import Fault

_SHUTDOWN_BEHAVIORS = ("stop", "terminate")
_DEFAULT_TYPE = "t2.micro"
_PARAMETER_PREFIX = "resolve:ssm:"
# Members of a network interface specification that mean what is done anyway.
_INTERFACE_MEMBERS = (
    "AssociatePublicIpAddress",
    "DeleteOnTermination",
    "Description",
    "DeviceIndex",
    "Groups",
    "SubnetId",
    "NetworkCardIndex",
    "InterfaceType",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRequest:
    """`associate_public_address` None: as the subnet says. `cluster_name` None: the user data names none."""

    image_id: str
    instance_type: str
    count_min: int
    count_max: int
    key_name: str | None
    subnet_id: str | None
    security_group_ids: tuple[str, ...]
    security_group_names: tuple[str, ...]
    availability_zone: str | None
    associate_public_address: bool | None
    user_data: str | None
    cluster_name: str | None
    profile_name: str | None
    profile_arn: str | None
    client_token: str | None
    is_monitored: bool
    is_protected_from_termination: bool
    is_protected_from_stop: bool
    shutdown_behavior: str
    cpu_credits: str
    metadata_options: Mapping[str, str | int]
    tags: Tags


def launch_request(region: str, parameters: Mapping[str, Any]) -> LaunchRequest:
    """The request of a RunInstances call; raises the fault of the first thing that is wrong."""
    count_min, count_max = _counts(parameters)
    interface = _interface(parameters)
    user_data = parameters.get("UserData") or None
    profile = parameters.get("IamInstanceProfile") or {}
    behavior = parameters.get("InstanceInitiatedShutdownBehavior", "stop")
    if behavior not in _SHUTDOWN_BEHAVIORS:
        raise invalid_for("instanceInitiatedShutdownBehavior", behavior, "It must be stop or terminate.")
    return LaunchRequest(
        image_id=_image(region, parameters.get("ImageId")),
        instance_type=_instance_type(parameters.get("InstanceType", _DEFAULT_TYPE)),
        count_min=count_min,
        count_max=count_max,
        key_name=parameters.get("KeyName"),
        subnet_id=interface.get("SubnetId") or parameters.get("SubnetId"),
        security_group_ids=tuple(interface.get("Groups") or parameters.get("SecurityGroupIds") or ()),
        security_group_names=tuple(parameters.get("SecurityGroups") or ()),
        availability_zone=_zone(parameters.get("Placement") or {}),
        associate_public_address=interface.get("AssociatePublicIpAddress"),
        user_data=user_data,
        cluster_name=_cluster(user_data),
        profile_name=profile.get("Name"),
        profile_arn=profile.get("Arn"),
        client_token=parameters.get("ClientToken"),
        is_monitored=bool((parameters.get("Monitoring") or {}).get("Enabled")),
        is_protected_from_termination=bool(parameters.get("DisableApiTermination")),
        is_protected_from_stop=bool(parameters.get("DisableApiStop")),
        shutdown_behavior=behavior,
        cpu_credits=_cpu_credits(parameters),
        metadata_options=dict(parameters.get("MetadataOptions") or {}),
        tags=tags_for(parameters, "instance"),
    )


def _counts(parameters: Mapping[str, Any]) -> tuple[int, int]:
    low, high = parameters["MinCount"], parameters["MaxCount"]
    for name, value in (("minCount", low), ("maxCount", high)):
        if value < 1:
            raise invalid_for(name, value, f"{name[:3].capitalize()} count must be greater than 0.")
    if low > high:
        text = f"Min count ({low}) cannot be greater than max count ({high})."
        raise Fault("InvalidParameterCombination", text)
    return low, high


def _of_parameter(region: str, name: str) -> str:
    """The image that a public parameter names; its value must be an image's id alone."""
    parameter = public_parameters(region).get(name)
    if parameter is None:
        # AWS's code; its words are not known.
        raise invalid_for("imageId", f"{_PARAMETER_PREFIX}{name}", f"Parameter {name} not found.")
    return parameter.value


def _image(region: str, image_id: str | None) -> str:
    if not image_id:
        raise Fault("MissingParameter", "The request must contain the parameter ImageId")
    if image_id.startswith(_PARAMETER_PREFIX):
        image_id = _of_parameter(region, image_id.removeprefix(_PARAMETER_PREFIX))
    if not image_id.startswith("ami-"):
        raise Fault("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    if all(image.id != image_id for image in images(region)):
        raise missing("image", image_id)
    return image_id


def _instance_type(name: str) -> str:
    if name not in INSTANCE_TYPES:
        known = ", ".join(INSTANCE_TYPES)
        raise invalid(f"Invalid value '{name}' for InstanceType. Tidegate has {known}.")
    return name


def _zone(placement: Mapping[str, Any]) -> str | None:
    for name, value in placement.items():
        if name != "AvailabilityZone" and value not in ("", "default"):
            raise unserved("ec2", f"Tidegate does not serve the parameter Placement.{name}.")
    return placement.get("AvailabilityZone")


def _interface(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The primary interface's specification, where the request has one: instead of subnet and groups."""
    listed = parameters.get("NetworkInterfaces") or ()
    if not listed:
        return {}
    if len(listed) > 1:
        raise unserved("ec2", "Tidegate serves one network interface an instance.")
    if parameters.get("SubnetId") or parameters.get("SecurityGroupIds") or parameters.get("SecurityGroups"):
        text = "Network interfaces and an instance-level subnet ID may not be specified on the same request"
        if not parameters.get("SubnetId"):
            text = text.replace("subnet ID", "security groups")
        raise Fault("InvalidParameterCombination", text)
    (interface,) = listed
    for name in interface:
        if name not in _INTERFACE_MEMBERS:
            raise unserved("ec2", f"Tidegate does not serve the parameter NetworkInterfaces.{name}.")
    if interface.get("DeviceIndex", 0) != 0:
        raise invalid("A primary network interface with device index 0 must be specified.")
    result: Mapping[str, Any] = interface
    return result


def _cpu_credits(parameters: Mapping[str, Any]) -> str:
    name = str((parameters.get("CreditSpecification") or {}).get("CpuCredits", "standard"))
    if name not in ("standard", "unlimited"):
        raise invalid_for("cpuCredits", name, "It must be standard or unlimited.")
    return name


def _cluster(user_data: str | None) -> str | None:
    if user_data is None:
        return None
    try:
        return cluster_name(decoded_user_data(user_data))
    except InvalidUserDataError as error:
        raise invalid(str(error.args[0])) from error
