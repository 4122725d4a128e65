"""The state that an alarm's evaluation range puts it in. See the package."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.cloudwatch import MetricAlarm
from tidegate.domain.cloudwatch.alarm import ALARM, INSUFFICIENT, OK

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")

_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")
# So many samples must be beyond a percentile for it to mean something.
_SAMPLES_BEYOND = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Datapoint:
    """`at`: where its span begins (Unix seconds). `samples`: how many values it sums up, where known."""

    at: int
    value: float
    samples: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`state` None: the alarm stays as it is. `considered`: the datapoints that decided, newest first;
    `filled`: so many missing ones were treated as `treatment` says."""

    state: str | None
    considered: tuple[Datapoint, ...] = ()
    breaching: tuple[Datapoint, ...] = ()
    filled: int = 0
    treatment: str = "missing"


def evaluate(alarm: MetricAlarm, spans: Sequence[Datapoint | None]) -> Verdict:
    """`spans`: the evaluation range, newest first; None where nothing was seen."""
    wanted = alarm.evaluation_periods
    found = [point for point in spans if point is not None]
    considered = tuple(found[:wanted])
    breaching = tuple(point for point in considered if is_breaching(alarm, point))
    treatment = alarm.treat_missing or "missing"
    filled = max(0, wanted - len(found))
    if _is_too_little(alarm, considered):
        state: str | None = None
    elif len(breaching) >= needed(alarm):
        state, filled = ALARM, 0
    elif not filled:
        state = OK
    else:
        state = _with_missing(alarm, spans, considered, breaching, treatment)
        filled = filled if treatment in ("breaching", "notBreaching") or not considered else 0
    return Verdict(
        state=state, considered=considered, breaching=breaching, filled=filled, treatment=treatment
    )


def needed(alarm: MetricAlarm) -> int:
    """How many datapoints must breach."""
    return alarm.datapoints_to_alarm or alarm.evaluation_periods


def is_breaching(alarm: MetricAlarm, point: Datapoint) -> bool:
    return COMPARISONS[alarm.comparison](point.value, alarm.threshold)


def _with_missing(
    alarm: MetricAlarm,
    spans: Sequence[Datapoint | None],
    considered: Sequence[Datapoint],
    breaching: Sequence[Datapoint],
    treatment: str,
) -> str | None:
    """The state where datapoints are missing, and those that are there do not decide by themselves."""
    missing = alarm.evaluation_periods - len(considered)
    if treatment == "notBreaching":
        return OK
    if treatment == "breaching":
        return ALARM if len(breaching) + missing >= needed(alarm) else OK
    if not considered:
        return INSUFFICIENT if treatment == "missing" else None
    if len(breaching) < len(considered):
        return OK
    # All that is there breaches, and it is too little. `- - - - X` may be the beginning of `X 0`: it goes on
    # as it was. But with `- - X - -` and three to alarm, nothing good came since for long enough.
    oldest = max(age for age, point in enumerate(spans, start=1) if point is not None)
    return ALARM if treatment == "missing" and oldest >= needed(alarm) else None


def _is_too_little(alarm: MetricAlarm, considered: Sequence[Datapoint]) -> bool:
    """Whether a percentile is of so few samples that the alarm is to ignore it."""
    if alarm.low_samples != "ignore" or alarm.stat is None or not considered:
        return False
    found = _PERCENTILE.fullmatch(alarm.stat.statistic)
    if found is None:
        return False
    share = float(found[1]) / 100
    rarer = min(share, 1 - share)
    samples_min = _SAMPLES_BEYOND / rarer if rarer > 0 else float("inf")
    # A little less than the bound is the arithmetic's fault: 10 / (1 - 0.9) is 100.00000000000001.
    return any((point.samples or 0) < samples_min - 1e-6 for point in considered)
