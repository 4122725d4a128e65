"""EC2's errors, each with its code and text as AWS gives them."""

from __future__ import annotations

from tidegate.wire import Fault

# kind -> (code before .NotFound, how the text names it)
_KINDS = {
    "vpc": ("InvalidVpcID", "vpc ID"),
    "subnet": ("InvalidSubnetID", "subnet ID"),
    "internet-gateway": ("InvalidInternetGatewayID", "internetGateway ID"),
    "gateway": ("InvalidGatewayID", "gateway ID"),
    "route-table": ("InvalidRouteTableID", "routeTable ID"),
    "association": ("InvalidAssociationID", "association ID"),
    "network-acl": ("InvalidNetworkAclID", "networkAcl ID"),
    "security-group": ("InvalidGroup", "security group"),
    "security-group-rule": ("InvalidSecurityGroupRuleId", "security group rule ID"),
    "network-interface": ("InvalidNetworkInterfaceID", "networkInterface ID"),
    "key-pair": ("InvalidKeyPair", "key pair"),
    "instance": ("InvalidInstanceID", "instance ID"),
    "image": ("InvalidAMIID", "image id"),
    "volume": ("InvalidVolume", "volume"),
    "resource": ("InvalidID", "ID"),
}


def missing(kind: str, identifier: str) -> Fault:
    """The fault for a resource that does not exist."""
    code, name = _KINDS[kind]
    shown = f"[{identifier}]" if kind == "image" else identifier
    return Fault(f"{code}.NotFound", f"The {name} '{shown}' does not exist")


def has_dependencies(kind: str, identifier: str) -> Fault:
    """The fault for a deletion that something else stands in the way of."""
    name = _KINDS[kind][1].removesuffix(" ID")
    if kind == "security-group":
        return Fault("DependencyViolation", f"resource {identifier} has a dependent object")
    return Fault("DependencyViolation", f"The {name} '{identifier}' has dependencies and cannot be deleted.")


def invalid(message: str) -> Fault:
    """The fault for a value that no operation would take."""
    return Fault("InvalidParameterValue", message)


def invalid_for(name: str, value: object, why: str) -> Fault:
    """The same in the form that names the parameter."""
    return invalid(f"Value ({value}) for parameter {name} is invalid. {why}")
