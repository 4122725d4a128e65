"""A day of one scalable service in memory: a load that comes and goes, tasks that take a while to start,
a metric that is the load's share of each task, alarms on it, and the real decision."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tidegate.control.decisions.scaling import (
    AlarmView,
    Datapoint,
    PolicyView,
    ScalingPlan,
    ScalingSnapshot,
    plan,
)
from tidegate.control.decisions.scaling.snapshot import ServiceView
from tidegate.control.decisions.scaling.tracking import LOW_PART
from tidegate.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction
from tidegate.domain.time import time_zone
from tidegate.testing.clock import EPOCH

# The load at a minute of the day, in the unit of the metric: one task would show all of it.
Load = Callable[[float], float]

LOOK_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """In ALARM when so many datapoints in a row are beyond the threshold."""

    name: str
    policy: str
    threshold: float
    is_high: bool
    datapoints: int

    def is_alarm(self, values: Sequence[float]) -> bool:
        newest = values[-self.datapoints :]
        beyond = [v > self.threshold if self.is_high else v < self.threshold for v in newest]
        return len(newest) == self.datapoints and all(beyond)


def tracking_alarms(policy: ScalingPolicy) -> list[Alarm]:
    """The alarms that AWS makes for a target tracking policy."""
    assert policy.tracking is not None
    target = policy.tracking.target_value
    sides = ((target, True, 3), (target * LOW_PART, False, 15))
    return [
        Alarm(name=alarm.name, policy=policy.name, threshold=limit, is_high=high, datapoints=count)
        for alarm, (limit, high, count) in zip(policy.alarms, sides, strict=False)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of the desired count. `running`, `metric`: what the decision saw."""

    at: datetime
    before: int
    after: int
    running: int
    metric: float
    cause: str


@dataclass(slots=True)
class Day:
    """Runs from the epoch on. `curve`: desired, running and metric at each minute."""

    load: Load
    target: ScalableTarget
    policies: Sequence[ScalingPolicy] = ()
    alarms: Sequence[Alarm] = ()
    actions: Sequence[ScheduledAction] = ()
    desired: int = 1
    start_seconds: int = 30
    now: datetime = EPOCH
    moves: list[Move] = field(default_factory=list)
    curve: list[tuple[float, int, int, float]] = field(default_factory=list)
    activities: dict[int, ScalingActivity] = field(default_factory=dict)
    _running: int = 0
    _starting: list[datetime] = field(default_factory=list)
    _values: list[float] = field(default_factory=list)
    _seen: list[float] = field(default_factory=list)

    def run(self, minutes: int = 24 * 60) -> Day:
        self._running = self.desired
        for _ in range(minutes * 60 // LOOK_SECONDS):
            self._live()
            made = plan(self._snapshot(), self.now)
            self._commit(made)
            self.now += timedelta(seconds=LOOK_SECONDS)
        return self

    @property
    def minute(self) -> float:
        return (self.now - EPOCH).total_seconds() / 60

    def _live(self) -> None:
        """Tasks start and stop as they are told; a minute's metric is the mean of what was seen in it."""
        ready = [at for at in self._starting if at <= self.now]
        self._starting = [at for at in self._starting if at > self.now]
        self._running = min(self.desired, self._running + len(ready))
        missing = self.desired - self._running - len(self._starting)
        self._starting += [self.now + timedelta(seconds=self.start_seconds)] * max(0, missing)
        del self._starting[max(0, self.desired - self._running) :]
        if self.minute == int(self.minute) and self._seen:
            self._values.append(math.fsum(self._seen) / len(self._seen))
            self._seen = []
            self.curve.append((self.minute, self.desired, self._running, self._values[-1]))
        if self._running:
            self._seen.append(self.load(self.minute) / self._running)

    def _snapshot(self) -> ScalingSnapshot:
        views = []
        for policy in self.policies:
            alarms = tuple(
                AlarmView(name=alarm.name, threshold=alarm.threshold, newest=self._newest(alarm))
                for alarm in self.alarms
                if alarm.policy == policy.name and alarm.is_alarm(self._values)
            )
            views.append(PolicyView(policy=policy, alarms=alarms))
        return ScalingSnapshot(
            target=self.target,
            service=ServiceView(desired=self.desired, running=self._running),
            zone_of=lambda name: time_zone(name) or UTC,
            policies=views,
            actions=self.actions,
            open_activities=[one for one in self.activities.values() if one.ended_at is None],
        )

    def _newest(self, alarm: Alarm) -> Datapoint:
        at = self.now.replace(second=0, microsecond=0)
        return Datapoint(at=at, value=self._values[-1], highest=max(self._values[-alarm.datapoints :]))

    def _commit(self, made: ScalingPlan) -> None:
        assert made.desired is not None
        if made.desired != self.desired:
            cause = next(one.cause for one in made.activities if one.desired_count == made.desired)
            self.moves.append(
                Move(
                    at=self.now,
                    before=self.desired,
                    after=made.desired,
                    running=self._running,
                    metric=self._values[-1] if self._values else 0.0,
                    cause=cause,
                )
            )
        changed = {policy.arn: policy for policy in made.policies}
        actions = {action.arn: action for action in made.actions}
        self.target, self.desired = made.target, made.desired
        self.policies = [changed.get(policy.arn, policy) for policy in self.policies]
        self.actions = [actions.get(action.arn, action) for action in self.actions]
        for activity in made.activities:
            self.activities[activity.number] = replace(activity, id=str(activity.number))
