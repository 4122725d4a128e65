"""Filters, as every Describe operation has them."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.api.ec2.filters import matching
from tidegate.wire import Fault

ROWS = ({"name": "web-1", "zone": "a"}, {"name": "web-2", "zone": "b"}, {"name": "w*b", "zone": "b"})
KNOWN: dict[str, Any] = {"name": lambda row: (row["name"],), "zone": lambda row: (row["zone"],)}


def _found(**filters: list[str]) -> list[str]:
    asked = [{"Name": name, "Values": values} for name, values in filters.items()]
    return [row["name"] for row in matching(ROWS, asked, KNOWN)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["web-1", "web-2", "w*b"]),
        ({"name": ["web-1", "web-2"]}, ["web-1", "web-2"]),
        ({"name": ["web-*"]}, ["web-1", "web-2"]),
        ({"name": ["web-?"], "zone": ["b"]}, ["web-2"]),
        ({"name": ["w\\*b"]}, ["w*b"]),
        ({"name": ["WEB-1"]}, []),
        ({"name": ["web"]}, []),
        ({"name": ["*-*2"]}, ["web-2"]),
        ({"name": ["**w**-**"]}, ["web-1", "web-2"]),
        ({"name": ["*b*b"]}, []),
        ({"name": ["*"]}, ["web-1", "web-2", "w*b"]),
    ],
)
def test_values_are_alternatives_and_filters_add_up(
    filters: dict[str, list[str]], expected: list[str]
) -> None:
    assert _found(**filters) == expected


@pytest.mark.timeout(10)
def test_a_value_full_of_stars_is_no_more_work_than_another() -> None:
    rows = [{"name": "a" * 255}]
    assert matching(rows, [{"Name": "name", "Values": ["*a" * 100 + "b"]}], KNOWN) == []


def test_an_unknown_filter_is_refused() -> None:
    with pytest.raises(Fault, match="The filter 'colour' is invalid"):
        _found(colour=["red"])


def test_tags_are_filtered_by_key_by_value_and_by_both(client: Any) -> None:
    tags = [{"Key": "Name", "Value": "shop"}]
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    made = client.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]
    for name, values in (("tag:Name", ["sh*"]), ("tag-key", ["Name"]), ("tag-value", ["shop"])):
        found = client.describe_vpcs(Filters=[{"Name": name, "Values": values}])["Vpcs"]
        assert [vpc["VpcId"] for vpc in found] == [made]
    assert client.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["other"]}])["Vpcs"] == []
