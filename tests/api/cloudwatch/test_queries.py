"""GetMetricData: many metrics, expressions over them, labels and pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tidegate.control.api import cloudwatch
from tidegate.control.api.context import ApiContext
from tidegate.testing.api import Api

from .conftest import Refused

Minute = Callable[[float], datetime]
Ask = Callable[..., list[dict[str, Any]]]


def stat(id_: str, name: str, statistic: str = "Sum", period: int = 60, **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "Shop", "MetricName": name}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}, **more}


@pytest.fixture(autouse=True)
def counts(client: Any, minute: Minute) -> None:
    for number in range(6):
        data = [
            {"MetricName": "Requests", "Timestamp": minute(number), "Value": 100.0},
            {"MetricName": "Errors", "Timestamp": minute(number), "Value": float(number)},
        ]
        client.put_metric_data(Namespace="Shop", MetricData=data[: 1 if number == 3 else 2])


@pytest.fixture
def ask(client: Any, minute: Minute) -> Ask:
    def ask(*queries: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        asked = {
            "MetricDataQueries": list(queries),
            "StartTime": minute(0),
            "EndTime": minute(6),
            "ScanBy": "TimestampAscending",
        }
        found: list[dict[str, Any]] = client.get_metric_data(**(asked | more))["MetricDataResults"]
        return found

    return ask


def test_a_metric_is_answered_in_the_order_of_the_scan(ask: Ask, minute: Minute) -> None:
    [found] = ask(stat("m1", "Errors"))
    assert found["Values"] == [0, 1, 2, 4, 5]
    assert found["Timestamps"] == [minute(n) for n in (0, 1, 2, 4, 5)]
    assert (found["Id"], found["Label"], found["StatusCode"]) == ("m1", "Errors", "Complete")
    [newest_first] = ask(stat("m1", "Errors"), ScanBy="TimestampDescending")
    assert newest_first["Values"] == [5, 4, 2, 1, 0]


def test_an_expression_has_a_point_where_its_metrics_have(ask: Ask) -> None:
    [found] = ask(
        stat("e", "Errors", ReturnData=False),
        stat("r", "Requests", ReturnData=False),
        {"Id": "rate", "Expression": "100 * e / r"},
    )
    assert (found["Id"], found["Label"], found["Values"]) == ("rate", "rate", [0, 1, 2, 4, 5])


def test_expressions_name_each_other_and_arrays_give_several_results(ask: Ask) -> None:
    found = ask(
        stat("e", "Errors", ReturnData=False),
        {"Id": "filled", "Expression": "FILL(e, 0)", "ReturnData": False},
        {"Id": "all", "Expression": "[filled, -filled]"},
    )
    assert [one["Values"] for one in found] == [[0, 1, 2, 0, 4, 5], [0, -1, -2, 0, -4, -5]]
    assert {one["Id"] for one in found} == {"all"}


def test_longer_periods_and_percentiles_are_of_all_samples(ask: Ask) -> None:
    [total, middle] = ask(stat("s", "Errors", period=180), stat("p", "Errors", "p50", period=360))
    assert total["Values"] == [3, 9]
    assert middle["Values"] == [pytest.approx(2, rel=0.02)]


def test_labels_say_what_they_are_asked_to(ask: Ask) -> None:
    label = "${PROP('MetricName')} ${PROP('Stat')}: ${MAX} of ${LABEL}, ${UNKNOWN}"
    [found] = ask(stat("m", "Errors", Label=label))
    assert found["Label"] == "Errors Sum: 5 of Errors, ${UNKNOWN}"


@pytest.mark.parametrize("protocol", ["query", "smithy-rpc-v2-cbor"])
def test_clients_of_other_ages_read_the_same(context: ApiContext, minute: Minute, protocol: str) -> None:
    client = Api(context, [cloudwatch.FRONT_END]).client("cloudwatch", protocol)
    queries = [stat("m", "Errors", "p50"), {"Id": "e", "Expression": "m * 2"}, stat("n", "Nothing")]
    answer = client.get_metric_data(
        MetricDataQueries=queries, StartTime=minute(1), EndTime=minute(3), ScanBy="TimestampAscending"
    )
    assert [found["Values"] for found in answer["MetricDataResults"]] == [[1, 2], [2, 4], []]
    assert answer["MetricDataResults"][0]["Timestamps"] == [minute(1), minute(2)]


def test_a_metric_that_nobody_has_seen_has_no_points(ask: Ask) -> None:
    [found] = ask(stat("m", "Nothing"))
    assert (found["Values"], found["Timestamps"], found["StatusCode"]) == ([], [], "Complete")


def test_pages_have_so_many_points_together(client: Any, minute: Minute, refused: Refused) -> None:
    asked: dict[str, Any] = {
        "MetricDataQueries": [stat("r", "Requests"), stat("n", "Nothing"), stat("e", "Errors")],
        "StartTime": minute(0),
        "EndTime": minute(6),
        "MaxDatapoints": 4,
    }
    pages = [client.get_metric_data(**asked)]
    while "NextToken" in pages[-1]:
        pages.append(client.get_metric_data(**asked, NextToken=pages[-1]["NextToken"]))
    sizes = [[len(found["Values"]) for found in page["MetricDataResults"]] for page in pages]
    assert sizes == [[4, 0], [2, 2], [3]]
    assert pages[0]["MetricDataResults"][0]["StatusCode"] == "PartialData"
    errors = [
        value for page in pages for f in page["MetricDataResults"] if f["Id"] == "e" for value in f["Values"]
    ]
    assert errors == [5, 4, 2, 1, 0]
    with refused("InvalidNextToken"):
        client.get_metric_data(**asked | {"EndTime": minute(7)}, NextToken=pages[0]["NextToken"])


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Undefined variable 'm2'", [stat("m1", "Errors"), {"Id": "e1", "Expression": "m1 + m2"}]),
        ("not matching the expected pattern", [stat("M1", "Errors")]),
        ("not unique", [stat("m1", "Errors"), stat("m1", "Requests")]),
        ("mutually exclusive", [{"Id": "m1"}]),
        ("mutually exclusive", [stat("m1", "Errors", Expression="1")]),
        ("must return data", [stat("m1", "Errors", ReturnData=False)]),
        ("Circular", [{"Id": "a", "Expression": "ABS(b)"}, {"Id": "b", "Expression": "ABS(a)"}]),
        (
            r"Tidegate does not serve the function SEARCH\.$",
            [{"Id": "a", "Expression": "SEARCH('x', 'Sum', 60)"}],
        ),
        ("Unexpected", [{"Id": "a", "Expression": "SELECT AVG(x) FROM y"}]),
        ("Unknown function 'NOISE'", [stat("m1", "Errors"), {"Id": "a", "Expression": "NOISE(m1)"}]),
        ("must be a Time Series", [{"Id": "a", "Expression": "1 + 1"}]),
        ("p200", [stat("m1", "Errors", "p200")]),
        ("AccountId", [stat("m1", "Errors", AccountId="1")]),
    ],
)
def test_queries_that_make_no_sense_are_refused(
    ask: Ask, refused: Refused, text: str, queries: list[dict[str, Any]]
) -> None:
    with refused("ValidationError", text):
        ask(*queries)


def test_long_expressions_are_bounded_and_evaluated(ask: Ask, refused: Refused, minute: Minute) -> None:
    filled = {"Id": "f", "Expression": "FILL(m, 1)"}
    [found] = ask(stat("m", "Errors", ReturnData=False), filled, StartTime=minute(-10_000))
    assert len(found["Values"]) == 10_006
    with refused("ValidationError", "more than 500,000 data points"):
        ask(stat("m", "Errors"), filled, StartTime=minute(-600_000))


def test_limits_are_checked(ask: Ask, refused: Refused, minute: Minute) -> None:
    with refused("ValidationError", "MaxDatapoints"):
        ask(stat("m", "Errors"), MaxDatapoints=0)
    with refused("InvalidParameterValue", "StartTime must be less than"):
        ask(stat("m", "Errors"), EndTime=minute(0))
    with refused("ValidationError", "1 to 500"):
        ask(*[stat(f"m{n}", "Errors") for n in range(501)])
    with refused("InvalidParameterValue", "LabelOptions"):
        ask(stat("m", "Errors"), LabelOptions={"Timezone": "+0100"})
