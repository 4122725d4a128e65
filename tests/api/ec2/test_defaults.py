"""The default VPC."""

from __future__ import annotations

import asyncio
from typing import Any

from tidegate.control.api import ec2
from tidegate.testing.api import Api


def test_there_is_one_default_vpc_with_a_subnet_in_every_zone(client: Any) -> None:
    (vpc,) = client.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]
    zones = {zone["ZoneName"] for zone in client.describe_availability_zones()["AvailabilityZones"]}
    found = client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    assert {subnet["AvailabilityZone"] for subnet in found} == zones
    assert len(found) == len(zones)
    assert all(subnet["DefaultForAz"] and subnet["MapPublicIpOnLaunch"] for subnet in found)


def test_the_default_vpc_has_a_way_to_the_internet(client: Any) -> None:
    (vpc,) = client.describe_vpcs()["Vpcs"]
    (gateway,) = client.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
    )["InternetGateways"]
    (table,) = client.describe_route_tables()["RouteTables"]
    assert {"0.0.0.0/0": gateway["InternetGatewayId"], "172.31.0.0/16": "local"} == {
        route["DestinationCidrBlock"]: route["GatewayId"] for route in table["Routes"]
    }


def test_another_start_adds_no_second_default_vpc(api: Api, client: Any) -> None:
    revision = api.context.store.snapshot.revision
    asyncio.run(ec2.ensure_defaults(api.context))
    assert api.context.store.snapshot.revision == revision
    assert len(client.describe_vpcs()["Vpcs"]) == 1


def test_a_default_vpc_that_exists_cannot_be_made_again(client: Any, refused: Any) -> None:
    with refused("DefaultVpcAlreadyExists"):
        client.create_default_vpc()
