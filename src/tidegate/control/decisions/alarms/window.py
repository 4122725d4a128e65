"""The spans that an alarm looks at, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from tidegate.domain.cloudwatch import MetricAlarm

# Periods beyond the evaluation periods, so that datapoints which are late or missing are made up for.
EXTRA_PERIODS = 2
# The youngest samples of a minute come in some seconds after its end; of finer spans it is less.
_DELAY_SECONDS = 10.0
_FINE_DELAY_SECONDS = 2.0
# Alarms take turns in this part of the time between two evaluations: thousands that are evaluated in the same
# instant would hold everything else up.
_SPREAD_PART = 1 / 6
_SCALING_ARN = ":scalingPolicy:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`count` spans of `period` seconds that end at `end` (Unix seconds)."""

    end: int
    period: int
    count: int

    @property
    def begin(self) -> int:
        return self.end - self.period * self.count

    def spans(self) -> range:
        """Where the spans begin, the newest first."""
        return range(self.end - self.period, self.begin - 1, -self.period)


def window_of(alarm: MetricAlarm, now: datetime, scaling_speed: float = 1.0) -> Window:
    """The evaluation range. Periods of minutes slide by the minute, as CloudWatch's do. `scaling_speed`: how
    many times shorter the periods of scaling policies' alarms are."""
    period = _period(alarm, scaling_speed)
    at = int(now.timestamp() - _delay(period))
    return Window(
        end=at - at % min(period, 60), period=period, count=alarm.evaluation_periods + EXTRA_PERIODS
    )


def next_evaluation(alarm: MetricAlarm, now: datetime, scaling_speed: float = 1.0) -> datetime:
    """When the range will have moved, and it is this alarm's turn."""
    window = window_of(alarm, now, scaling_speed)
    step = min(window.period, 60)
    delay = _delay(window.period) + step * _SPREAD_PART * _place(alarm)
    return datetime.fromtimestamp(window.end + step, UTC) + timedelta(seconds=delay)


def _place(alarm: MetricAlarm) -> float:
    """From 0 to 1, the same for an alarm every time, and another for nearly every other."""
    return crc32(alarm.name.encode()) / 2**32


def _period(alarm: MetricAlarm, scaling_speed: float) -> int:
    is_of_scaling = any(_SCALING_ARN in action for action in alarm.actions.all)
    return max(1, round(alarm.period / scaling_speed)) if is_of_scaling else alarm.period


def _delay(period: int) -> float:
    return _DELAY_SECONDS if period >= 60 else _FINE_DELAY_SECONDS
