"""Reasons as CloudWatch words them, and their JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tidegate.control.decisions.alarms import Datapoint, Window, evaluate
from tidegate.control.decisions.alarms.texts import java_double, reason, reason_data
from tidegate.domain.cloudwatch import MetricAlarm, MetricStat
from tidegate.testing.alarms import ORDERS, an_alarm
from tidegate.testing.clock import EPOCH

NOW = int(EPOCH.timestamp())
WINDOW = Window(end=NOW + 300, period=60, count=5)


def points(*values: float | None) -> list[Datapoint | None]:
    """Newest first, of the window."""
    return [
        None if value is None else Datapoint(at=at, value=value, samples=2)
        for at, value in zip(WINDOW.spans(), values, strict=True)
    ]


def told(alarm: MetricAlarm, *values: float | None) -> str:
    return reason(alarm, evaluate(alarm, points(*values)))


def test_an_alarm_says_which_datapoints_breached() -> None:
    assert told(an_alarm(), 20, 30.5, 12, 1, 1) == (
        "Threshold Crossed: 3 out of the last 3 datapoints "
        "[20.0 (01/01/26 00:04:00), 30.5 (01/01/26 00:03:00), 12.0 (01/01/26 00:02:00)] "
        "were greater than the threshold (10.0) "
        "(minimum 3 datapoints for OK -> ALARM transition)."
    )


def test_one_of_one_is_singular() -> None:
    alarm = an_alarm(evaluation_periods=1, comparison="LessThanOrEqualToThreshold")
    assert told(alarm, 7, None, None, None, None) == (
        "Threshold Crossed: 1 out of the last 1 datapoints [7.0 (01/01/26 00:04:00)] "
        "was less than or equal to the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_ok_says_which_datapoints_were_good_and_how_many_it_takes() -> None:
    alarm = an_alarm(datapoints_to_alarm=2)
    assert told(alarm, 20, 5, 6, 1, 1) == (
        "Threshold Crossed: 2 out of the last 3 datapoints "
        "[5.0 (01/01/26 00:03:00), 6.0 (01/01/26 00:02:00)] "
        "were not greater than the threshold (10.0) (minimum 2 datapoints for ALARM -> OK transition)."
    )


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (None, "Insufficient Data: 3 datapoints were unknown."),
        (
            "breaching",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints "
            "were treated as [Breaching].",
        ),
        (
            "notBreaching",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints "
            "were treated as [NonBreaching].",
        ),
    ],
)
def test_without_data_it_says_how_that_is_treated(treatment: str | None, expected: str) -> None:
    assert told(an_alarm(treat_missing=treatment), None, None, None, None, None) == expected


def test_what_is_filled_in_is_said() -> None:
    alarm = an_alarm(treat_missing="breaching")
    assert told(alarm, None, None, 20, None, None) == (
        "Threshold Crossed: 1 datapoint [20.0 (01/01/26 00:02:00)] was greater than the threshold (10.0) and "
        "2 missing datapoints were treated as [Breaching]."
    )


def test_the_data_are_those_of_the_evaluation() -> None:
    alarm = an_alarm(stat=MetricStat(metric=ORDERS, period=60, statistic="Average", unit="Percent"))
    now = EPOCH + timedelta(seconds=310, milliseconds=7)
    assert json.loads(reason_data(alarm, WINDOW, points(20, None, 12, 1, 3), now)) == {
        "version": "1.0",
        "queryDate": "2026-01-01T00:05:10.007+0000",
        "startDate": "2026-01-01T00:00:00.000+0000",
        "statistic": "Average",
        "unit": "Percent",
        "period": 60,
        "recentDatapoints": [1.0, 12.0, 20.0],
        "threshold": 10.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-01-01T00:04:00.000+0000", "sampleCount": 2, "value": 20.0},
            {"timestamp": "2026-01-01T00:03:00.000+0000"},
            {"timestamp": "2026-01-01T00:02:00.000+0000", "sampleCount": 2, "value": 12.0},
        ],
    }


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0.0"),
        (50, "50.0"),
        (-1.5, "-1.5"),
        (0.001, "0.001"),
        (0.00025, "2.5E-4"),
        (9999999, "9999999.0"),
        (10_000_000, "1.0E7"),
        (-123456789.5, "-1.234567895E8"),
        (1e300, "1.0E300"),
    ],
)
def test_numbers_are_written_as_java_does(number: float, text: str) -> None:
    assert java_double(number) == text


def test_a_reason_and_its_data_have_room_for_the_newest_of_many_datapoints() -> None:
    window = Window(end=NOW + 60 * 202, period=60, count=202)
    spans: list[Datapoint | None] = [
        Datapoint(at=at, value=123456.789, samples=1000) for at in window.spans()
    ]
    alarm = an_alarm(evaluation_periods=200)
    text = reason(alarm, evaluate(alarm, spans))
    assert text.startswith("Threshold Crossed: 200 out of the last 200 datapoints [")
    assert text.endswith("(minimum 200 datapoints for OK -> ALARM transition).")
    data = reason_data(alarm, window, spans, EPOCH)
    assert len(text) <= 1023
    assert len(data) <= 4000
    assert len(json.loads(data)["evaluatedDatapoints"]) == 20
