"""Rows of the EC2 slice by their identifiers, or the fault that says which one is missing."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.api.ec2.faults import missing
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import (
    INSTANCES,
    INTERNET_GATEWAYS,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from tidegate.domain.ec2 import Instance, InternetGateway, RouteTable, SecurityGroup, Subnet, Vpc
from tidegate.wire import Fault

DEFAULT_GROUP = "default"


def vpc(state: Snapshot, vpc_id: str) -> Vpc:
    row = state.get(VPCS, vpc_id)
    if row is None:
        raise missing("vpc", vpc_id)
    return row


def default_vpc(state: Snapshot) -> Vpc | None:
    return next((row for row in state.all(VPCS) if row.is_default), None)


def subnet(state: Snapshot, subnet_id: str) -> Subnet:
    row = state.get(SUBNETS, subnet_id)
    if row is None:
        raise missing("subnet", subnet_id)
    return row


def internet_gateway(state: Snapshot, gateway_id: str) -> InternetGateway:
    row = state.get(INTERNET_GATEWAYS, gateway_id)
    if row is None:
        raise missing("internet-gateway", gateway_id)
    return row


def route_table(state: Snapshot, table_id: str) -> RouteTable:
    row = state.get(ROUTE_TABLES, table_id)
    if row is None:
        raise missing("route-table", table_id)
    return row


def main_route_table(state: Snapshot, vpc_id: str) -> RouteTable:
    """Every VPC has one from its creation to its deletion."""
    return next(row for row in state.by(ROUTE_TABLES, "vpc", vpc_id) if row.is_main)


def association(state: Snapshot, association_id: str) -> tuple[RouteTable, str]:
    """The route table of an association, and its subnet ("" for the main one)."""
    for row in state.all(ROUTE_TABLES):
        if association_id in row.associations:
            return row, row.associations[association_id]
    raise missing("association", association_id)


def security_group(state: Snapshot, group_id: str) -> SecurityGroup:
    row = state.get(SECURITY_GROUPS, group_id)
    if row is None:
        raise missing("security-group", group_id)
    return row


def security_group_named(state: Snapshot, vpc_id: str, name: str) -> SecurityGroup | None:
    return next((row for row in state.by(SECURITY_GROUPS, "vpc", vpc_id) if row.name == name), None)


def security_group_by(state: Snapshot, group_id: str | None, name: str | None) -> SecurityGroup:
    """By id, or by name in the default VPC."""
    if group_id:
        return security_group(state, group_id)
    if not name:
        text = "The request must contain the parameter groupName or groupId"
        raise Fault("MissingParameter", text)
    home = default_vpc(state)
    row = security_group_named(state, home.id, name) if home else None
    if row is None:
        where = f" in default VPC '{home.id}'" if home else ""
        raise Fault("InvalidGroup.NotFound", f"The security group '{name}' does not exist{where}")
    return row


def groups_of_vpc(state: Snapshot, vpc_id: str, group_ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of security groups of one VPC, its default group when none is asked for."""
    wanted = tuple(dict.fromkeys(group_ids))
    for group_id in wanted:
        if security_group(state, group_id).vpc_id != vpc_id:
            text = f"Security group {group_id} and subnet belong to different networks."
            raise Fault("InvalidParameter", text)
    if wanted:
        return wanted
    default = security_group_named(state, vpc_id, DEFAULT_GROUP)
    return (default.id,) if default else ()


def instance(state: Snapshot, instance_id: str) -> Instance:
    row = state.get(INSTANCES, instance_id)
    if row is None:
        raise missing("instance", instance_id)
    return row
