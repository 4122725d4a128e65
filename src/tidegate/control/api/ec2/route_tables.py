"""Route tables, their routes and their associations with subnets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import has_dependencies, invalid, missing
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves, tags_for
from tidegate.control.api.ec2.views import route_table_view
from tidegate.control.api.ec2.vpcs import parse_range
from tidegate.control.store import Transaction
from tidegate.control.store.tables import INTERNET_GATEWAYS, ROUTE_TABLES
from tidegate.domain.ec2 import Route, RouteTable
from tidegate.wire import Call, Fault

_ASSOCIATED = {"State": "associated"}


def _destinations(row: RouteTable) -> Iterator[str]:
    return (route.destination_cidr_block for route in row.routes)


ROUTE_TABLE = Noun[RouteTable](
    kind="route-table",
    id_of=lambda row: row.id,
    filters={
        "route-table-id": lambda row: (row.id,),
        "vpc-id": lambda row: (row.vpc_id,),
        "association.main": lambda row: boolean_values(row.is_main),
        "association.route-table-association-id": lambda row: row.associations.keys(),
        "association.route-table-id": lambda row: (row.id,) if row.associations else (),
        "association.subnet-id": lambda row: (subnet for subnet in row.associations.values() if subnet),
        "route.destination-cidr-block": _destinations,
        "route.gateway-id": lambda row: ("local", *(route.gateway_id for route in row.routes)),
        "route.state": lambda _: ("active",),
    },
    tags_of=lambda row: row.tags,
)


@serves("VpcId", "TagSpecifications", "ClientToken")
async def create_route_table(context: ApiContext, call: Call) -> Mapping[str, Any]:
    token = call.parameters.get("ClientToken")
    tags = tags_for(call.parameters, "route-table")

    def create(tx: Transaction) -> RouteTable:
        vpc = finding.vpc(tx.state, call.parameters["VpcId"])
        for known in tx.by(ROUTE_TABLES, "vpc", vpc.id):
            if token and known.client_token == token:
                return known
        table_id = f"rtb-{context.ids.hex(17)}"
        row = RouteTable(id=table_id, vpc_id=vpc.id, client_token=token, tags=tags)
        tx.put(ROUTE_TABLES, row)
        return row

    row = await context.store.transact(create)
    vpc = finding.vpc(context.store.snapshot, row.vpc_id)
    return {"RouteTable": route_table_view(context, vpc, row), "ClientToken": token}


@serves("Filters", "RouteTableIds", "NextToken", "MaxResults")
async def describe_route_tables(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    page = described(
        ROUTE_TABLE, state.all(ROUTE_TABLES), call.parameters, call.parameters.get("RouteTableIds")
    )
    return answer(
        "RouteTables", page, lambda row: route_table_view(context, finding.vpc(state, row.vpc_id), row)
    )


@serves("RouteTableId", "DestinationCidrBlock", "GatewayId")
async def create_route(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def create(tx: Transaction) -> None:
        row, route = _asked_route(tx, call.parameters)
        if route.destination_cidr_block in _destinations(row):
            text = f"The route identified by {route.destination_cidr_block} already exists."
            raise Fault("RouteAlreadyExists", text)
        tx.put(ROUTE_TABLES, replace(row, routes=(*row.routes, route)))

    await context.store.transact(create)
    return {"Return": True}


@serves("RouteTableId", "DestinationCidrBlock", "GatewayId")
async def replace_route(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> None:
        row, route = _asked_route(tx, call.parameters)
        _check_route(row, route.destination_cidr_block)
        routes = tuple(
            route if known.destination_cidr_block == route.destination_cidr_block else known
            for known in row.routes
        )
        tx.put(ROUTE_TABLES, replace(row, routes=routes))

    await context.store.transact(change)
    return {}


@serves("RouteTableId", "DestinationCidrBlock")
async def delete_route(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.route_table(tx.state, call.parameters["RouteTableId"])
        destination = _destination(call.parameters)
        if destination == finding.vpc(tx.state, row.vpc_id).cidr_block:
            raise invalid(f"cannot remove local route {destination} in route table {row.id}")
        _check_route(row, destination)
        left = tuple(known for known in row.routes if known.destination_cidr_block != destination)
        tx.put(ROUTE_TABLES, replace(row, routes=left))

    await context.store.transact(delete)
    return {}


def _asked_route(tx: Transaction, parameters: Mapping[str, Any]) -> tuple[RouteTable, Route]:
    row = finding.route_table(tx.state, parameters["RouteTableId"])
    gateway_id = parameters.get("GatewayId")
    if not gateway_id:
        raise Fault(
            "MissingParameter", "The request must contain exactly one of gatewayId, natGatewayId, ..."
        )
    gateway = tx.get(INTERNET_GATEWAYS, gateway_id)
    if gateway is None:
        raise missing("gateway", gateway_id)
    if gateway.vpc_id != row.vpc_id:
        text = f"route table {row.id} and network gateway {gateway.id} belong to different networks"
        raise invalid(text)
    return row, Route(destination_cidr_block=_destination(parameters), gateway_id=gateway.id)


def _destination(parameters: Mapping[str, Any]) -> str:
    if not parameters.get("DestinationCidrBlock"):
        raise Fault("MissingParameter", "The request must contain the parameter destinationCidrBlock")
    return str(parse_range(parameters["DestinationCidrBlock"]))


def _check_route(row: RouteTable, destination: str) -> None:
    if destination not in _destinations(row):
        text = f"no route with destination-cidr-block {destination} in route table {row.id}"
        raise Fault("InvalidRoute.NotFound", text)


@serves("RouteTableId", "SubnetId")
async def associate_route_table(context: ApiContext, call: Call) -> Mapping[str, Any]:
    association_id = f"rtbassoc-{context.ids.hex(17)}"

    def associate(tx: Transaction) -> str:
        row = finding.route_table(tx.state, call.parameters["RouteTableId"])
        subnet_id = call.parameters.get("SubnetId")
        if not subnet_id:
            raise Fault("MissingParameter", "The request must contain the parameter subnetId")
        subnet = finding.subnet(tx.state, subnet_id)
        if subnet.vpc_id != row.vpc_id:
            text = f"Route table {row.id} and subnet {subnet.id} belong to different networks"
            raise invalid(text)
        for table in tx.by(ROUTE_TABLES, "vpc", row.vpc_id):
            known = next((one for one, found in table.associations.items() if found == subnet.id), None)
            if known is not None and table.id == row.id:
                return known
            if known is not None:
                text = f"the specified association for route table {row.id} conflicts with an existing"
                raise Fault("Resource.AlreadyAssociated", f"{text} association")
        tx.put(ROUTE_TABLES, _with_association(row, association_id, subnet.id))
        return association_id

    found = await context.store.transact(associate)
    return {"AssociationId": found, "AssociationState": _ASSOCIATED}


@serves("AssociationId")
async def disassociate_route_table(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def disassociate(tx: Transaction) -> None:
        row, subnet_id = finding.association(tx.state, call.parameters["AssociationId"])
        if not subnet_id:
            text = f"cannot disassociate the main route table association {call.parameters['AssociationId']}"
            raise invalid(text)
        tx.put(ROUTE_TABLES, _without_association(row, call.parameters["AssociationId"]))

    await context.store.transact(disassociate)
    return {}


@serves("AssociationId", "RouteTableId")
async def replace_route_table_association(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Also the way to give a VPC another main route table."""
    new_id = f"rtbassoc-{context.ids.hex(17)}"

    def change(tx: Transaction) -> None:
        old_id = call.parameters["AssociationId"]
        before, subnet_id = finding.association(tx.state, old_id)
        after = finding.route_table(tx.state, call.parameters["RouteTableId"])
        if before.vpc_id != after.vpc_id:
            raise invalid(f"Route table {after.id} and association {old_id} belong to different networks")
        is_main = not subnet_id
        before = _without_association(before, old_id)
        tx.put(ROUTE_TABLES, replace(before, is_main=before.is_main and not is_main))
        after = finding.route_table(tx.state, after.id)
        after = _with_association(after, new_id, subnet_id)
        tx.put(ROUTE_TABLES, replace(after, is_main=after.is_main or is_main))

    await context.store.transact(change)
    return {"NewAssociationId": new_id, "AssociationState": _ASSOCIATED}


@serves("RouteTableId")
async def delete_route_table(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.route_table(tx.state, call.parameters["RouteTableId"])
        if row.associations:
            raise has_dependencies("route-table", row.id)
        tx.delete(ROUTE_TABLES, row.id)

    await context.store.transact(delete)
    return {}


def _with_association(row: RouteTable, association_id: str, subnet_id: str) -> RouteTable:
    return replace(row, associations={**row.associations, association_id: subnet_id})


def _without_association(row: RouteTable, association_id: str) -> RouteTable:
    left = {one: subnet for one, subnet in row.associations.items() if one != association_id}
    return replace(row, associations=left)
