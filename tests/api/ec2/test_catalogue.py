"""Regions, zones, images and instance types: what there is to choose from."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.domain.ec2.zones import zones


def test_zones_are_described_with_their_ids(client: Any) -> None:
    found = client.describe_availability_zones(Filters=[{"Name": "state", "Values": ["available"]}])
    first = found["AvailabilityZones"][0]
    assert (first["ZoneName"], first["ZoneId"], first["RegionName"]) == (
        "us-east-1a",
        "use1-az1",
        "us-east-1",
    )
    assert first["OptInStatus"] == "opt-in-not-required"


@pytest.mark.parametrize(
    ("region", "first_id"),
    [
        ("eu-west-1", "euw1-az1"),
        ("ap-southeast-2", "apse2-az1"),
        ("us-gov-west-1", "usgw1-az1"),
        ("ca-central-1", "cac1-az1"),
    ],
)
def test_zone_ids_shorten_the_region_as_aws_does(region: str, first_id: str) -> None:
    assert zones(region)[0].id == first_id


def test_amazon_owns_the_ecs_optimised_images(client: Any, image: str) -> None:
    (found,) = client.describe_images(ImageIds=[image])["Images"]
    assert found["Name"].startswith("amzn2-ami-ecs-hvm-")
    assert found["State"] == "available"
    named = [{"Name": "name", "Values": ["al2023-ami-ecs-hvm-*"]}]
    assert len(client.describe_images(Owners=["amazon"], Filters=named)["Images"]) == 1
    assert client.describe_images(Owners=["self"])["Images"] == []


def test_instance_types_say_what_a_virtual_instance_has(client: Any, refused: Any) -> None:
    (found,) = client.describe_instance_types(InstanceTypes=["t2.micro"])["InstanceTypes"]
    assert found["VCpuInfo"]["DefaultVCpus"] == 1
    assert found["MemoryInfo"]["SizeInMiB"] == 1024
    assert found["BurstablePerformanceSupported"] is True
    with refused("InvalidInstanceType"):
        client.describe_instance_types(InstanceTypes=["t9.huge"])


def test_offerings_are_listed_by_zone(client: Any) -> None:
    answer = client.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t2.micro"]}]
    )
    assert {one["Location"] for one in answer["InstanceTypeOfferings"]} >= {"us-east-1a", "us-east-1b"}


def test_account_attributes_name_the_default_vpc(client: Any) -> None:
    default = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    (found,) = client.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert found["AttributeValues"] == [{"AttributeValue": default}]
