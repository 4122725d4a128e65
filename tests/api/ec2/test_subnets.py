"""Subnets."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_subnet_is_described_as_clients_need_it(client: Any, vpc: str, subnet: str) -> None:
    (found,) = client.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert (found["VpcId"], found["CidrBlock"], found["State"]) == (vpc, "10.0.1.0/24", "available")
    assert (found["AvailabilityZone"], found["AvailabilityZoneId"]) == ("us-east-1b", "use1-az2")
    assert found["AvailableIpAddressCount"] == 251
    assert found["MapPublicIpOnLaunch"] is False
    assert found["SubnetArn"].endswith(f":subnet/{subnet}")


def test_a_subnet_without_a_zone_goes_to_the_first(client: Any, vpc: str) -> None:
    created = client.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]
    assert created["AvailabilityZone"] == "us-east-1a"


@pytest.mark.usefixtures("subnet")
@pytest.mark.parametrize(
    ("cidr_block", "code"),
    [
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.3.0/29", "InvalidSubnet.Range"),
        ("10.0.1.128/25", "InvalidSubnet.Conflict"),
        ("10.0.0.0/16", "InvalidSubnet.Conflict"),
    ],
)
def test_a_range_outside_the_vpc_or_taken_is_refused(
    client: Any, refused: Any, vpc: str, cidr_block: str, code: str
) -> None:
    with refused(code):
        client.create_subnet(VpcId=vpc, CidrBlock=cidr_block)


def test_an_unknown_zone_is_refused_with_the_zones_there_are(client: Any, vpc: str) -> None:
    with pytest.raises(Exception, match="us-east-1a, us-east-1b"):
        client.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone="us-east-1z")


def test_public_addresses_are_switched_on(client: Any, subnet: str) -> None:
    client.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    assert client.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["MapPublicIpOnLaunch"] is True


def test_a_subnet_with_an_instance_cannot_be_deleted(
    client: Any, refused: Any, subnet: str, image: str
) -> None:
    started = client.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)
    with refused("DependencyViolation"):
        client.delete_subnet(SubnetId=subnet)
    client.terminate_instances(InstanceIds=[started["Instances"][0]["InstanceId"]])
    client.delete_subnet(SubnetId=subnet)


def test_a_deleted_subnet_leaves_its_route_table(client: Any, vpc: str, subnet: str) -> None:
    table = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    client.associate_route_table(RouteTableId=table, SubnetId=subnet)
    client.delete_subnet(SubnetId=subnet)
    assert client.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"] == []
