"""Rules of listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.store.tables import RULES
from tidegate.testing.api import Api

Make = Callable[..., str]

REDIRECT = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", "Path": "/new"}}


def _priorities(client: Any, listener: str) -> list[str]:
    return [rule["Priority"] for rule in client.describe_rules(ListenerArn=listener)["Rules"]]


def _rule(client: Any, arn: str) -> dict[str, Any]:
    (found,) = client.describe_rules(RuleArns=[arn])["Rules"]
    described: dict[str, Any] = found
    return described


@pytest.mark.proves("operation:CreateRule")
def test_a_rule_is_described_as_terraform_reads_it(client: Any, listener: str, group: str) -> None:
    created = client.create_rule(
        ListenerArn=listener,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}],
        Actions=[{"Type": "forward", "Order": 1, "TargetGroupArn": group}],
    )["Rules"][0]
    assert created == {
        "RuleArn": created["RuleArn"],
        "Priority": "10",
        "Conditions": [
            {
                "Field": "path-pattern",
                "Values": ["/api/*"],
                "PathPatternConfig": {"Values": ["/api/*"]},
            }
        ],
        "Actions": [
            {
                "Type": "forward",
                "Order": 1,
                "TargetGroupArn": group,
                "ForwardConfig": {
                    "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
                    "TargetGroupStickinessConfig": {"Enabled": False},
                },
            }
        ],
        "IsDefault": False,
        "Transforms": [],
    }
    assert _rule(client, created["RuleArn"]) == created
    # Terraform finds the listener of a rule by its ARN.
    assert created["RuleArn"].replace("listener-rule", "listener").rsplit("/", 1)[0] == listener


def test_rules_are_listed_as_they_are_tried_the_default_rule_last(
    client: Any, listener: str, make_rule: Make
) -> None:
    for priority in (50000, 9, 100, 1):
        make_rule(priority)
    assert _priorities(client, listener) == ["1", "9", "100", "50000", "default"]


@pytest.mark.proves("operation:DescribeRules")
def test_rules_come_in_pages(client: Any, listener: str, make_rule: Make) -> None:
    arns = [make_rule(priority) for priority in (1, 2, 3)]
    pages = client.get_paginator("describe_rules").paginate(
        ListenerArn=listener, PaginationConfig={"PageSize": 2}
    )
    found = [[rule["RuleArn"] for rule in page["Rules"]] for page in pages]
    assert found == [arns[:2], [arns[2], found[1][1]]]


def test_the_default_rule_is_the_default_actions(client: Any, listener: str, group: str) -> None:
    (rule,) = client.describe_rules(ListenerArn=listener)["Rules"]
    assert (rule["Priority"], rule["IsDefault"], rule["Conditions"]) == ("default", True, [])
    assert rule["Actions"][0]["TargetGroupArn"] == group
    assert _rule(client, rule["RuleArn"]) == rule


def test_rules_are_asked_for_by_arn_or_by_listener(
    client: Any, refused: Any, listener: str, make_rule: Make
) -> None:
    rule = make_rule()
    with refused("ValidationError", "You must specify either listener rule ARNs or a listener ARN"):
        client.describe_rules()
    with refused("ValidationError", "cannot be specified at the same time"):
        client.describe_rules(ListenerArn=listener, RuleArns=[rule])
    with refused("RuleNotFound", "One or more rules not found"):
        client.describe_rules(RuleArns=[rule, rule[:-1] + "x"])
    with refused("ValidationError", "'nonsense' is not a valid listener rule ARN"):
        client.describe_rules(RuleArns=["nonsense"])
    with refused("ListenerNotFound"):
        client.describe_rules(ListenerArn=listener[:-1] + "x")


def test_a_priority_is_one_rules_of_its_listener(refused: Any, make_rule: Make, make_listener: Make) -> None:
    make_rule(10)
    with refused("PriorityInUse", "Priority '10' is currently in use"):
        make_rule(10, path="/other")
    other = make_listener({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}, port=81)
    assert make_rule(10, ListenerArn=other)
    with refused("ValidationError", "Value '50001' at 'priority' failed to satisfy constraint"):
        make_rule(50001)


def test_what_a_rule_cannot_do_changes_nothing(
    client: Any, refused: Any, listener: str, make_rule: Make
) -> None:
    with refused("ValidationError", "A condition must be specified"):
        make_rule(Conditions=[])
    with refused("ValidationError", "An action must be specified"):
        make_rule(Actions=[])
    with refused("TargetGroupNotFound", "Target group '.*' not found"):
        arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/none/0123456789abcdef"
        make_rule(Actions=[{"Type": "forward", "TargetGroupArn": arn}])
    assert _priorities(client, listener) == ["default"]


@pytest.mark.proves("operation:ModifyRule")
def test_a_change_of_one_half_keeps_the_other(client: Any, make_rule: Make) -> None:
    rule = make_rule(5)
    before = _rule(client, rule)
    condition = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}
    (changed,) = client.modify_rule(RuleArn=rule, Conditions=[condition])["Rules"]
    assert changed["Conditions"] == [{**condition, "Values": ["*.example.com"]}]
    assert {**changed, "Conditions": None} == {**before, "Conditions": None}
    (changed_again,) = client.modify_rule(RuleArn=rule, Actions=[REDIRECT])["Rules"]
    assert changed_again["Actions"][0]["RedirectConfig"]["Path"] == "/new"
    assert {**changed_again, "Actions": None} == {**changed, "Actions": None}


def test_a_change_changes_something(client: Any, refused: Any, make_rule: Make) -> None:
    rule = make_rule()
    with refused("ValidationError", "Either conditions or actions must be specified"):
        client.modify_rule(RuleArn=rule)


@pytest.mark.proves("operation:DeleteRule")
def test_a_deleted_rule_is_gone_and_frees_its_group(
    client: Any, refused: Any, make_rule: Make, make_group: Make
) -> None:
    group = make_group("mine")
    rule = make_rule(Actions=[{"Type": "forward", "TargetGroupArn": group}])
    with refused("ResourceInUse", "is currently in use by a listener or a rule"):
        client.delete_target_group(TargetGroupArn=group)
    client.delete_rule(RuleArn=rule)
    client.delete_target_group(TargetGroupArn=group)
    with refused("RuleNotFound", "One or more rules not found"):
        client.delete_rule(RuleArn=rule)


def test_a_group_that_only_a_rule_names_shows_its_load_balancer(
    client: Any, balancer: str, make_rule: Make, make_group: Make
) -> None:
    group = make_group("mine")
    make_rule(Actions=[{"Type": "forward", "TargetGroupArn": group}])
    (found,) = client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert found["LoadBalancerArns"] == [balancer]
    listed = client.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
    assert group in [one["TargetGroupArn"] for one in listed]


def test_rules_go_with_their_listener(client: Any, api: Api, listener: str, make_rule: Make) -> None:
    make_rule()
    client.delete_listener(ListenerArn=listener)
    assert list(api.context.store.snapshot.all(RULES)) == []


def test_the_default_rule_is_changed_through_its_listener_only(
    client: Any, refused: Any, listener: str
) -> None:
    default = client.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"]
    with refused("OperationNotPermitted", f"Default rule '{default}' cannot be modified"):
        client.modify_rule(RuleArn=default, Actions=[REDIRECT])
    with refused("OperationNotPermitted", f"Default rule '{default}' cannot be deleted"):
        client.delete_rule(RuleArn=default)
    with refused("OperationNotPermitted", f"Default rule '{default}' cannot be modified"):
        client.set_rule_priorities(RulePriorities=[{"RuleArn": default, "Priority": 1}])


def _reorder(client: Any, **pairs: int) -> list[dict[str, Any]]:
    given = [{"RuleArn": arn, "Priority": priority} for arn, priority in pairs.items()]
    changed: list[dict[str, Any]] = client.set_rule_priorities(RulePriorities=given)["Rules"]
    return changed


@pytest.mark.proves("operation:SetRulePriorities")
def test_priorities_are_swapped_in_one_step(client: Any, make_rule: Make) -> None:
    first, second = make_rule(1), make_rule(2)
    changed = _reorder(client, **{first: 2, second: 1})
    assert {rule["RuleArn"]: rule["Priority"] for rule in changed} == {first: "2", second: "1"}
    assert (_rule(client, first)["Priority"], _rule(client, second)["Priority"]) == ("2", "1")


def test_a_priority_may_be_one_that_the_same_step_frees(client: Any, make_rule: Make) -> None:
    first, second = make_rule(1), make_rule(2)
    _reorder(client, **{first: 2, second: 3})
    assert (_rule(client, first)["Priority"], _rule(client, second)["Priority"]) == ("2", "3")


def test_a_clash_with_a_rule_that_is_not_named_changes_nothing(
    client: Any, refused: Any, listener: str, make_rule: Make
) -> None:
    first, second, _third = make_rule(1), make_rule(2), make_rule(3)
    with refused("PriorityInUse", "Priority '3' is currently in use"):
        _reorder(client, **{first: 2, second: 3})
    assert _priorities(client, listener) == ["1", "2", "3", "default"]


def test_a_priority_and_a_rule_are_given_once(client: Any, refused: Any, make_rule: Make) -> None:
    first, second = make_rule(1), make_rule(2)
    with refused("ValidationError", "Priority '5' was provided multiple times"):
        _reorder(client, **{first: 5, second: 5})
    pairs = [{"RuleArn": first, "Priority": 5}, {"RuleArn": first, "Priority": 6}]
    with refused("ValidationError", "was provided multiple times"):
        client.set_rule_priorities(RulePriorities=pairs)
    with refused("RuleNotFound"):
        _reorder(client, **{first[:-1] + "x": 5})
    with refused("ValidationError", "A rule priority must be specified"):
        client.set_rule_priorities(RulePriorities=[{"RuleArn": first}])
    with refused("ValidationError", "A rule ARN must be specified"):
        client.set_rule_priorities(RulePriorities=[])


def test_the_same_priorities_again_change_nothing(api: Api, client: Any, make_rule: Make) -> None:
    rule = make_rule(1)
    revision = api.context.store.snapshot.revision
    _reorder(client, **{rule: 1})
    assert api.context.store.snapshot.revision == revision


@pytest.mark.parametrize("what", ["Conditions", "Actions"])
def test_a_half_that_is_given_is_given_whole(client: Any, refused: Any, make_rule: Make, what: str) -> None:
    rule = make_rule()
    with refused("ValidationError", f"An? {what[:-1].lower()} must be specified"):
        client.modify_rule(RuleArn=rule, **{what: []})
