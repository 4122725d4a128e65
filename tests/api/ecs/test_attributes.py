"""Custom attributes of container instances: put, listed, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.domain.ecs import Attribute
from tidegate.testing.builders import ARNS, CLUSTER, a_cluster, a_container_instance
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"
ONE = ARNS.container_instance(CLUSTER, f"{1:032x}")
RACK = {"name": "rack", "value": "r1", "targetId": ONE}


@pytest.fixture
def region(empty_region: EcsRegion) -> EcsRegion:
    own = Attribute(name="ecs.os-type", value="linux")
    empty_region.put(a_cluster(), a_container_instance(1, attributes=(own,)), a_container_instance(2))
    return empty_region


def put(region: EcsRegion, *attributes: dict[str, str]) -> dict[str, Any]:
    return region.call("put_attributes", cluster=CLUSTER, attributes=list(attributes))


def listed(region: EcsRegion, **filters: str) -> list[tuple[str, str | None]]:
    answer = region.call("list_attributes", cluster=CLUSTER, targetType="container-instance", **filters)
    return [(one["name"], one.get("value")) for one in answer["attributes"]]


def test_an_attribute_is_put_replaced_and_deleted(region: EcsRegion) -> None:
    assert put(region, RACK)["attributes"] == [RACK]
    put(region, {**RACK, "value": "r2"})
    assert listed(region) == [("ecs.os-type", "linux"), ("rack", "r2")]
    region.call("delete_attributes", cluster=CLUSTER, attributes=[{"name": "rack", "targetId": ONE}])
    assert listed(region) == [("ecs.os-type", "linux")]
    region.call("delete_attributes", cluster=CLUSTER, attributes=[{"name": "rack", "targetId": ONE}])


def test_an_attribute_may_have_no_value_and_its_target_a_type(region: EcsRegion) -> None:
    put(region, {"name": "ssd", "targetType": "container-instance", "targetId": f"{2:032x}"})
    assert listed(region, attributeName="ssd") == [("ssd", None)]


def test_attributes_are_listed_by_name_and_value(region: EcsRegion) -> None:
    put(region, RACK, {**RACK, "targetId": ARNS.container_instance(CLUSTER, f"{2:032x}"), "value": "r2"})
    assert listed(region, attributeName="rack", attributeValue="r2") == [("rack", "r2")]
    assert listed(region, attributeName="rack") == [("rack", "r1"), ("rack", "r2")]


def test_a_target_must_exist(region: EcsRegion) -> None:
    nowhere = ARNS.container_instance(CLUSTER, "f" * 32)
    refused = region.refusal("put_attributes", cluster=CLUSTER, attributes=[{**RACK, "targetId": nowhere}])
    assert refused == ("TargetNotFoundException", f"Could not find {nowhere}")


def test_an_instance_has_at_most_ten_custom_attributes(region: EcsRegion) -> None:
    put(region, *({**RACK, "name": f"a{number}"} for number in range(10)))
    refused = region.refusal("put_attributes", cluster=CLUSTER, attributes=[RACK])
    message = "A container instance can have at most 10 custom attributes."
    assert refused == ("AttributeLimitExceededException", message)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ([], "attributes can not be empty"),
        ([RACK] * 11, "attributes can have at most 10 items."),
        ([{**RACK, "name": "a b"}], "Invalid attribute name 'a b': 1 to 128 letters, digits or - _ . / \\."),
        (
            [{**RACK, "name": "ecs.zone"}],
            "Invalid attribute name 'ecs.zone': the prefixes ecs. and com.amazonaws.ecs. are reserved.",
        ),
        (
            [{**RACK, "value": "x" * 129}],
            "The value of attribute 'rack' can have at most 128 characters.",
        ),
        ([{**RACK, "targetType": "task"}], "targetType should be one of [container-instance]"),
        ([{"name": "rack"}], "targetId can not be empty"),
        (
            [{"name": "rack", "targetId": "1"}],
            "targetId must be a full ARN when targetType is not given.",
        ),
    ],
)
def test_wrong_attributes_are_refused(
    region: EcsRegion, attributes: list[dict[str, str]], message: str
) -> None:
    assert region.refusal("put_attributes", cluster=CLUSTER, attributes=attributes) == (INVALID, message)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"targetType": "task"}, "targetType should be one of [container-instance]"),
        (
            {"targetType": "container-instance", "attributeValue": "r1"},
            "attributeValue needs attributeName.",
        ),
    ],
)
def test_wrong_filters_are_refused(region: EcsRegion, filters: dict[str, str], message: str) -> None:
    assert region.refusal("list_attributes", cluster=CLUSTER, **filters) == (INVALID, message)
