"""Metric alarms: load an alarm's evaluation range, evaluate, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from tidegate.control.alarm_records import write_transition
from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.alarms import (
    Datapoint,
    Transition,
    Verdict,
    Window,
    evaluate,
    next_evaluation,
    transition,
    window_of,
)
from tidegate.control.decisions.alarms.texts import reason, reason_data
from tidegate.control.decisions.metric_maths import MathsError
from tidegate.control.metric_reading import FullPeriods, read_queries
from tidegate.control.metrics import MetricSource
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import METRIC_ALARMS
from tidegate.domain.cloudwatch import AlarmDatapoint, MetricAlarm, MetricQuery, MetricStat, statistic
from tidegate.domain.cloudwatch.alarm import ALARM

_log = structlog.get_logger(__name__)


class Alarms:
    """Keyed by alarm."""

    name = "alarms"

    def __init__(self, context: ControlContext, metrics: MetricSource) -> None:
        self._context = context
        self._metrics = metrics

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        """New and changed ones. A state that was set holds until the next evaluation, as in CloudWatch."""
        for change in changes:
            if isinstance(change.new, MetricAlarm) and (
                change.old is None or change.old.configured_at != change.new.configured_at
            ):
                yield change.new.name

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.name for row in snapshot.all(METRIC_ALARMS)]

    async def reconcile(self, key: str) -> datetime | None:
        context, now = self._context, self._context.clock.now()
        alarm = context.store.snapshot.get(METRIC_ALARMS, key)
        if alarm is None:
            return None
        window = window_of(alarm, now, context.scaling_speed)
        try:
            spans = await self._spans(alarm, window)
        except MathsError as error:
            after = _failed(alarm, str(error))
        else:
            after = self._decided(alarm, window, spans, evaluate(alarm, spans), now)
        if after is not None:
            await context.store.transact(lambda tx: self._commit(tx, alarm, after, now))
        return next_evaluation(alarm, now, context.scaling_speed)

    def _commit(self, tx: Transaction, alarm: MetricAlarm, after: Transition, now: datetime) -> None:
        # Whatever it became meanwhile, deleted too, it was not evaluated as that.
        tx.expect(METRIC_ALARMS, alarm.name, alarm)
        write_transition(tx, after, self._context.ids, now)
        if after.alarm.state.value != alarm.state.value:
            state = after.alarm.state
            _log.info(
                "alarm", alarm=alarm.name, state=state.value, was=alarm.state.value, reason=state.reason
            )

    def _decided(
        self,
        alarm: MetricAlarm,
        window: Window,
        spans: Sequence[Datapoint | None],
        verdict: Verdict,
        now: datetime,
    ) -> Transition | None:
        """What to commit; None: nothing."""
        renewed = replace(alarm, evaluation_state=None, newest=_newest(alarm, verdict))
        if verdict.state is None or verdict.state == alarm.state.value:
            return Transition(alarm=renewed, history=()) if renewed != alarm else None
        return transition(
            renewed,
            value=verdict.state,
            reason=reason(alarm, verdict),
            data=reason_data(alarm, window, spans, now),
            now=now,
            account=self._context.settings.account,
            region=self._context.settings.region,
        )

    async def _spans(self, alarm: MetricAlarm, window: Window) -> list[Datapoint | None]:
        """The evaluation range, newest first."""
        source = self._metrics
        if window.period != alarm.period:
            source = FullPeriods(source, alarm.period / window.period)
        if alarm.stat is not None:
            found = await self._of_metric(source, alarm.stat, window)
        else:
            found = await self._of_expression(source, alarm, window)
        return [found.get(at) for at in window.spans()]

    async def _of_metric(
        self, source: MetricSource, stat: MetricStat, window: Window
    ) -> dict[int, Datapoint]:
        seen = await source.summaries(
            stat.metric, begin=window.begin, end=window.end, period=window.period, unit=stat.unit
        )
        values = {at: statistic(summary, stat.statistic) for at, summary in seen.items()}
        return {
            at: Datapoint(at=at, value=value, samples=seen[at].count)
            for at, value in values.items()
            if value is not None
        }

    async def _of_expression(
        self, source: MetricSource, alarm: MetricAlarm, window: Window
    ) -> dict[int, Datapoint]:
        queries = [_at_speed(query, window.period / alarm.period) for query in alarm.queries]
        found = await read_queries(source, queries, begin=window.begin, end=window.end)
        series = [one for several in found.values() for one in several]
        if len(series) != 1:
            raise MathsError(f"the expression has {len(series)} time series, and an alarm is on one")
        return {at: Datapoint(at=at, value=value) for at, value in series[0].points.items()}


def _at_speed(query: MetricQuery, factor: float) -> MetricQuery:
    """The periods of scaling's alarms are shortened; of all others the factor is 1."""
    if factor == 1:
        return query
    stat = query.stat and replace(query.stat, period=max(1, round(query.stat.period * factor)))
    return replace(query, stat=stat, period=query.period and max(1, round(query.period * factor)))


def _newest(alarm: MetricAlarm, verdict: Verdict) -> AlarmDatapoint | None:
    """What scaling acts upon while the alarm is in ALARM; otherwise it would be a commit for nobody."""
    state = verdict.state or alarm.state.value
    if state != ALARM or not verdict.considered:
        return None
    newest = verdict.considered[0]
    highest = max(point.value for point in verdict.considered)
    return AlarmDatapoint(at=datetime.fromtimestamp(newest.at, UTC), value=newest.value, highest=highest)


def _failed(alarm: MetricAlarm, error: str) -> Transition | None:
    """An expression that cannot be evaluated leaves the alarm where it is."""
    after = replace(alarm, evaluation_state="EVALUATION_ERROR", state=replace(alarm.state, reason=error))
    return Transition(alarm=after, history=()) if after != alarm else None
