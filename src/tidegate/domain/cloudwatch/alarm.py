"""Alarms on metrics and on other alarms, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.cloudwatch.query import MetricQuery, MetricStat
from tidegate.domain.tags import Tags

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
STATES = (OK, ALARM, INSUFFICIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDatapoint:
    """`at`: where its span begins. `highest`: of it and the others that the alarm was evaluated with; None
    where nothing is known of them."""

    at: datetime
    value: float
    highest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmState:
    """`data`: the reason as JSON, where there is more to say. `updated_at`: of this reason, `changed_at`: of
    this value."""

    value: str
    reason: str
    data: str | None = None
    updated_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmActions:
    """What is to be done on a transition into each state: ARNs of scaling policies, or URLs."""

    on_ok: tuple[str, ...] = ()
    on_alarm: tuple[str, ...] = ()
    on_insufficient: tuple[str, ...] = ()
    is_enabled: bool = True

    def of(self, state: str) -> tuple[str, ...]:
        return {OK: self.on_ok, ALARM: self.on_alarm, INSUFFICIENT: self.on_insufficient}[state]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.on_ok, *self.on_alarm, *self.on_insufficient)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAlarm:
    """An alarm on one metric (`stat`) or on the one of `queries` that returns data.

    `treat_missing` and `low_samples` are as given, None where not. `newest`: while in ALARM, the newest
    datapoint that it was evaluated with. `evaluation_state`: why it cannot be evaluated, in CloudWatch's
    words. Scaling reads rows in ALARM by the index of their actions; it looks again when a row changes.
    """

    name: str
    arn: str
    description: str | None = None
    configured_at: datetime
    actions: AlarmActions
    state: AlarmState
    stat: MetricStat | None = None
    queries: tuple[MetricQuery, ...] = ()
    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int | None = None
    treat_missing: str | None = None
    low_samples: str | None = None
    newest: AlarmDatapoint | None = None
    evaluation_state: str | None = None
    tags: Tags = field(default_factory=dict[str, str])

    @property
    def period(self) -> int:
        """Seconds of a datapoint."""
        if self.stat is not None:
            return self.stat.period
        periods = [query.stat.period for query in self.queries if query.stat is not None]
        return max([*periods, *(query.period for query in self.queries if query.period)], default=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeAlarm:
    """An alarm whose `rule` speaks of other alarms' states."""

    name: str
    arn: str
    description: str | None = None
    configured_at: datetime
    actions: AlarmActions
    state: AlarmState
    rule: str
    tags: Tags = field(default_factory=dict[str, str])


Alarm = MetricAlarm | CompositeAlarm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmHistoryItem:
    """`number`: the items of an installation are numbered, so that those of one instant are in order. `data`
    is JSON."""

    id: str
    number: int
    alarm_name: str
    alarm_type: str
    at: datetime
    type: str
    summary: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingNotification:
    """A transition that a URL is still to be told of; written with the transition, deleted with what history
    says of it. `body` is JSON. `attempts`: so many have failed."""

    id: str
    alarm_name: str
    alarm_type: str
    url: str
    body: str
    changed_at: datetime
    attempts: int = 0
    next_at: datetime


def alarm_type(alarm: Alarm) -> str:
    """In CloudWatch's words."""
    return "MetricAlarm" if isinstance(alarm, MetricAlarm) else "CompositeAlarm"


def initial_state(now: datetime) -> AlarmState:
    """Of an alarm that was never evaluated."""
    return AlarmState(
        value=INSUFFICIENT, reason="Unchecked: Initial alarm creation", updated_at=now, changed_at=now
    )
