"""Putting metrics, and what of them is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tidegate.control.api import cloudwatch
from tidegate.control.api.cloudwatch.metrics import list_metrics
from tidegate.control.api.context import ApiContext
from tidegate.domain.cloudwatch import Metric, Sample, value
from tidegate.testing.api import Api
from tidegate.wire import Call

from .conftest import Refused

Minute = Callable[[float], datetime]


def put(client: Any, **datum: Any) -> None:
    client.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Orders", **datum}])


def points(client: Any, minute: Minute, *names: str, **more: Any) -> list[dict[str, Any]]:
    asked = {
        "Namespace": "Shop",
        "MetricName": "Orders",
        "StartTime": minute(0),
        "EndTime": minute(180),
        "Period": 60,
        "Statistics": list(names or ("SampleCount", "Sum", "Minimum", "Maximum", "Average")),
    }
    found: list[dict[str, Any]] = client.get_metric_statistics(**(asked | more))["Datapoints"]
    return found


def test_a_value_is_one_sample(client: Any, minute: Minute) -> None:
    put(client, Value=5.0, Timestamp=minute(10), Unit="Count")
    [point] = points(client, minute)
    assert point == {
        "Timestamp": minute(10),
        "Unit": "Count",
        "SampleCount": 1.0,
        "Sum": 5.0,
        "Minimum": 5.0,
        "Maximum": 5.0,
        "Average": 5.0,
    }


def test_values_count_as_often_as_they_were_seen(client: Any, minute: Minute) -> None:
    put(client, Values=[1.0, 2.0], Counts=[3.0, 1.0], Timestamp=minute(10))
    put(client, Values=[10.0], Timestamp=minute(10.5))
    [point] = points(client, minute, "SampleCount", "Sum", "Maximum")
    assert (point["SampleCount"], point["Sum"], point["Maximum"]) == (5, 15, 10)


def test_a_statistic_set_is_many_samples(client: Any, minute: Minute) -> None:
    given = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0}
    put(client, StatisticValues=given, Timestamp=minute(10))
    [point] = points(client, minute, "Average", "Maximum")
    assert (point["Average"], point["Maximum"]) == (2.5, 4)


def test_a_sample_without_a_time_is_of_now_and_without_a_unit_of_none(client: Any, minute: Minute) -> None:
    put(client, Value=1.0)
    [point] = points(client, minute, "Sum")
    assert (point["Timestamp"], point["Unit"]) == (minute(60), "None")


def test_samples_of_high_resolution_are_read_by_the_second(client: Any, minute: Minute) -> None:
    for second in range(60):
        put(client, Value=1.0, Timestamp=minute(50 + second / 60), StorageResolution=1)
    fine = points(client, minute, "Sum", Period=10, StartTime=minute(49), EndTime=minute(52))
    assert [point["Sum"] for point in fine] == [10.0] * 6
    assert [point["Sum"] for point in points(client, minute, "Sum")] == [60.0]


@pytest.mark.parametrize("protocol", ["query", "json", "smithy-rpc-v2-cbor"])
def test_a_large_body_comes_compressed(context: ApiContext, protocol: str) -> None:
    client = Api(context, [cloudwatch.FRONT_END]).client("cloudwatch", protocol)
    encodings: list[object] = []
    client.meta.events.register_first(
        "before-send", lambda request, **_: encodings.append(request.headers.get("Content-Encoding"))
    )
    data = [{"MetricName": f"{'m' * 200}{n}", "Value": float(n)} for n in range(500)]
    client.put_metric_data(Namespace="Shop", MetricData=data)
    assert encodings in ([b"gzip"], ["gzip"])
    listed = client.get_paginator("list_metrics").paginate(Namespace="Shop")
    assert sum(len(page["Metrics"]) for page in listed) == 500


async def test_a_page_of_many_metrics_is_made_while_others_are_served(
    context: ApiContext, minute: Minute
) -> None:
    at = int(minute(10).timestamp())
    metrics = [Metric(namespace="Shop", name=f"m{n:05}", dimensions=()) for n in range(5000)]
    await context.series.record(
        Sample(metric=metric, at=at, seconds=60, unit="None", summary=value(1)) for metric in metrics
    )
    call = Call(
        service="cloudwatch",
        operation="ListMetrics",
        parameters={},
        region="us-east-1",
        account="000000000000",
        access_key_id="key",
    )
    listing, turns = asyncio.ensure_future(list_metrics(context, call)), 0
    while not listing.done():
        await asyncio.sleep(0)
        turns += 1
    # On the loop itself it would end in the first.
    assert turns > 1
    assert [one["MetricName"] for one in listing.result()["Metrics"]] == [m.name for m in metrics[:500]]


@pytest.mark.parametrize("protocol", ["query", "json", "smithy-rpc-v2-cbor"])
def test_clients_of_every_age_are_served_alike(context: ApiContext, minute: Minute, protocol: str) -> None:
    """Query: boto3 before 1.42 and Terraform; CBOR: the newest SDKs of other languages."""
    client = Api(context, [cloudwatch.FRONT_END]).client("cloudwatch", protocol)
    put(client, Values=[1.0, 2.0], Counts=[3.0, 1.0], Timestamp=minute(10))
    [point] = points(client, minute, "Sum", ExtendedStatistics=["p50"])
    assert point["Sum"] == 5
    assert point["ExtendedStatistics"]["p50"] == pytest.approx(1, rel=0.01)
    assert client.list_metrics()["Metrics"][0]["MetricName"] == "Orders"
    with pytest.raises(client.exceptions.InvalidParameterValueException) as raised:
        client.put_metric_data(Namespace="AWS/ECS", MetricData=[{"MetricName": "m", "Value": 1.0}])
    assert raised.value.response["Error"]["Code"] == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("code", "text", "datum"),
    [
        ("MissingParameter", "MetricData.member.1.Value", {}),
        (
            "InvalidParameterCombination",
            "MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive",
            {"Value": 1.0, "Values": [1.0]},
        ),
        ("InvalidParameterCombination", "Counts", {"Value": 1.0, "Counts": [1.0]}),
        ("InvalidParameterValue", "same size", {"Values": [1.0], "Counts": [1.0, 2.0]}),
        ("InvalidParameterValue", "greater than 0", {"Values": [1.0], "Counts": [0.0]}),
        ("InvalidParameterValue", "1 to 150", {"Values": [float(n) for n in range(151)]}),
        ("InvalidParameterValue", "1 to 150", {"Values": []}),
        ("InvalidParameterValue", "invalid", {"Value": 2.0**361}),
        ("InvalidParameterValue", "StorageResolution", {"Value": 1.0, "StorageResolution": 30}),
        (
            "InvalidParameterValue",
            "SampleCount",
            {"StatisticValues": {"SampleCount": 0.0, "Sum": 0.0, "Minimum": 0.0, "Maximum": 0.0}},
        ),
        (
            "InvalidParameterValue",
            "Maximum",
            {"StatisticValues": {"SampleCount": 1.0, "Sum": 0.0, "Minimum": 1.0, "Maximum": 0.0}},
        ),
        (
            "InvalidParameterValue",
            "twice",
            {"Value": 1.0, "Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}]},
        ),
        ("ValidationError", "enum value set", {"Value": 1.0, "Unit": "Parsec"}),
    ],
)
def test_data_that_make_no_sense_are_refused(
    client: Any, refused: Refused, code: str, text: str, datum: dict[str, Any]
) -> None:
    with refused(code, text):
        put(client, **datum)
    assert client.list_metrics()["Metrics"] == []


def test_one_bad_datum_refuses_them_all(client: Any, refused: Refused) -> None:
    data = [{"MetricName": "a", "Value": 1.0}, {"MetricName": "b"}]
    with refused("MissingParameter", "MetricData.member.2"):
        client.put_metric_data(Namespace="Shop", MetricData=data)
    assert client.list_metrics()["Metrics"] == []


def test_times_are_within_two_weeks_and_two_hours(client: Any, refused: Refused, minute: Minute) -> None:
    with refused("InvalidParameterValue", "two weeks in the past"):
        put(client, Value=1.0, Timestamp=minute(59 - 14 * 1440))
    with refused("InvalidParameterValue", "two hours"):
        put(client, Value=1.0, Timestamp=minute(60 + 121))
    put(client, Value=1.0, Timestamp=minute(61 - 14 * 1440))
    put(client, Value=1.0, Timestamp=minute(60 + 119))


def test_what_is_not_data_is_refused(client: Any, refused: Refused) -> None:
    with refused("InvalidParameterValue", "Namespace"):
        client.put_metric_data(Namespace="AWS/ECS", MetricData=[{"MetricName": "a", "Value": 1.0}])
    with refused("MissingParameter", "MetricData is required"):
        client.put_metric_data(Namespace="Shop")
    with refused("InvalidParameterValue", "1000"):
        client.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "a", "Value": 1.0}] * 1001)
    with refused("InvalidParameterValue", "EntityMetricData"):
        client.put_metric_data(
            Namespace="Shop", EntityMetricData=[{"MetricData": [{"MetricName": "a", "Value": 1.0}]}]
        )


def test_metrics_of_the_installation_itself_are_read_like_any(
    client: Any, context: ApiContext, minute: Minute
) -> None:
    metric = Metric(namespace="AWS/ECS", name="CPUUtilization", dimensions=(("ClusterName", "c"),))
    sample = Sample(
        metric=metric, at=int(minute(10).timestamp()), seconds=60, unit="Percent", summary=value(50)
    )
    asyncio.run(context.series.record([sample]))
    [point] = points(
        client,
        minute,
        "Average",
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "ClusterName", "Value": "c"}],
    )
    assert (point["Average"], point["Unit"]) == (50, "Percent")


def test_many_values_at_once_are_as_few(client: Any, minute: Minute, refused: Refused) -> None:
    """So many are made samples of on a thread."""
    values = [float(number) for number in range(150)]
    data = [{"MetricName": f"Sizes{n}", "Values": values, "Timestamp": minute(10)} for n in range(10)]
    client.put_metric_data(Namespace="Shop", MetricData=data)
    listed = client.list_metrics(Namespace="Shop")["Metrics"]
    assert {one["MetricName"] for one in listed} == {f"Sizes{n}" for n in range(10)}
    data[9]["Values"] = [*values[1:], 1e200]
    with refused("InvalidParameterValue", "MetricData.member.10.Values"):
        client.put_metric_data(Namespace="Shop", MetricData=data)
