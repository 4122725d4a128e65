"""Why an alarm is in its state, in CloudWatch's words and in its JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tidegate.control.decisions.alarms.evaluation import Datapoint, Verdict, needed
from tidegate.control.decisions.alarms.window import Window
from tidegate.domain.cloudwatch import MetricAlarm
from tidegate.domain.cloudwatch.alarm import ALARM, INSUFFICIENT

_COMPARED = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
# A reason has room for so many datapoints, and its JSON too.
_SHOWN_MAX = 20
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def reason(alarm: MetricAlarm, verdict: Verdict) -> str:
    """The reason of a verdict that has a state."""
    if verdict.state == INSUFFICIENT:
        return f"Insufficient Data: {_were(alarm.evaluation_periods, 'datapoint')} unknown."
    if not verdict.considered:
        periods = _counted(verdict.filled, "period")
        return f"Threshold Crossed: no datapoints were received for {periods} and {_treated(verdict)}."
    is_alarm = verdict.state == ALARM
    shown = verdict.breaching if is_alarm else _good(verdict)
    crossed = f"{_compared(alarm, is_alarm)} the threshold ({java_double(alarm.threshold)})"
    if verdict.filled:
        points = shown or verdict.considered
        return (
            f"Threshold Crossed: {_counted(len(points), 'datapoint')} {_listed(points)} "
            f"{_verb(len(points))} {crossed} and {_treated(verdict)}."
        )
    required = needed(alarm) if is_alarm else alarm.evaluation_periods - needed(alarm) + 1
    change = "OK -> ALARM" if is_alarm else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {len(verdict.considered)} datapoints "
        f"{_listed(shown)} {_verb(len(shown))} {crossed} "
        f"(minimum {_counted(required, 'datapoint')} for {change} transition)."
    )


def reason_data(alarm: MetricAlarm, window: Window, spans: Sequence[Datapoint | None], now: datetime) -> str:
    """`stateReasonData`: what was looked at."""
    found = [point for point in spans if point is not None]
    shown = min(alarm.evaluation_periods, _SHOWN_MAX)
    document: dict[str, Any] = {"version": "1.0", "queryDate": json_time(now)}
    if found:
        document["startDate"] = json_time(_moment(found[-1].at))
    if alarm.stat is not None:
        document["statistic"] = alarm.stat.statistic
        if alarm.stat.unit is not None:
            document["unit"] = alarm.stat.unit
    document |= {
        "period": alarm.period,
        "recentDatapoints": [point.value for point in reversed(found[:shown])],
        "threshold": alarm.threshold,
        "evaluatedDatapoints": [
            _evaluated(at, point) for at, point in list(zip(window.spans(), spans, strict=True))[:shown]
        ],
    }
    return json.dumps(document, separators=(",", ":"))


def json_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def java_double(value: float) -> str:
    """A number as Java prints it: 1.0E7 from ten millions on."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(float(value))
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(str(digit) for digit in digits)
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{len(text) + exponent - 1}"


def _good(verdict: Verdict) -> tuple[Datapoint, ...]:
    return tuple(point for point in verdict.considered if point not in verdict.breaching)


def _evaluated(at: int, point: Datapoint | None) -> dict[str, Any]:
    document: dict[str, Any] = {"timestamp": json_time(_moment(at))}
    if point is not None:
        if point.samples is not None:
            document["sampleCount"] = point.samples
        document["value"] = point.value
    return document


def _listed(points: Sequence[Datapoint]) -> str:
    shown = [f"{java_double(point.value)} ({_moment(point.at):%d/%m/%y %H:%M:%S})" for point in points]
    return f"[{', '.join(shown[:_SHOWN_MAX])}]"


def _compared(alarm: MetricAlarm, is_alarm: bool) -> str:
    return ("" if is_alarm else "not ") + _COMPARED[alarm.comparison]


def _treated(verdict: Verdict) -> str:
    return f"{_were(verdict.filled, 'missing datapoint')} treated as [{_TREATED[verdict.treatment]}]"


def _were(count: int, noun: str) -> str:
    return f"{_counted(count, noun)} {_verb(count)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _verb(count: int) -> str:
    return "was" if count == 1 else "were"


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
