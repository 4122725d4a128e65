"""The front end as a whole: every operation, and what Terraform reads of a stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.api.elbv2 import FRONT_END
from tidegate.wire.coverage import operation_states

Make = Callable[..., str]


def test_every_operation_is_served_or_refused_with_a_reason() -> None:
    states = operation_states(FRONT_END)
    assert len(states) >= 51
    assert [name for name, (state, why) in states.items() if state == "refused" and not why] == []


@pytest.mark.parametrize("kind", ["network", "gateway"])
def test_other_types_of_load_balancers_are_refused_by_name(
    client: Any, refused: Any, subnets: list[str], kind: str
) -> None:
    with refused("InvalidConfigurationRequest", "Type with the value application only"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:2], Type=kind)


@pytest.fixture
def rule(client: Any, listener: str, make_group: Make) -> str:
    """A rule as Terraform creates one: configurations, an order, weights, stickiness."""
    groups = [
        {"TargetGroupArn": make_group(name), "Weight": weight} for name, weight in (("a", 90), ("b", 10))
    ]
    config = {
        "TargetGroups": groups,
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 600},
    }
    created = client.create_rule(
        ListenerArn=listener,
        Priority=100,
        Actions=[{"Type": "forward", "Order": 1, "ForwardConfig": config}],
        Conditions=[
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}},
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example.com"]}},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b"]}},
        ],
        Tags=[{"Key": "Name", "Value": "api"}],
    )
    return str(created["Rules"][0]["RuleArn"])


def test_terraform_reads_back_a_rule_without_a_difference(client: Any, rule: str, listener: str) -> None:
    (read,) = client.describe_rules(RuleArns=[rule])["Rules"]
    assert read["Priority"] == "100"
    # Its provider panics on a condition without its field or its configuration.
    configs = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}
    for condition in read["Conditions"]:
        assert condition[configs.get(condition["Field"], "HttpHeaderConfig")]["Values"]
    (action,) = read["Actions"]
    assert "TargetGroupArn" not in action
    assert [group["Weight"] for group in action["ForwardConfig"]["TargetGroups"]] == [90, 10]
    assert action["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 600}
    tags = client.describe_tags(ResourceArns=[rule])["TagDescriptions"]
    assert tags == [{"ResourceArn": rule, "Tags": [{"Key": "Name", "Value": "api"}]}]
    # And with the listener's default rule, the next free priority is the highest plus one.
    listed = client.describe_rules(ListenerArn=listener)["Rules"]
    assert [one["Priority"] for one in listed] == ["100", "default"]


def test_terraform_changes_the_half_of_a_rule_that_differs(client: Any, rule: str) -> None:
    before = client.describe_rules(RuleArns=[rule])["Rules"][0]
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v2/*"]}}
    assert client.modify_rule(RuleArn=rule, Conditions=[condition])["Rules"]
    read = client.describe_rules(RuleArns=[rule])["Rules"][0]
    assert read["Actions"] == before["Actions"]
    assert [one["Field"] for one in read["Conditions"]] == ["path-pattern"]
    assert client.set_rule_priorities(RulePriorities=[{"RuleArn": rule, "Priority": 7}])["Rules"]


def test_terraform_reads_a_secure_listener_on_every_plan(
    client: Any, balancer: str, secure_listener: str, make_certificate: Make
) -> None:
    (read,) = client.describe_listeners(ListenerArns=[secure_listener])["Listeners"]
    assert read["LoadBalancerArn"] == balancer
    assert read["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert read["Certificates"] == [{"CertificateArn": make_certificate()}]
    assert client.describe_listener_attributes(ListenerArn=secure_listener)["Attributes"]
    tags = client.describe_tags(ResourceArns=[secure_listener])["TagDescriptions"]
    assert tags == [{"ResourceArn": secure_listener, "Tags": []}]
    assert client.describe_capacity_reservation(LoadBalancerArn=balancer)


def test_terraform_destroys_listeners_rules_and_groups_at_once(
    client: Any, refused: Any, rule: str, listener: str, group: str, balancer: str
) -> None:
    client.delete_rule(RuleArn=rule)
    with refused("RuleNotFound"):
        client.delete_rule(RuleArn=rule)
    with refused("ResourceInUse", "is currently in use by a listener or a rule"):
        client.delete_target_group(TargetGroupArn=group)
    client.delete_listener(ListenerArn=listener)
    client.delete_target_group(TargetGroupArn=group)
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[balancer])
