"""Tags of load balancers, target groups, listeners and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _tags(client: Any, *arns: str) -> list[dict[str, str]]:
    described = client.describe_tags(ResourceArns=list(arns))["TagDescriptions"]
    assert [one["ResourceArn"] for one in described] == list(arns)
    return [{tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in described]


@pytest.mark.proves("operation:DescribeTags")
def test_every_arn_asked_has_an_entry_even_without_tags(
    client: Any, balancer: str, group: str, listener: str
) -> None:
    rule = client.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"]
    assert _tags(client, balancer, group, listener, rule) == [{}, {}, {}, {}]


@pytest.mark.proves("operation:AddTags", "operation:RemoveTags")
def test_tags_are_added_replaced_and_removed(client: Any, balancer: str, group: str, listener: str) -> None:
    arns = [balancer, group, listener]
    client.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    client.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "3"}])
    assert _tags(client, *arns) == [{"a": "3", "b": "2"}] * 3
    client.remove_tags(ResourceArns=arns, TagKeys=["a", "never"])
    assert _tags(client, *arns) == [{"b": "2"}] * 3


def test_rules_have_tags_and_default_rules_have_their_own(
    client: Any, listener: str, make_rule: Callable[..., str]
) -> None:
    rule = make_rule(Tags=[{"Key": "a", "Value": "1"}])
    default = client.describe_rules(ListenerArn=listener)["Rules"][-1]["RuleArn"]
    client.add_tags(ResourceArns=[rule, default], Tags=[{"Key": "b", "Value": "2"}])
    assert _tags(client, rule, default, listener) == [{"a": "1", "b": "2"}, {"b": "2"}, {}]
    client.remove_tags(ResourceArns=[rule, default], TagKeys=["b"])
    assert _tags(client, rule, default, listener) == [{"a": "1"}, {}, {}]


def test_creations_take_tags(client: Any, subnets: list[str]) -> None:
    made = client.create_load_balancer(Name="shop", Subnets=subnets[:2], Tags=[{"Key": "a", "Value": "1"}])
    assert _tags(client, made["LoadBalancers"][0]["LoadBalancerArn"]) == [{"a": "1"}]


def test_a_key_comes_once_and_aws_keeps_its_own(client: Any, refused: Any, balancer: str) -> None:
    with refused("DuplicateTagKeys", "Tag key was specified more than once: a"):
        client.add_tags(
            ResourceArns=[balancer], Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
        )
    with refused("ValidationError", "reserved"):
        client.add_tags(ResourceArns=[balancer], Tags=[{"Key": "aws:a", "Value": "1"}])
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(51)]
    with refused("TooManyTags"):
        client.add_tags(ResourceArns=[balancer], Tags=many)


def test_one_missing_resource_fails_the_call(client: Any, refused: Any, balancer: str, group: str) -> None:
    client.delete_target_group(TargetGroupArn=group)
    with refused("TargetGroupNotFound"):
        client.describe_tags(ResourceArns=[balancer, group])
    with refused("ValidationError", "is not a valid"):
        client.describe_tags(ResourceArns=["nonsense"])
