"""Security groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import has_dependencies, invalid
from tidegate.control.api.ec2.interfaces import interfaces
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves, tags_for
from tidegate.control.api.ec2.rules import default_egress, permissions_view
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import SECURITY_GROUPS
from tidegate.domain.ec2 import SecurityGroup, SecurityGroupRule
from tidegate.wire import Call, Fault

_NAME_MAX = 255


def _of_rules(*, is_egress: bool) -> dict[str, Callable[[SecurityGroup], Iterator[str | None]]]:
    prefix = "egress.ip-permission." if is_egress else "ip-permission."

    def values(
        pick: Callable[[SecurityGroupRule], object],
    ) -> Callable[[SecurityGroup], Iterator[str | None]]:
        def offer(group: SecurityGroup) -> Iterator[str | None]:
            for rule in group.rules:
                if rule.is_egress == is_egress and (value := pick(rule)) is not None:
                    yield str(value)

        return offer

    return {
        f"{prefix}cidr": values(lambda rule: rule.peer.cidr),
        f"{prefix}group-id": values(lambda rule: rule.peer.group_id),
        f"{prefix}protocol": values(lambda rule: rule.protocol),
        f"{prefix}from-port": values(lambda rule: rule.from_port),
        f"{prefix}to-port": values(lambda rule: rule.to_port),
    }


SECURITY_GROUP = Noun[SecurityGroup](
    kind="security-group",
    id_of=lambda row: row.id,
    filters={
        "group-id": lambda row: (row.id,),
        "group-name": lambda row: (row.name,),
        "description": lambda row: (row.description,),
        "vpc-id": lambda row: (row.vpc_id,),
        **_of_rules(is_egress=False),
        **_of_rules(is_egress=True),
    },
    tags_of=lambda row: row.tags,
)


def security_group_view(context: ApiContext, row: SecurityGroup) -> dict[str, Any]:
    account = context.settings.account
    return {
        "GroupId": row.id,
        "GroupName": row.name,
        "Description": row.description,
        "VpcId": row.vpc_id,
        "OwnerId": account,
        "SecurityGroupArn": context.arns.ec2("security-group", row.id),
        "IpPermissions": permissions_view(account, row.rules, is_egress=False),
        "IpPermissionsEgress": permissions_view(account, row.rules, is_egress=True),
        "Tags": tag_list(row.tags),
    }


@serves("GroupName", "Description", "VpcId", "TagSpecifications")
async def create_security_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    name, description = call.parameters["GroupName"], call.parameters["Description"]
    _check_names(name, description)
    tags = tags_for(call.parameters, "security-group")

    def create(tx: Transaction) -> SecurityGroup:
        vpc_id = call.parameters.get("VpcId")
        vpc = finding.vpc(tx.state, vpc_id) if vpc_id else finding.default_vpc(tx.state)
        if vpc is None:
            raise Fault("VPCIdNotSpecified", "No default VPC for this user")
        if finding.security_group_named(tx.state, vpc.id, name) is not None:
            text = f"The security group '{name}' already exists for VPC '{vpc.id}'"
            raise Fault("InvalidGroup.Duplicate", text)
        row = SecurityGroup(
            id=f"sg-{context.ids.hex(17)}",
            name=name,
            description=description,
            vpc_id=vpc.id,
            rules=(default_egress(context.ids),),
            tags=tags,
        )
        tx.put(SECURITY_GROUPS, row)
        return row

    row = await context.store.transact(create)
    return {
        "GroupId": row.id,
        "SecurityGroupArn": context.arns.ec2("security-group", row.id),
        "Tags": tag_list(row.tags),
    }


def _check_names(name: str, description: str) -> None:
    if name == finding.DEFAULT_GROUP:
        raise Fault("InvalidParameterValue", "Cannot use reserved security group name: default")
    if name.startswith("sg-"):
        text = f"Invalid value '{name}' for groupName. Group names may not be in the format sg-*."
        raise invalid(text)
    for member, value in (("groupName", name), ("groupDescription", description)):
        if len(value) > _NAME_MAX:
            text = f"Value ({value}) for parameter {member} is invalid. Character limit of 255 exceeded."
            raise invalid(text)


@serves("Filters", "GroupIds", "GroupNames", "NextToken", "MaxResults")
async def describe_security_groups(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    ids = list(call.parameters.get("GroupIds") or ())
    # Names without a VPC mean the default one.
    ids += [
        finding.security_group_by(state, None, name).id for name in call.parameters.get("GroupNames") or ()
    ]
    page = described(SECURITY_GROUP, state.all(SECURITY_GROUPS), call.parameters, ids)
    return answer("SecurityGroups", page, lambda row: security_group_view(context, row))


@serves("GroupId", "GroupName")
async def delete_security_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> str:
        row = finding.security_group_by(
            tx.state, call.parameters.get("GroupId"), call.parameters.get("GroupName")
        )
        if row.name == finding.DEFAULT_GROUP:
            text = f'the specified group: "{row.id}" name: "{row.name}" cannot be deleted by a user'
            raise Fault("CannotDelete", text)
        if _is_used(context, tx.state, row):
            raise has_dependencies("security-group", row.id)
        tx.delete(SECURITY_GROUPS, row.id)
        return row.id

    return {"Return": True, "GroupId": await context.store.transact(delete)}


def _is_used(context: ApiContext, state: Snapshot, row: SecurityGroup) -> bool:
    """Whether an interface wears the group, or another group's rule names it."""
    if any(row.id in interface.security_groups for interface in interfaces(context, state)):
        return True
    return any(
        rule.peer.group_id == row.id
        for other in state.by(SECURITY_GROUPS, "vpc", row.vpc_id)
        if other.id != row.id
        for rule in other.rules
    )
