"""Route tables, routes and associations."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def gateway(client: Any, vpc: str) -> str:
    gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return str(gateway)


@pytest.fixture
def table(client: Any, vpc: str) -> str:
    return str(client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])


def _described(client: Any, table: str) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return found


def test_a_route_stands_beside_the_local_one(client: Any, table: str, gateway: str) -> None:
    client.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    routes = _described(client, table)["Routes"]
    assert [(r["DestinationCidrBlock"], r["GatewayId"], r["Origin"], r["State"]) for r in routes] == [
        ("10.0.0.0/16", "local", "CreateRouteTable", "active"),
        ("0.0.0.0/0", gateway, "CreateRoute", "active"),
    ]


def test_a_destination_has_one_route(client: Any, refused: Any, table: str, gateway: str) -> None:
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    client.create_route(**route, GatewayId=gateway)
    with refused("RouteAlreadyExists"):
        client.create_route(**route, GatewayId=gateway)
    client.delete_route(**route)
    with refused("InvalidRoute.NotFound"):
        client.delete_route(**route)


def test_a_gateway_of_another_network_is_refused(client: Any, refused: Any, table: str) -> None:
    stranger = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    with refused("InvalidParameterValue"):
        client.create_route(**route, GatewayId=stranger)
    with refused("InvalidGatewayID.NotFound"):
        client.create_route(**route, GatewayId="igw-00000000000000000")
    with refused("UnsupportedOperation"):
        client.create_route(**route, NatGatewayId="nat-00000000000000000")


def test_a_table_is_created_once_for_a_client_token(client: Any, vpc: str) -> None:
    first = client.create_route_table(VpcId=vpc, ClientToken="one")["RouteTable"]["RouteTableId"]
    again = client.create_route_table(VpcId=vpc, ClientToken="one")["RouteTable"]["RouteTableId"]
    other = client.create_route_table(VpcId=vpc, ClientToken="two")["RouteTable"]["RouteTableId"]
    assert first == again != other


def test_an_association_ties_a_subnet_to_a_table(
    client: Any, refused: Any, vpc: str, table: str, subnet: str
) -> None:
    association = client.associate_route_table(RouteTableId=table, SubnetId=subnet)
    assert association["AssociationState"]["State"] == "associated"
    (found,) = _described(client, table)["Associations"]
    assert (found["RouteTableAssociationId"], found["SubnetId"], found["Main"]) == (
        association["AssociationId"],
        subnet,
        False,
    )
    other = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    with refused("Resource.AlreadyAssociated"):
        client.associate_route_table(RouteTableId=other, SubnetId=subnet)
    with refused("DependencyViolation"):
        client.delete_route_table(RouteTableId=table)
    client.disassociate_route_table(AssociationId=association["AssociationId"])
    client.delete_route_table(RouteTableId=table)


def test_another_table_can_become_the_main_one(client: Any, refused: Any, vpc: str, table: str) -> None:
    main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    (before,) = client.describe_route_tables(Filters=main)["RouteTables"]
    association = before["Associations"][0]["RouteTableAssociationId"]
    with refused("InvalidParameterValue"):
        client.disassociate_route_table(AssociationId=association)
    client.replace_route_table_association(AssociationId=association, RouteTableId=table)
    (after,) = client.describe_route_tables(Filters=main)["RouteTables"]
    assert after["RouteTableId"] == table
    client.delete_route_table(RouteTableId=before["RouteTableId"])
