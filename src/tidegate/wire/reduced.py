"""Makes the cut of EC2's model that is kept beside it as `ec2.json` (see `models.py`).

Run by `scripts/ec2-model`; a test compares the file with what the installed botocore gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tidegate.wire.models import read_document

# Whatever an ECS service behind a load balancer needs of EC2: its networks, its key pairs, its
# instances, and what Terraform and the command line ask about them.
EC2_OPERATIONS = (
    "AllocateAddress",
    "AssociateRouteTable",
    "AttachInternetGateway",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateDefaultSubnet",
    "CreateDefaultVpc",
    "CreateInternetGateway",
    "CreateKeyPair",
    "CreateLaunchTemplate",
    "CreateLaunchTemplateVersion",
    "CreateRoute",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateTags",
    "CreateVpc",
    "DeleteInternetGateway",
    "DeleteKeyPair",
    "DeleteLaunchTemplate",
    "DeleteRoute",
    "DeleteRouteTable",
    "DeleteSecurityGroup",
    "DeleteSubnet",
    "DeleteTags",
    "DeleteVpc",
    "DescribeAccountAttributes",
    "DescribeAddresses",
    "DescribeAvailabilityZones",
    "DescribeDhcpOptions",
    "DescribeIamInstanceProfileAssociations",
    "DescribeImages",
    "DescribeInstanceAttribute",
    "DescribeInstanceCreditSpecifications",
    "DescribeInstanceStatus",
    "DescribeInstanceTypeOfferings",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeKeyPairs",
    "DescribeLaunchTemplateVersions",
    "DescribeLaunchTemplates",
    "DescribeManagedPrefixLists",
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInterfaces",
    "DescribePrefixLists",
    "DescribeRegions",
    "DescribeRouteTables",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVolumes",
    "DescribeVpcAttribute",
    "DescribeVpcClassicLink",
    "DescribeVpcClassicLinkDnsSupport",
    "DescribeVpcEndpoints",
    "DescribeVpcPeeringConnections",
    "DescribeVpcs",
    "DetachInternetGateway",
    "DisassociateRouteTable",
    "GetConsoleOutput",
    "ImportKeyPair",
    "ModifyInstanceAttribute",
    "ModifyLaunchTemplate",
    "ModifySecurityGroupRules",
    "ModifySubnetAttribute",
    "ModifyVpcAttribute",
    "MonitorInstances",
    "RebootInstances",
    "ReplaceRoute",
    "ReplaceRouteTableAssociation",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RunInstances",
    "StartInstances",
    "StopInstances",
    "TerminateInstances",
    "UnmonitorInstances",
    "UpdateSecurityGroupRuleDescriptionsEgress",
    "UpdateSecurityGroupRuleDescriptionsIngress",
)
# What a codec reads of an operation; the rest speaks of URLs and endpoints.
_OPERATION_PARTS = ("input", "output")
# EC2 checks these inside its operations, or they concern clients alone.
_UNREAD_TRAITS = {"box", "enum", "idempotencyToken", "max", "pattern", "sensitive"}


def ec2_cut() -> bytes:
    """The file's content: one operation or shape a line, so that a newer model shows as a readable diff."""
    document = reduced(read_document("ec2"), EC2_OPERATIONS)
    sections = (f"{_text(name)}: {{\n{_lines(section)}\n}}" for name, section in document.items())
    return ("{" + ",\n".join(sections) + "}\n").encode()


def reduced(document: Mapping[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """A model with these operations whole, the others by name only, and only the shapes they need."""
    whole = set(operations)
    kept = {
        name: {part: operation[part] for part in _OPERATION_PARTS if part in operation}
        if name in whole
        else {}
        for name, operation in document["operations"].items()
    }
    frontier = [reference["shape"] for operation in kept.values() for reference in operation.values()]
    shapes: dict[str, Any] = {}
    while frontier:
        name = frontier.pop()
        if name not in shapes:
            shapes[name] = _read_traits(document["shapes"][name])
            frontier += _references(shapes[name])
    return {
        "metadata": document["metadata"],
        "operations": dict(sorted(kept.items())),
        "shapes": dict(sorted(shapes.items())),
    }


def _references(definition: Mapping[str, Any]) -> Iterator[str]:
    for part in ("member", "key", "value"):
        if part in definition:
            yield definition[part]["shape"]
    for member in definition.get("members", {}).values():
        yield member["shape"]


def _read_traits(definition: Mapping[str, Any]) -> dict[str, Any]:
    kept = {trait: value for trait, value in definition.items() if trait not in _UNREAD_TRAITS}
    if "members" in kept:
        members = kept["members"].items()
        kept["members"] = {
            name: {trait: value for trait, value in member.items() if trait not in _UNREAD_TRAITS}
            for name, member in members
        }
    return kept


def _lines(section: Mapping[str, Any]) -> str:
    return ",\n".join(f"{_text(name)}: {_text(value)}" for name, value in section.items())


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
