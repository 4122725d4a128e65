"""Quotas of load balancers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.api.elbv2 import quotas
from tidegate.control.store.tables import TARGETS
from tidegate.testing.api import Api
from tidegate.testing.builders import a_target, a_task

Make = Callable[..., str]


def test_a_load_balancer_has_a_hundred_rules_over_all_listeners(
    client: Any, refused: Any, make_rule: Make, make_listener: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotas.RULES_MAX == 100
    monkeypatch.setattr(quotas, "RULES_MAX", 2)
    rule = make_rule(1)
    other = make_listener({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}, port=81)
    make_rule(1, ListenerArn=other)
    with refused("TooManyRules", "maximum number of rules"):
        make_rule(2)
    client.delete_rule(RuleArn=rule)
    assert make_rule(2)


def test_a_load_balancer_names_a_hundred_groups_each_counted_once(
    client: Any,
    refused: Any,
    group: str,
    make_rule: Make,
    make_group: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert quotas.GROUPS_PER_BALANCER_MAX == 100
    monkeypatch.setattr(quotas, "GROUPS_PER_BALANCER_MAX", 2)
    forward = {"Type": "forward", "TargetGroupArn": group}
    rule = make_rule(1, Actions=[forward])
    make_rule(2, Actions=[{**forward, "TargetGroupArn": make_group("second")}])
    third = {**forward, "TargetGroupArn": make_group("third")}
    with refused("TooManyUniqueTargetGroupsPerLoadBalancer"):
        make_rule(3, Actions=[third])
    with refused("TooManyUniqueTargetGroupsPerLoadBalancer"):
        client.modify_rule(RuleArn=rule, Actions=[third])


def test_a_region_has_three_thousand_groups(
    refused: Any, make_group: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotas.TARGET_GROUPS_MAX == 3000
    monkeypatch.setattr(quotas, "TARGET_GROUPS_MAX", 1)
    first = make_group("first")
    assert make_group("first") == first
    with refused("TooManyTargetGroups"):
        make_group("second")


def test_a_load_balancer_has_fifty_listeners(
    refused: Any, make_listener: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotas.LISTENERS_MAX == 50
    monkeypatch.setattr(quotas, "LISTENERS_MAX", 1)
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    make_listener(action, port=80)
    with refused("TooManyListeners"):
        make_listener(action, port=81)


def test_a_load_balancer_has_a_thousand_targets_over_all_its_groups(
    client: Any, api: Api, refused: Any, listener: str, group: str, make_group: Make, make_rule: Make
) -> None:
    """Those that tasks registered count too."""
    assert listener
    other = make_group("other")
    targets = [a_target(a_task(n), n, target_group_arn=group) for n in range(1, 600)]
    targets += [a_target(a_task(n), n, target_group_arn=other) for n in range(1, 402)]

    def fill(tx: Any) -> None:
        for row in targets:
            tx.put(TARGETS, row)

    asyncio.run(api.context.store.transact(fill))
    actions = [{"Type": "forward", "TargetGroupArn": other}]
    assert make_rule(1, Actions=actions)
    third = make_group("third", TargetType="ip")
    client.register_targets(TargetGroupArn=third, Targets=[{"Id": "127.80.1.1"}])
    with refused("TooManyTargets", "maximum number of targets for the load balancer"):
        make_rule(2, Actions=[{"Type": "forward", "TargetGroupArn": third}])


@pytest.mark.proves("operation:DescribeAccountLimits")
def test_the_quotas_are_what_the_account_is_told(client: Any) -> None:
    limits = {one["Name"]: one["Max"] for one in client.describe_account_limits()["Limits"]}
    assert limits["rules-per-application-load-balancer"] == "100"
    assert limits["target-groups-per-action-on-application-load-balancer"] == "5"
    assert limits["condition-values-per-alb-rule"] == "5"
    # Network and gateway load balancers are refused: an account has none.
    assert {limits[name] for name in limits if "network" in name or "gateway" in name} == {"0"}
