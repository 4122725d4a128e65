"""DescribeComparison tells what balancers saw of a rule's target groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.api.tidegate.conftest import Refused, Split

from tidegate.testing.clock import FakeClock

Traffic = Callable[..., None]


def compared(client: Any, arn: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_comparison(RuleArn=arn, **more)["Comparison"]
    return found


def test_both_groups_come_with_their_figures(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.old, 900, errors=9)
    traffic(split.new, 100, seconds=0.4)
    found = compared(client, split.listener)
    old, new = found["TargetGroups"]
    assert [one["TargetGroupName"] for one in (old, new)] == ["old", "new"]
    assert [one["IsBaseline"] for one in (old, new)] == [True, False]
    assert [one["Requests"] for one in (old, new)] == [900, 100]
    assert (new["Weight"], new["WeightSharePercent"]) == (1, 10)
    share = new["SharePercent"]
    assert share["Value"] == 10
    assert share["Lower"] == pytest.approx(8.29, abs=0.01)
    assert share["Upper"] == pytest.approx(12.01, abs=0.01)
    assert (old["Errors"], old["ErrorRatePercent"]["Value"]) == (9, 1)
    times = {one["Percentile"]: one["Value"] for one in new["ResponseTimes"]}
    assert times == pytest.approx(dict.fromkeys(("p50", "p90", "p95", "p99"), 0.4), rel=0.02)


def test_the_verdict_is_plain(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.old, 900)
    traffic(split.new, 100, seconds=0.4)
    found = compared(client, split.listener)
    (judged,) = found["Judgements"]
    assert (judged["TargetGroupArn"], judged["Verdict"]) == (split.new, "WORSE")
    assert found["Verdict"].startswith("new is slower than old: p95 402 ms against 20 ms (95 % interval")
    assert judged["Findings"] == [found["Verdict"]]
    outcomes = {(one["Metric"], one.get("Percentile")): one["Outcome"] for one in judged["Differences"]}
    assert outcomes[("ErrorRate", None)] == "UNDECIDED"
    assert outcomes[("ResponseTime", "p95")] == "HIGHER"


def test_a_bound_that_is_not_known_is_left_out(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.old, 900)
    traffic(split.new, 40)
    p99 = compared(client, split.listener)["TargetGroups"][1]["ResponseTimes"][-1]
    assert set(p99) == {"Percentile", "Value", "Lower"}


def test_requests_that_no_target_answered_are_errors(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.old, 900)
    traffic(split.new, 100, errors=3, unanswered=97)
    new = compared(client, split.listener)["TargetGroups"][1]
    assert (new["Errors"], new["ErrorRatePercent"]["Value"]) == (100, 100)


def test_requests_for_a_group_without_targets_are_errors_too(
    client: Any, split: Split, traffic: Traffic
) -> None:
    traffic(split.new, 0, lost=40)
    new = compared(client, split.listener)["TargetGroups"][1]
    assert (new["Requests"], new["Errors"]) == (40, 40)


def test_without_traffic_there_is_not_enough_data(client: Any, split: Split) -> None:
    found = compared(client, split.listener)
    assert found["Judgements"][0]["Verdict"] == "NOT_ENOUGH_DATA"
    assert "SharePercent" not in found["TargetGroups"][0]


def test_only_the_window_counts(client: Any, split: Split, traffic: Traffic, clock: FakeClock) -> None:
    traffic(split.new, 100)
    clock.advance(60)
    traffic(split.new, 7)
    assert compared(client, split.listener, WindowInSeconds=30)["TargetGroups"][1]["Requests"] == 7
    assert compared(client, split.listener, WindowInSeconds=300)["TargetGroups"][1]["Requests"] == 107
    clock.advance(2 * 86_400)
    assert compared(client, split.listener, WindowInSeconds=3 * 86_400)["TargetGroups"][1]["Requests"] == 107


def test_more_confidence_makes_wider_intervals(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.new, 100, errors=5)
    widths = []
    for percent in (80.0, 95.0, 99.9):
        found = compared(client, split.listener, ConfidencePercent=percent)["TargetGroups"][1]
        widths.append(found["ErrorRatePercent"]["Upper"] - found["ErrorRatePercent"]["Lower"])
    assert widths == sorted(set(widths))


def test_the_default_rules_own_arn_means_the_same(client: Any, split: Split) -> None:
    rules = split.elbv2.describe_rules(ListenerArn=split.listener)["Rules"]
    found = compared(client, rules[0]["RuleArn"])
    assert (found["RuleArn"], found["ListenerArn"]) == (rules[0]["RuleArn"], split.listener)
    assert compared(client, split.listener)["RuleArn"] == rules[0]["RuleArn"]


def test_another_baseline_turns_it_round(client: Any, split: Split, traffic: Traffic) -> None:
    traffic(split.old, 900)
    traffic(split.new, 100, seconds=0.4)
    found = compared(client, split.listener, BaselineTargetGroupArn=split.new)
    assert found["BaselineTargetGroupArn"] == split.new
    assert found["Judgements"][0]["Verdict"] == "BETTER"


def test_in_a_shift_the_baseline_is_the_shifts(client: Any, split: Split) -> None:
    linear = {"StepPercent": 60, "BakeTimeInSeconds": 60}
    client.start_shift(RuleArn=split.listener, TargetGroupArn=split.new, Linear=linear)
    found = compared(client, split.listener)
    assert [one["Weight"] for one in found["TargetGroups"]] == [30, 70]
    assert found["BaselineTargetGroupArn"] == split.old


def test_what_cannot_be_compared_is_refused(client: Any, split: Split, refused: Refused) -> None:
    with refused("ValidationException", "is not a valid listener rule or listener ARN"):
        compared(client, split.old)
    with refused("ValidationException", "is not a valid"):
        compared(client, "x")
    with refused("ResourceNotFoundException", "was not found"):
        compared(client, split.listener[:-1] + "x")
    with refused("ValidationException", "does not forward to the target group"):
        compared(client, split.listener, BaselineTargetGroupArn=split.old[:-1] + "x")
    for more in ({"WindowInSeconds": 15 * 86_400}, {"ConfidencePercent": 100.0}):
        with refused("ValidationException", "validation error detected"):
            compared(client, split.listener, **more)
    single = {"Type": "forward", "TargetGroupArn": split.old}
    split.elbv2.modify_listener(ListenerArn=split.listener, DefaultActions=[single])
    with refused("ValidationException", "does not forward to several target groups"):
        compared(client, split.listener)
