"""Internet gateways."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def gateway(client: Any) -> str:
    return str(client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])


def _attachments(client: Any, gateway: str) -> list[dict[str, str]]:
    found = client.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"]
    return list(found[0]["Attachments"])


def test_a_gateway_is_attached_described_detached_and_deleted(
    client: Any, refused: Any, vpc: str, gateway: str
) -> None:
    assert _attachments(client, gateway) == []
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert _attachments(client, gateway) == [{"State": "available", "VpcId": vpc}]
    with refused("DependencyViolation"):
        client.delete_internet_gateway(InternetGatewayId=gateway)
    client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    client.delete_internet_gateway(InternetGatewayId=gateway)
    with refused("InvalidInternetGatewayID.NotFound"):
        client.describe_internet_gateways(InternetGatewayIds=[gateway])


def test_a_gateway_has_one_vpc_and_a_vpc_one_gateway(
    client: Any, refused: Any, vpc: str, gateway: str
) -> None:
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    other_vpc = client.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with refused("Resource.AlreadyAssociated"):
        client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=other_vpc)
    other = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue"):
        client.attach_internet_gateway(InternetGatewayId=other, VpcId=vpc)


def test_detaching_from_a_vpc_it_is_not_attached_to_is_refused(
    client: Any, refused: Any, vpc: str, gateway: str
) -> None:
    with refused("Gateway.NotAttached"):
        client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def test_a_vpc_with_a_gateway_cannot_be_deleted(client: Any, refused: Any, vpc: str, gateway: str) -> None:
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with refused("DependencyViolation"):
        client.delete_vpc(VpcId=vpc)
