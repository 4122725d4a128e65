"""Forms: what real clients send beside the plain case."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.wire.forms import form_parser, form_tree
from tidegate.wire.models import model_for
from tidegate.wire.scalars import UnparsableError


def read(service: str, operation: str, body: str) -> dict[str, Any]:
    shape = model_for(service, operation).input_shape(operation)
    return form_parser(shape, is_ec2=service == "ec2")(form_tree(body.encode()))


def test_an_empty_string_for_an_optional_scalar_means_that_it_was_not_set() -> None:
    assert read("elbv2", "CreateTargetGroup", "Name=web&ProtocolVersion=&Port=&HealthCheckEnabled=") == {
        "Name": "web"
    }


def test_an_empty_string_for_a_required_member_is_kept_for_the_constraints_to_judge() -> None:
    assert read("elbv2", "CreateTargetGroup", "Name=") == {"Name": ""}


def test_an_empty_tag_value_is_a_value() -> None:
    body = "ResourceArns.member.1=a&Tags.member.1.Key=k&Tags.member.1.Value="
    assert read("elbv2", "AddTags", body)["Tags"] == [{"Key": "k", "Value": ""}]


def test_an_empty_list_is_a_name_with_nothing() -> None:
    assert read("elbv2", "DescribeTags", "ResourceArns=") == {"ResourceArns": []}
    assert read("elbv2", "DescribeTags", "ResourceArns.member=") == {"ResourceArns": []}


def test_a_text_without_a_number_is_a_list_of_one() -> None:
    assert read("elbv2", "DescribeTags", "ResourceArns=a") == {"ResourceArns": ["a"]}


def test_list_members_come_in_the_order_of_their_numbers_not_of_their_text() -> None:
    body = "&".join(f"Subnets.member.{n}=subnet-{n}" for n in (10, 2, 1, 9, 11))
    subnets = read("elbv2", "SetSubnets", body)["Subnets"]
    assert subnets == ["subnet-1", "subnet-2", "subnet-9", "subnet-10", "subnet-11"]


def test_text_where_a_list_of_structures_belongs_names_no_structure() -> None:
    assert read("elbv2", "CreateTargetGroup", "Name=x&Tags=y") == {"Name": "x", "Tags": []}


def test_ec2_lists_have_no_member_step_and_their_own_names() -> None:
    body = "Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&VpcId.1=vpc-1"
    assert read("ec2", "DescribeVpcs", body) == {
        "Filters": [{"Name": "vpc-id", "Values": ["a", "b"]}],
        "VpcIds": ["vpc-1"],
    }


def test_unknown_members_are_dropped() -> None:
    assert read("elbv2", "DescribeTags", "Newer.member.1.Thing=x&ResourceArns.member.1=a") == {
        "ResourceArns": ["a"]
    }


def test_booleans_are_read_in_any_case() -> None:
    assert read("elbv2", "CreateTargetGroup", "HealthCheckEnabled=TRUE") == {"HealthCheckEnabled": True}


@pytest.mark.parametrize(
    "body", ["Port=abc", "Port=99999999999999", "Port=1.5", "HealthCheckEnabled=yes", "Port=" + "9" * 5000]
)
def test_a_value_of_the_wrong_type_is_unparsable(body: str) -> None:
    with pytest.raises(UnparsableError):
        read("elbv2", "CreateTargetGroup", body)


@pytest.mark.parametrize(
    "body",
    [
        "Subnets.member.x=a",
        "Subnets.member.²=a",
        "Subnets.member." + "9" * 5000 + "=a",
        "Subnets.member.1.2.3=a",
        "Subnets.member.1=a&Subnets.member.1.Deep=b",
        "Subnets=a&Subnets.member.1=b",
        "." * 5000 + "=x",
        "Subnets." + "member." * 5000 + "1=x",
        "=",
        "&&&",
        "Subnets",
    ],
)
def test_a_form_that_makes_no_sense_breaks_nothing(body: str) -> None:
    read("elbv2", "SetSubnets", body)


@pytest.mark.parametrize("body", ["Tags=x", "Tags=x&Tags=y"])
def test_a_list_of_structures_written_as_text_has_none(body: str) -> None:
    assert read("elbv2", "CreateTargetGroup", body) == {"Tags": []}


@pytest.mark.parametrize("body", [b"Name=\xff", b"Name=%ff", b"a&" * 10_001])
def test_a_form_that_is_not_text_or_too_long_is_unparsable(body: bytes) -> None:
    with pytest.raises(UnparsableError):
        form_tree(body)
