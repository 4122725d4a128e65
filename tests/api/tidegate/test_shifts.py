"""Shifts through the API: what starts is described, changes weights as ModifyListener does, and stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.api.tidegate.conftest import Refused, Split

from tidegate.testing.clock import FakeClock

Traffic = Callable[..., None]
LINEAR = {"StepPercent": 30, "BakeTimeInSeconds": 60}
CANARY = {"CanaryPercent": 20, "BakeTimeInSeconds": 60}
ERRORS = {"Metric": "ErrorRate", "Limit": 1.0}
P95 = {"Metric": "ResponseTime", "Percentile": "p95", "MoreThanBaseline": 50.0}


def start(client: Any, split: Split, **more: Any) -> dict[str, Any]:
    given = {"Canary": CANARY} if "Linear" not in more else {}
    asked = {"RuleArn": split.listener, "TargetGroupArn": split.new, **given, **more}
    found: dict[str, Any] = client.start_shift(**asked)["Shift"]
    return found


def test_a_shift_starts_with_its_first_step(client: Any, split: Split, clock: FakeClock) -> None:
    shift = start(client, split, Guards=[ERRORS, P95])
    assert split.weights == [80, 20]
    assert shift["Status"] == "IN_PROGRESS"
    assert [step["Percent"] for step in shift["Steps"]] == [20, 100]
    assert (shift["Step"], shift["StepStartedAt"]) == (1, clock.now())
    assert [one["Weight"] for one in shift["OriginalWeights"]] == [9, 1]
    assert [one["Weight"] for one in shift["Weights"]] == [80, 20]
    assert (shift["TargetGroupArn"], shift["BaselineTargetGroupArn"]) == (split.new, split.old)
    assert shift["Guards"] == [ERRORS, P95]
    assert (shift["WindowInSeconds"], shift["MinimumRequests"], shift["PatienceInSeconds"]) == (60, 50, 600)
    assert [event["Text"] for event in shift["Events"]] == ["step 1 of 2: 20 % of the requests"]
    (described,) = client.describe_shifts()["Shifts"]
    readings = described.pop("GuardReadings")
    assert [one["State"] for one in readings] == ["NOT_ENOUGH_DATA", "NOT_ENOUGH_DATA"]
    assert described == {name: value for name, value in shift.items() if name != "GuardReadings"}


def test_a_linear_shift_goes_on_from_where_the_group_is(client: Any, split: Split) -> None:
    shift = start(client, split, Linear=LINEAR, UntilPercent=80)
    assert [step["Percent"] for step in shift["Steps"]] == [40, 70, 80]


def test_stickiness_of_the_action_stays(client: Any, split: Split) -> None:
    action = split.forward(9, 1)
    sticky = {"Enabled": True, "DurationSeconds": 90}
    action["ForwardConfig"]["TargetGroupStickinessConfig"] = sticky
    split.elbv2.modify_listener(ListenerArn=split.listener, DefaultActions=[action])
    start(client, split)
    assert split.action["ForwardConfig"]["TargetGroupStickinessConfig"] == sticky


def test_a_rule_shifts_and_its_listener_does_not(client: Any, split: Split) -> None:
    rule = split.elbv2.create_rule(
        ListenerArn=split.listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        Actions=[split.forward(1, 0)],
    )["Rules"][0]["RuleArn"]
    start(client, split, RuleArn=rule)
    found = split.elbv2.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]
    assert [one["Weight"] for one in found["TargetGroups"]] == [80, 20]
    assert split.weights == [9, 1]


def test_guards_are_read_while_it_goes_on(
    client: Any, split: Split, traffic: Traffic, clock: FakeClock
) -> None:
    start(client, split, Guards=[ERRORS, P95])
    clock.advance(5)
    traffic(split.old, 800)
    traffic(split.new, 200, errors=2, seconds=0.05)
    errors, times = client.describe_shifts()["Shifts"][0]["GuardReadings"]
    assert (errors["State"], errors["Value"], errors["Limit"], errors["Requests"]) == ("HOLDS", 1, 1, 200)
    assert times["State"] == "BREACHED"
    assert times["Limit"] == pytest.approx(0.03, rel=0.02)
    assert times["Value"] == pytest.approx(0.05, rel=0.02)
    assert times["Baseline"] == pytest.approx(0.02, rel=0.02)
    assert times["Text"] == "p95 50 ms in 200 requests (limit 30 ms, by the baseline)"


def test_stopping_leaves_the_weights(client: Any, split: Split, clock: FakeClock) -> None:
    shift = start(client, split)
    stopped = client.stop_shift(ShiftId=shift["ShiftId"])["Shift"]
    assert (stopped["Status"], stopped["EndedAt"]) == ("STOPPED", clock.now())
    assert stopped["StatusReason"] == "stopped by the user; the weights stay as they are"
    assert split.weights == [80, 20]


def test_stopping_may_roll_back(client: Any, split: Split) -> None:
    shift = start(client, split)
    assert client.stop_shift(ShiftId=shift["ShiftId"], RollBack=True)["Shift"]["Status"] == "ROLLED_BACK"
    assert split.weights == [9, 1]


def test_a_rule_has_one_shift_at_a_time(client: Any, split: Split, refused: Refused) -> None:
    first = start(client, split)
    with refused("ConflictException", f"has the shift {first['ShiftId']} in progress"):
        start(client, split)
    client.stop_shift(ShiftId=first["ShiftId"], RollBack=True)
    with refused("ConflictException", "is over: ROLLED_BACK"):
        client.stop_shift(ShiftId=first["ShiftId"])
    assert start(client, split)["ShiftId"] != first["ShiftId"]


def test_shifts_are_listed_newest_first_and_by_pages(
    client: Any, split: Split, clock: FakeClock, refused: Refused
) -> None:
    ids = []
    for _ in range(3):
        ids.append(start(client, split)["ShiftId"])
        client.stop_shift(ShiftId=ids[-1], RollBack=True)
        clock.advance(1)
    page = client.describe_shifts(RuleArn=split.listener, MaxResults=2)
    assert [one["ShiftId"] for one in page["Shifts"]] == [ids[2], ids[1]]
    rest = client.describe_shifts(RuleArn=split.listener, MaxResults=2, NextToken=page["NextToken"])
    assert [one["ShiftId"] for one in rest["Shifts"]] == [ids[0]]
    assert "NextToken" not in rest
    assert [s["ShiftId"] for s in client.describe_shifts(ShiftIds=[ids[1]])["Shifts"]] == [ids[1]]
    assert client.describe_shifts(RuleArn=split.listener[:-1] + "x")["Shifts"] == []
    with refused("ResourceNotFoundException", "The shift nothing was not found"):
        client.describe_shifts(ShiftIds=["nothing"])
    with refused("ValidationException", "NextToken"):
        client.describe_shifts(NextToken="x")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"Linear": LINEAR, "Canary": CANARY}, "Exactly one of Linear and Canary"),
        ({"Canary": {"CanaryPercent": 10, "BakeTimeInSeconds": 60}}, "has 10 % already"),
        ({"Linear": LINEAR, "UntilPercent": 10}, "has 10 % of the requests already"),
        ({"UntilPercent": 20}, "CanaryPercent must be less than UntilPercent"),
        ({"Canary": {"CanaryPercent": 100, "BakeTimeInSeconds": 60}}, "less than or equal to 99"),
        ({"Guards": [{"Metric": "ErrorRate"}]}, "either a Limit or MoreThanBaseline"),
        ({"Guards": [{**ERRORS, "MoreThanBaseline": 1.0}]}, "either a Limit or MoreThanBaseline"),
        ({"Guards": [{**ERRORS, "Percentile": "p95"}]}, "a Percentile if, and only if"),
        ({"Guards": [{"Metric": "ResponseTime", "Limit": 1.0}]}, "a Percentile if, and only if"),
        ({"Guards": [{"Metric": "ErrorRate", "Limit": 101.0}]}, "is a percentage, not 101"),
        ({"Guards": [{"Metric": "ErrorRate", "Limit": -1.0}]}, "a number from 0"),
        ({"Guards": [{**P95, "MoreThanBaseline": 1e9}]}, "a number from 0"),
        ({"Guards": [{"Metric": "ResponseTime", "Percentile": "p95", "Limit": 0.0}]}, "more than 0"),
        ({"Guards": [{"Metric": "Latency", "Limit": 1.0}]}, "enum value set"),
        ({"Guards": [ERRORS, ERRORS]}, "one guard of each kind"),
        ({"WindowInSeconds": 3601}, "less than or equal to 3600"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_and_nothing_changes(
    client: Any, split: Split, refused: Refused, more: dict[str, Any], text: str
) -> None:
    with refused("ValidationException", text):
        client.start_shift(
            **{
                "RuleArn": split.listener,
                "TargetGroupArn": split.new,
                **({} if "Linear" in more and "Canary" not in more else {"Canary": CANARY}),
                **more,
            }
        )
    assert client.describe_shifts()["Shifts"] == []


def test_groups_that_the_rule_has_not_are_refused(client: Any, split: Split, refused: Refused) -> None:
    other = split.old[:-1] + "x"
    with refused("ValidationException", "does not forward to the target group"):
        start(client, split, TargetGroupArn=other)
    with refused("ValidationException", "does not forward to the target group"):
        start(client, split, BaselineTargetGroupArn=other)
    with refused("ValidationException", "cannot be its own baseline"):
        start(client, split, BaselineTargetGroupArn=split.new)
    with refused("ResourceNotFoundException", "was not found"):
        client.stop_shift(ShiftId="shift-0")


def test_a_group_in_a_shift_cannot_be_deleted(client: Any, split: Split, refused: Refused) -> None:
    start(client, split)
    with refused("ResourceInUse"):
        split.elbv2.delete_target_group(TargetGroupArn=split.new)
