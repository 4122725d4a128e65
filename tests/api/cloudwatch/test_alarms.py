"""Alarms through the API: put, described, set, deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tidegate.control.api import cloudwatch
from tidegate.control.api.context import ApiContext
from tidegate.testing.api import Api
from tidegate.testing.clock import FakeClock

from .conftest import Refused

POLICY = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p"
ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
ALARM: dict[str, Any] = {
    "AlarmName": "load",
    "MetricName": "Load",
    "Namespace": "Shop",
    "Statistic": "Average",
    "Dimensions": [{"Name": "Zone", "Value": "a"}],
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 70.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
MATHS = [
    {
        "Id": "m",
        "ReturnData": False,
        "MetricStat": {
            "Metric": {"Namespace": "Shop", "MetricName": "Load", "Dimensions": []},
            "Period": 60,
            "Stat": "p90",
        },
    },
    {"Id": "e", "Expression": "m * 2", "Label": "double", "ReturnData": True},
]


def maths_alarm(**more: Any) -> dict[str, Any]:
    kept = ("AlarmName", "EvaluationPeriods", "Threshold", "ComparisonOperator")
    return {name: ALARM[name] for name in kept} | {"Metrics": MATHS} | more


def described(client: Any, name: str = "load") -> dict[str, Any]:
    [found] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def test_an_alarm_is_described_as_it_was_put(client: Any, clock: FakeClock) -> None:
    more = {
        "AlarmDescription": "too much",
        "ActionsEnabled": False,
        "AlarmActions": [POLICY],
        "OKActions": ["https://hooks.test/x"],
        "Unit": "Percent",
        "DatapointsToAlarm": 2,
        "TreatMissingData": "notBreaching",
    }
    client.put_metric_alarm(**ALARM, **more)
    found = described(client)
    assert found.items() >= (ALARM | more).items()
    assert found["AlarmArn"] == f"{ARN}load"
    assert (found["StateValue"], found["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    assert found["AlarmConfigurationUpdatedTimestamp"] == clock.now()
    assert "ExtendedStatistic" not in found


def test_an_alarm_on_a_percentile(client: Any) -> None:
    asked = {name: value for name, value in ALARM.items() if name != "Statistic"}
    more = {"ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "ignore"}
    client.put_metric_alarm(**asked, **more)
    assert described(client).items() >= more.items()
    assert "Statistic" not in described(client)


def test_an_alarm_on_an_expression(client: Any) -> None:
    client.put_metric_alarm(**maths_alarm())
    found = described(client)
    assert found["Metrics"] == MATHS
    assert "MetricName" not in found


def test_putting_again_keeps_the_state_and_the_tags(client: Any) -> None:
    client.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "shop"}])
    client.set_alarm_state(AlarmName="load", StateValue="ALARM", StateReason="drill")
    client.put_metric_alarm(**ALARM | {"Threshold": 50.0}, Tags=[{"Key": "other", "Value": "x"}])
    found = described(client)
    assert (found["StateValue"], found["Threshold"]) == ("ALARM", 50)
    assert client.list_tags_for_resource(ResourceARN=f"{ARN}load")["Tags"] == [
        {"Key": "team", "Value": "shop"}
    ]


def test_history_tells_what_became_of_an_alarm(client: Any, clock: FakeClock) -> None:
    client.put_metric_alarm(**ALARM, AlarmActions=[POLICY])
    clock.advance(60)
    client.set_alarm_state(
        AlarmName="load", StateValue="ALARM", StateReason="drill", StateReasonData='{"by": "me"}'
    )
    clock.advance(60)
    client.put_metric_alarm(**ALARM)
    client.delete_alarms(AlarmNames=["load"])
    items = client.describe_alarm_history(AlarmName="load", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [(item["HistoryItemType"], item["HistorySummary"]) for item in items] == [
        ("ConfigurationUpdate", 'Alarm "load" created'),
        ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"),
        ("Action", f"Successfully executed action {POLICY}"),
        ("ConfigurationUpdate", 'Alarm "load" updated'),
        ("ConfigurationUpdate", 'Alarm "load" deleted'),
    ]
    update = json.loads(items[1]["HistoryData"])
    assert update["newState"] == {
        "stateValue": "ALARM",
        "stateReason": "drill",
        "stateReasonData": {"by": "me"},
    }
    assert json.loads(items[2]["HistoryData"])["notificationResource"] == POLICY
    assert {item["AlarmType"] for item in items} == {"MetricAlarm"}


def test_history_is_filtered_and_comes_in_pages(client: Any, clock: FakeClock, refused: Refused) -> None:
    client.put_metric_alarm(**ALARM)
    for number in range(7):
        clock.advance(60)
        state = "OK" if number % 2 else "ALARM"
        client.set_alarm_state(AlarmName="load", StateValue=state, StateReason=str(number))
    first = client.describe_alarm_history(HistoryItemType="StateUpdate", MaxRecords=4)
    rest = client.describe_alarm_history(
        HistoryItemType="StateUpdate", MaxRecords=4, NextToken=first["NextToken"]
    )
    items = first["AlarmHistoryItems"] + rest["AlarmHistoryItems"]
    reasons = [json.loads(item["HistoryData"])["newState"]["stateReason"] for item in items]
    assert reasons == list("6543210")
    assert "NextToken" not in rest
    recent = client.describe_alarm_history(StartDate=clock.now(), EndDate=clock.now())
    assert len(recent["AlarmHistoryItems"]) == 1
    assert client.describe_alarm_history(AlarmTypes=["CompositeAlarm"])["AlarmHistoryItems"] == []
    with refused("InvalidNextToken"):
        client.describe_alarm_history(NextToken="nonsense")


def test_setting_the_state_it_is_in_renews_the_reason_alone(client: Any) -> None:
    client.put_metric_alarm(**ALARM)
    for reason in ("one", "two"):
        client.set_alarm_state(AlarmName="load", StateValue="OK", StateReason=reason)
    assert described(client)["StateReason"] == "two"
    assert len(client.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]) == 1


def test_actions_are_switched_off_and_on(client: Any) -> None:
    client.put_metric_alarm(**ALARM)
    client.disable_alarm_actions(AlarmNames=["load", "nobody"])
    assert described(client)["ActionsEnabled"] is False
    client.enable_alarm_actions(AlarmNames=["load"])
    assert described(client)["ActionsEnabled"] is True


def test_alarms_are_found_by_what_they_are(client: Any, refused: Refused) -> None:
    for name in ("a1", "a2", "b1"):
        client.put_metric_alarm(**ALARM | {"AlarmName": name}, AlarmActions=[POLICY] if name == "b1" else [])
    client.set_alarm_state(AlarmName="a2", StateValue="OK", StateReason="r")
    client.put_composite_alarm(AlarmName="a3", AlarmRule="ALARM(a1) OR ALARM(a2)")

    def names(**asked: Any) -> list[str]:
        answer = client.describe_alarms(**asked)
        return [row["AlarmName"] for row in answer["MetricAlarms"] + answer["CompositeAlarms"]]

    assert names() == ["a1", "a2", "b1"]
    assert names(AlarmNamePrefix="a") == ["a1", "a2"]
    assert names(AlarmNames=["b1", "nobody"]) == ["b1"]
    assert names(StateValue="OK") == ["a2"]
    assert names(ActionPrefix="arn:aws:autoscaling") == ["b1"]
    assert names(AlarmTypes=["CompositeAlarm"]) == ["a3"]
    assert names(AlarmTypes=["CompositeAlarm", "MetricAlarm"]) == ["a1", "a2", "b1", "a3"]
    assert names(ChildrenOfAlarmName="a3") == ["a1", "a2"]
    assert names(ParentsOfAlarmName="a2") == ["a3"]
    with refused("InvalidParameterCombination"):
        client.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="b")
    with refused("InvalidParameterCombination"):
        client.describe_alarms(ChildrenOfAlarmName="a3", StateValue="OK")
    with refused("ResourceNotFound"):
        client.describe_alarms(ChildrenOfAlarmName="nobody")


def test_many_alarms_come_in_pages(client: Any, refused: Refused) -> None:
    for number in range(7):
        client.put_metric_alarm(**ALARM | {"AlarmName": f"alarm-{number}"})
    pages = client.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["MetricAlarms"]) for page in pages] == [3, 3, 1]
    with refused("InvalidNextToken"):
        client.describe_alarms(NextToken="nonsense")


def test_alarms_of_a_metric_are_those_on_exactly_it(client: Any) -> None:
    client.put_metric_alarm(**ALARM)
    client.put_metric_alarm(**maths_alarm(AlarmName="maths"))

    def names(**more: Any) -> list[str]:
        asked = {"MetricName": "Load", "Namespace": "Shop"} | more
        return [row["AlarmName"] for row in client.describe_alarms_for_metric(**asked)["MetricAlarms"]]

    assert names() == ["maths"]
    assert names(Dimensions=ALARM["Dimensions"]) == ["load"]
    assert names(Dimensions=ALARM["Dimensions"], Statistic="Sum") == []
    assert names(Dimensions=ALARM["Dimensions"], Period=60, Statistic="Average") == ["load"]
    assert names(MetricName="Other") == []


def test_tags_are_put_and_removed(client: Any, refused: Refused) -> None:
    client.put_metric_alarm(**ALARM, Tags=[{"Key": "a", "Value": "1"}])
    arn = f"{ARN}load"
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    client.untag_resource(ResourceARN=arn, TagKeys=["b", "c"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "3"}]
    for call in (
        lambda: client.list_tags_for_resource(ResourceARN=f"{ARN}nobody"),
        lambda: client.tag_resource(ResourceARN="load", Tags=[]),
    ):
        with refused("ResourceNotFoundException"):
            call()
    with refused("InvalidParameterValue", "50"):
        client.tag_resource(
            ResourceARN=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)]
        )
    with refused("InvalidParameterValue", "aws:"):
        client.tag_resource(ResourceARN=arn, Tags=[{"Key": "aws:x", "Value": ""}])


def test_all_named_alarms_are_deleted_or_none(client: Any, refused: Refused) -> None:
    for name in ("a", "b"):
        client.put_metric_alarm(**ALARM | {"AlarmName": name})
    with refused("ResourceNotFound", "nobody"):
        client.delete_alarms(AlarmNames=["a", "nobody"])
    assert len(client.describe_alarms()["MetricAlarms"]) == 2
    client.delete_alarms(AlarmNames=["a", "b", "a"])
    assert client.describe_alarms()["MetricAlarms"] == []


def test_a_composite_alarm_is_described_as_it_was_put(client: Any, refused: Refused) -> None:
    client.put_metric_alarm(**ALARM)
    asked = {"AlarmName": "trouble", "AlarmRule": 'ALARM("load") OR FALSE', "AlarmDescription": "d"}
    client.put_composite_alarm(**asked, OKActions=["http://hooks.test/x"])
    [found] = client.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert found.items() >= asked.items()
    with refused("ValidationError", "metric alarm of the name"):
        client.put_composite_alarm(AlarmName="load", AlarmRule="TRUE")
    with refused("ValidationError", "composite alarm of the name"):
        client.put_metric_alarm(**ALARM | {"AlarmName": "trouble"})
    for rule, text in (
        ("ALARM(", "syntax error"),
        ("ALARM(nobody)", "does not exist"),
        ("ALARM(trouble)", "its own"),
    ):
        with refused("ValidationError", text):
            client.put_composite_alarm(AlarmName="trouble", AlarmRule=rule)
    client.put_composite_alarm(AlarmName="more", AlarmRule="ALARM(trouble)")
    with refused("ValidationError", "its own"):
        client.put_composite_alarm(AlarmName="trouble", AlarmRule="ALARM(more)")
    with refused("ValidationError", "autoscaling"):
        client.put_composite_alarm(AlarmName="scales", AlarmRule="TRUE", AlarmActions=[POLICY])
    with refused("ValidationError", "At most one composite"):
        client.delete_alarms(AlarmNames=["trouble", "more"])


@pytest.mark.parametrize(
    ("code", "text", "change"),
    [
        ("MissingParameter", "MetricName is required", {"MetricName": None}),
        ("MissingParameter", "Namespace is required", {"Namespace": None}),
        ("MissingParameter", "Period is required", {"Period": None}),
        ("MissingParameter", "Statistic", {"Statistic": None}),
        ("MissingParameter", "Threshold is required", {"Threshold": None}),
        ("MissingParameter", "ComparisonOperator is required", {"ComparisonOperator": None}),
        ("MissingParameter", "EvaluationPeriods is required", {"EvaluationPeriods": None}),
        ("InvalidParameterCombination", "ExtendedStatistic", {"ExtendedStatistic": "p9"}),
        ("InvalidParameterCombination", "Metrics and MetricName", {"Metrics": MATHS}),
        ("InvalidParameterValue", "p101", {"Statistic": None, "ExtendedStatistic": "p101"}),
        ("ValidationError", "Period must be 10, 20, 30 or a multiple of 60", {"Period": 5}),
        ("ValidationError", "enum", {"Statistic": "Median"}),
        ("ValidationError", "LessThanLowerThreshold", {"ComparisonOperator": "LessThanLowerThreshold"}),
        ("ValidationError", "TreatMissingData", {"TreatMissingData": "guess"}),
        ("ValidationError", "DatapointsToAlarm", {"DatapointsToAlarm": 4}),
        ("ValidationError", "more than a day", {"EvaluationPeriods": 1441}),
        ("ValidationError", "more than a week", {"Period": 3600, "EvaluationPeriods": 169}),
        (
            "ValidationError",
            "EvaluateLowSampleCountPercentile goes with a percentile",
            {"EvaluateLowSampleCountPercentile": "ignore"},
        ),
        (
            "ValidationError",
            "not supported for EvaluateLowSampleCountPercentile",
            {"EvaluateLowSampleCountPercentile": "never"},
        ),
        ("ValidationError", "Invalid arn syntax: page-me", {"AlarmActions": ["page-me"]}),
        ("ValidationError", "URL http://", {"AlarmActions": ["http://[::/x"]}),
        ("ValidationError", "actions of sns", {"OKActions": ["arn:aws:sns:us-east-1:000000000000:topic"]}),
        ("InvalidParameterValue", "ThresholdMetricId", {"ThresholdMetricId": "m"}),
        ("InvalidParameterValue", "aws:", {"Tags": [{"Key": "aws:a", "Value": ""}]}),
    ],
)
def test_an_alarm_that_makes_no_sense_is_refused(
    client: Any, refused: Refused, code: str, text: str, change: dict[str, Any]
) -> None:
    asked = {name: value for name, value in (ALARM | change).items() if value is not None}
    with refused(code, text):
        client.put_metric_alarm(**asked)
    assert client.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Exactly one element", [MATHS[0]]),
        ("Exactly one element", [MATHS[0] | {"ReturnData": True}, MATHS[1]]),
        ("Undefined variable 'm'", [MATHS[1]]),
        ("does not serve the function ANOMALY", [{"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(1)"}]),
    ],
)
def test_expressions_that_make_no_sense_are_refused(
    client: Any, refused: Refused, text: str, queries: list[dict[str, Any]]
) -> None:
    with refused("ValidationError", text):
        client.put_metric_alarm(**maths_alarm(Metrics=queries))


def test_a_state_is_set_with_a_reason_of_an_alarm_that_is_there(client: Any, refused: Refused) -> None:
    with refused("ResourceNotFound"):
        client.set_alarm_state(AlarmName="load", StateValue="OK", StateReason="r")
    client.put_metric_alarm(**ALARM)
    with refused("InvalidFormat", "JSON"):
        client.set_alarm_state(AlarmName="load", StateValue="OK", StateReason="r", StateReasonData="{")


@pytest.mark.parametrize("protocol", ["query", "smithy-rpc-v2-cbor"])
def test_clients_of_other_ages_read_the_same(context: ApiContext, protocol: str) -> None:
    client = Api(context, [cloudwatch.FRONT_END]).client("cloudwatch", protocol)
    client.put_metric_alarm(**ALARM, Tags=[{"Key": "a", "Value": "1"}])
    assert described(client).items() >= ALARM.items()
    client.put_metric_alarm(**maths_alarm(AlarmName="maths"))
    assert described(client, "maths")["Metrics"] == MATHS
    with pytest.raises(client.exceptions.ResourceNotFound) as raised:
        client.set_alarm_state(AlarmName="nobody", StateValue="OK", StateReason="r")
    assert raised.value.response["Error"]["Code"] == "ResourceNotFound"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
