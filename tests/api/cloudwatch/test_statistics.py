"""GetMetricStatistics and ListMetrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tidegate.testing.clock import FakeClock

from .conftest import Refused

Minute = Callable[[float], datetime]


@pytest.fixture
def ask(client: Any, minute: Minute) -> Callable[..., list[dict[str, Any]]]:
    def ask(**more: Any) -> list[dict[str, Any]]:
        asked = {
            "Namespace": "Shop",
            "MetricName": "Latency",
            "StartTime": minute(0),
            "EndTime": minute(60),
            "Period": 60,
        }
        found: list[dict[str, Any]] = client.get_metric_statistics(**(asked | more))["Datapoints"]
        return found

    return ask


@pytest.fixture(autouse=True)
def latencies(client: Any, minute: Minute) -> None:
    for number in range(10):
        values = [float(100 * number + n) for n in range(1, 101)]
        datum = {
            "MetricName": "Latency",
            "Timestamp": minute(number),
            "Values": values,
            "Unit": "Milliseconds",
        }
        client.put_metric_data(Namespace="Shop", MetricData=[datum])


def test_points_are_those_of_the_spans_that_begin_at_the_start(ask: Any, minute: Minute) -> None:
    found = ask(Statistics=["Maximum"], StartTime=minute(2), EndTime=minute(8), Period=180)
    assert [(p["Timestamp"], p["Maximum"]) for p in found] == [(minute(2), 500), (minute(5), 800)]


def test_extended_statistics_know_how_values_are_spread(ask: Any, minute: Minute) -> None:
    names = ["p0", "p50", "p99", "p100", "tm90", "tc90", "PR(0:50)", "IQM"]
    [point] = ask(ExtendedStatistics=names, EndTime=minute(1))
    found = point["ExtendedStatistics"]
    assert found["p50"] == pytest.approx(50, rel=0.02)
    assert found["p99"] == pytest.approx(99, rel=0.02)
    assert (found["p0"], found["p100"], found["tc90"], found["PR(0:50)"]) == (1, 100, 90, 50)
    assert found["tm90"] == pytest.approx(45.5, rel=0.01)
    assert found["IQM"] == pytest.approx(50.5, rel=0.01)


def test_percentiles_of_statistic_sets_are_left_out(client: Any, ask: Any, minute: Minute) -> None:
    given = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 4.0}
    datum = {"MetricName": "Set", "Timestamp": minute(1), "StatisticValues": given}
    client.put_metric_data(Namespace="Shop", MetricData=[datum])
    [point] = ask(MetricName="Set", ExtendedStatistics=["p50"])
    assert "ExtendedStatistics" not in point


def test_units_are_told_apart(client: Any, ask: Any, minute: Minute) -> None:
    datum = {"MetricName": "Latency", "Timestamp": minute(1), "Value": 1.0, "Unit": "Seconds"}
    client.put_metric_data(Namespace="Shop", MetricData=[datum])
    assert len(ask(Statistics=["Sum"])) == 11
    assert [p["Unit"] for p in ask(Statistics=["Sum"], Unit="Seconds")] == ["Seconds"]
    assert ask(Statistics=["Sum"], Unit="Bytes") == []


def test_other_dimensions_are_another_metric(ask: Any) -> None:
    assert ask(Statistics=["Sum"], Dimensions=[{"Name": "Zone", "Value": "a"}]) == []


@pytest.mark.parametrize(
    ("code", "text", "asked"),
    [
        ("MissingParameter", "At least one", {}),
        ("InvalidParameterValue", "Period", {"Period": 90}),
        ("InvalidParameterValue", "p101", {"ExtendedStatistics": ["p101"]}),
        ("InvalidParameterValue", "Median", {"ExtendedStatistics": ["Median"]}),
        ("ValidationError", "enum", {"Statistics": ["Median"]}),
    ],
)
def test_what_makes_no_sense_is_refused(
    ask: Any, refused: Refused, code: str, text: str, asked: dict[str, Any]
) -> None:
    with refused(code, text):
        ask(**({"Statistics": ["Sum"]} if asked.keys() == {"Period"} else {}) | asked)


def test_times_must_be_in_order_and_points_not_too_many(ask: Any, refused: Refused, minute: Minute) -> None:
    with refused("InvalidParameterValue", "StartTime must be less than"):
        ask(Statistics=["Sum"], EndTime=minute(0))
    with refused("InvalidParameterCombination", "up to 1,500 datapoints, which exceeds the limit of 1,440"):
        ask(Statistics=["Sum"], StartTime=minute(-1440))


def test_metrics_are_listed_by_name_and_dimensions(client: Any) -> None:
    for zone in ("a", "b"):
        dimensions = [{"Name": "Zone", "Value": zone}, {"Name": "Host", "Value": "h"}]
        datum = {"MetricName": "Load", "Dimensions": dimensions, "Value": 1.0}
        client.put_metric_data(Namespace="Other", MetricData=[datum])

    def names(**asked: Any) -> list[str]:
        return [metric["MetricName"] for metric in client.list_metrics(**asked)["Metrics"]]

    assert names() == ["Load", "Load", "Latency"]
    assert names(Namespace="Shop") == ["Latency"]
    assert names(MetricName="Load", Dimensions=[{"Name": "Zone"}]) == ["Load", "Load"]
    assert names(Dimensions=[{"Name": "Zone", "Value": "b"}]) == ["Load"]
    assert names(Dimensions=[{"Name": "Zone", "Value": "c"}]) == []
    [metric] = client.list_metrics(Dimensions=[{"Name": "Zone", "Value": "b"}])["Metrics"]
    assert metric == {
        "Namespace": "Other",
        "MetricName": "Load",
        "Dimensions": [{"Name": "Host", "Value": "h"}, {"Name": "Zone", "Value": "b"}],
    }


def test_metrics_of_which_nothing_came_for_two_weeks_are_not_listed(client: Any, clock: FakeClock) -> None:
    clock.advance(2 * 3600)
    assert len(client.list_metrics(RecentlyActive="PT3H")["Metrics"]) == 1
    clock.advance(2 * 3600)
    assert client.list_metrics(RecentlyActive="PT3H")["Metrics"] == []
    assert len(client.list_metrics()["Metrics"]) == 1
    clock.advance(14 * 86_400)
    assert client.list_metrics()["Metrics"] == []


def test_long_lists_come_in_pages(client: Any, refused: Refused) -> None:
    data = [{"MetricName": f"m{n}", "Value": 1.0} for n in range(1000)]
    client.put_metric_data(Namespace="Many", MetricData=data)
    first = client.list_metrics(Namespace="Many")
    rest = client.list_metrics(Namespace="Many", NextToken=first["NextToken"])
    assert len({m["MetricName"] for m in first["Metrics"] + rest["Metrics"]}) == 1000
    assert "NextToken" not in rest
    with refused("InvalidNextToken"):
        client.list_metrics(Namespace="Many", NextToken="nonsense")
