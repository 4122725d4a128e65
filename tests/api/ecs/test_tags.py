"""Tags: on every kind of resource, merged, removed, within AWS's limits."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.testing.builders import (
    ARNS,
    CLUSTER_ARN,
    a_container_instance,
    a_definition,
    a_service,
    a_task,
)
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"


def tag(key: str, value: str = "") -> dict[str, str]:
    return {"key": key, "value": value}


def tags(region: EcsRegion, arn: str = CLUSTER_ARN) -> dict[str, str]:
    found = region.call("list_tags_for_resource", resourceArn=arn)["tags"]
    return {one["key"]: one["value"] for one in found}


@pytest.fixture
def full_region(region: EcsRegion) -> EcsRegion:
    region.put(a_service(), a_task(), a_definition())
    return region


@pytest.mark.parametrize(
    "arn",
    [
        CLUSTER_ARN,
        a_service().arn,
        a_task().arn,
        a_definition().arn,
        a_container_instance().arn,
    ],
)
def test_every_kind_of_resource_is_tagged(full_region: EcsRegion, arn: str) -> None:
    full_region.call("tag_resource", resourceArn=arn, tags=[tag("team", "a"), tag("tier", "1")])
    full_region.call("tag_resource", resourceArn=arn, tags=[tag("team", "b")])
    assert tags(full_region, arn) == {"team": "b", "tier": "1"}
    full_region.call("untag_resource", resourceArn=arn, tagKeys=["team", "unknown"])
    assert tags(full_region, arn) == {"tier": "1"}


@pytest.mark.parametrize(
    ("arn", "refused"),
    [
        ("shop", (INVALID, "The ARN provided is invalid.")),
        ("arn:aws:ec2:us-east-1:000000000000:vpc/vpc-1", (INVALID, "The ARN provided is invalid.")),
        (ARNS.cluster("nope"), ("ClusterNotFoundException", "Cluster not found.")),
        (
            ARNS.service("shop", "nope"),
            ("ResourceNotFoundException", "The specified resource could not be found."),
        ),
    ],
)
def test_what_is_not_there_cannot_be_tagged(region: EcsRegion, arn: str, refused: tuple[str, str]) -> None:
    assert region.refusal("tag_resource", resourceArn=arn, tags=[tag("a")]) == refused
    assert region.refusal("untag_resource", resourceArn=arn, tagKeys=["a"]) == refused
    assert region.refusal("list_tags_for_resource", resourceArn=arn) == refused


RULE = "letters, digits, spaces or _ . : / = + - @."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([tag("a#b")], f"Invalid tag key 'a#b': 1 to 128 {RULE}"),
        ([tag("a", "x" * 257)], f"Invalid value of tag 'a': up to 256 {RULE}"),
        ([tag("AWS:x")], "Invalid tag key 'AWS:x': the prefix aws: is reserved."),
        ([tag("a"), tag("a")], "Duplicate tag key 'a'."),
        ([tag(f"k{number}") for number in range(51)], "A resource can have at most 50 tags."),
    ],
)
def test_wrong_tags_are_refused(region: EcsRegion, given: list[dict[str, Any]], message: str) -> None:
    assert region.refusal("tag_resource", resourceArn=CLUSTER_ARN, tags=given) == (INVALID, message)
    assert region.refusal("create_cluster", clusterName="other", tags=given) == (INVALID, message)


def test_tags_of_several_requests_are_limited_together(region: EcsRegion) -> None:
    region.call("tag_resource", resourceArn=CLUSTER_ARN, tags=[tag(f"k{number}") for number in range(50)])
    refused = region.refusal("tag_resource", resourceArn=CLUSTER_ARN, tags=[tag("another")])
    assert refused == ("LimitExceededException", "A resource can have at most 50 tags.")
    region.call("tag_resource", resourceArn=CLUSTER_ARN, tags=[tag("k0", "changed")])
