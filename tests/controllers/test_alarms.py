"""Alarms over time: what goes in as metrics comes out as states, history and notifications."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.controllers.driver import JOBS_MAX
from tidegate.control.controllers.notifications import ATTEMPTS_MAX
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    COMPOSITE_ALARMS,
    METRIC_ALARMS,
    PENDING_NOTIFICATIONS,
)
from tidegate.control.webhooks import WebhookFailedError
from tidegate.domain.cloudwatch import (
    AlarmActions,
    CompositeAlarm,
    MetricAlarm,
    MetricQuery,
    MetricStat,
    PendingNotification,
    Sample,
    initial_state,
    value,
)
from tidegate.testing.alarms import ORDERS, a_composite, an_alarm
from tidegate.testing.api import series_in_memory
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.control import ControlHarness
from tidegate.testing.region.region import CrashingDatabase

POLICY = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p"
URL = "http://hooks.test/alarm"


class Listener:
    """A URL's other end. `deaf`: so many notifications are not heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.deaf = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def post(self, url: str, body: bytes, notification_id: str) -> None:  # noqa: ARG002
        await self.answers.wait()
        if self.deaf:
            self.deaf -= 1
            raise WebhookFailedError("connection refused")
        self.heard.append((url, json.loads(body)))


class Watched(ControlHarness):
    """A region with metrics, and alarms on them."""

    def __init__(self, database: CrashingDatabase | None = None, **context: Any) -> None:
        self.series = series_in_memory(FakeClock())
        self.listener = Listener()
        super().__init__(database, metrics=self.series, webhooks=self.listener, **context)

    async def after(self, seconds: float) -> None:
        """In steps of five seconds, which is fine enough for minutes."""
        while seconds > 0:
            self.clock.advance(min(5, seconds))
            await self.driver.settle()
            seconds -= 5

    async def past(self) -> None:
        """Three minutes with an order each are behind us."""
        begin = int(EPOCH.timestamp())
        for at in (begin - 180, begin - 120, begin - 60):
            sample = Sample(metric=ORDERS, at=at, seconds=60, unit="Count", summary=value(1))
            await self.series.record([sample])

    async def orders(self, *counts: float | None, seconds: int = 60) -> None:
        """Minutes (or so many seconds each) with these orders, one after the other."""
        for count in counts:
            at = int(self.clock.now().timestamp())
            if count is not None:
                sample = Sample(metric=ORDERS, at=at, seconds=seconds, unit="Count", summary=value(count))
                await self.series.record([sample])
            await self.after(seconds)

    def alarm(self) -> MetricAlarm:
        row = self.store.snapshot.get(METRIC_ALARMS, "many-orders")
        assert row is not None
        return row

    def composite(self) -> CompositeAlarm:
        row = self.store.snapshot.get(COMPOSITE_ALARMS, "trouble")
        assert row is not None
        return row

    def history(self, type_: str = "StateUpdate") -> list[str]:
        rows = sorted(self.store.snapshot.all(ALARM_HISTORY), key=lambda row: (row.at, row.number))
        return [row.summary for row in rows if row.type == type_]


@pytest.fixture
async def watched() -> Watched:
    found = Watched()
    await found.past()
    return found


async def test_an_alarm_goes_off_and_comes_back() -> None:
    watched = Watched()
    await watched.put(METRIC_ALARMS, an_alarm(state=initial_state(EPOCH)))
    assert watched.alarm().state.value == "INSUFFICIENT_DATA"
    await watched.orders(1, 1, 1)
    await watched.after(15)
    assert watched.alarm().state.value == "OK"
    await watched.after(45)
    await watched.orders(20, 20, 20)
    await watched.after(15)
    state = watched.alarm().state
    assert state.value == "ALARM"
    assert state.reason.startswith("Threshold Crossed: 3 out of the last 3 datapoints [20.0 (")
    assert json.loads(state.data or "")["recentDatapoints"] == [20, 20, 20]
    await watched.after(45)
    await watched.orders(1)
    await watched.after(15)
    assert watched.alarm().state.value == "OK"
    assert watched.history() == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]


async def test_a_metric_that_falls_silent_is_insufficient_when_the_range_is_empty(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm())
    await watched.orders(1, 1, 1)
    await watched.after(4 * 60)
    assert watched.alarm().state.value == "OK"
    await watched.after(75)
    assert watched.alarm().state.value == "INSUFFICIENT_DATA"
    assert watched.alarm().state.reason == "Insufficient Data: 3 datapoints were unknown."


async def test_late_points_count_when_they_come(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm())
    begin = int(watched.clock.now().timestamp())
    await watched.orders(20, None, 20)
    await watched.after(15)
    assert watched.alarm().state.value == "OK"
    late = Sample(metric=ORDERS, at=begin + 60, seconds=60, unit="Count", summary=value(20))
    await watched.series.record([late])
    await watched.after(60)
    assert watched.alarm().state.value == "ALARM"


@pytest.mark.parametrize("seconds", [-7200, 7200])
async def test_a_clock_that_is_corrected_by_hours_delays_no_evaluation(
    watched: Watched, seconds: float
) -> None:
    await watched.put(METRIC_ALARMS, an_alarm())
    await watched.orders(20, 20, 20, 20)
    assert watched.alarm().state.value == "ALARM"
    watched.clock.correct(seconds)
    await watched.orders(1, 1, 1, 1)
    assert watched.alarm().state.value == "OK"
    await watched.orders(20, 20, 20, 20)
    assert watched.alarm().state.value == "ALARM"


async def test_an_evaluation_that_changes_nothing_commits_nothing(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm())
    await watched.orders(1, 1, 1, 1)
    await watched.after(20)
    commits = len(watched.commits)
    await watched.orders(1, 1, 1)
    assert len(watched.commits) == commits


async def test_while_in_alarm_the_newest_datapoint_is_kept_for_scaling(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm(actions=AlarmActions(on_alarm=(POLICY,))))
    await watched.orders(20, 20, 30)
    await watched.after(15)
    newest = watched.alarm().newest
    assert newest is not None
    assert (newest.value, (newest.at - EPOCH).total_seconds()) == (30, 120)
    await watched.after(45)
    await watched.orders(40)
    await watched.after(15)
    assert (found := watched.alarm().newest) is not None
    assert found.value == 40
    [row] = watched.store.snapshot.by(METRIC_ALARMS, "action", POLICY)
    assert row.state.value == "ALARM"
    assert watched.history("Action") == [f"Successfully executed action {POLICY}"]


async def test_scalings_alarms_may_be_faster() -> None:
    watched = Watched(scaling_speed=12.0)
    await watched.past()
    await watched.put(METRIC_ALARMS, an_alarm(actions=AlarmActions(on_alarm=(POLICY,))))
    await watched.orders(20, 20, 20, seconds=5)
    await watched.after(3)
    assert watched.alarm().state.value == "ALARM"
    assert watched.alarm().period == 60


async def test_what_is_counted_in_a_shortened_period_counts_for_the_whole_one() -> None:
    """One order in five seconds is twelve in a minute, of a metric and in an expression alike."""
    stat = MetricStat(metric=ORDERS, period=60, statistic="Sum")
    queries = (
        MetricQuery(id="m", stat=stat, returns_data=False),
        MetricQuery(id="e", expression="m * 2"),
    )
    for more, expected in (({}, 12.0), ({"stat": None, "queries": queries}, 24.0)):
        watched = Watched(scaling_speed=12.0)
        alarm = an_alarm(actions=AlarmActions(on_alarm=(POLICY,)), threshold=11, **more)
        await watched.put(METRIC_ALARMS, alarm)
        await watched.orders(1, 1, 1, seconds=5)
        await watched.after(3)
        assert (newest := watched.alarm().newest) is not None
        assert newest.value == pytest.approx(expected)


async def test_an_alarm_on_an_expression(watched: Watched) -> None:
    stat = MetricStat(metric=ORDERS, period=60, statistic="Sum")
    queries = (
        MetricQuery(id="m", stat=stat, returns_data=False),
        MetricQuery(id="e", expression="FILL(m, 0) * 2"),
    )
    alarm = an_alarm(stat=None, queries=queries, comparison="LessThanThreshold", threshold=1)
    await watched.put(METRIC_ALARMS, alarm)
    await watched.orders(5, 5, 5, 5, 5)
    await watched.after(15)
    assert watched.alarm().state.value == "OK"
    await watched.after(3 * 60)
    assert watched.alarm().state.value == "ALARM"


async def test_an_expression_without_a_value_leaves_the_state_and_says_so(watched: Watched) -> None:
    queries = (MetricQuery(id="e", expression="TIME_SERIES(1 / 0)"),)
    await watched.put(METRIC_ALARMS, an_alarm(stat=None, queries=queries))
    row = watched.alarm()
    assert (row.state.value, row.evaluation_state) == ("OK", "EVALUATION_ERROR")
    assert "not a number" in row.state.reason
    commits = len(watched.commits)
    await watched.after(180)
    assert len(watched.commits) == commits


async def test_an_alarm_that_is_deleted_is_not_evaluated_any_more(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm())
    await watched.write(lambda tx: tx.delete(METRIC_ALARMS, "many-orders"))
    await watched.orders(20, 20, 20, 20)
    assert watched.store.snapshot.get(METRIC_ALARMS, "many-orders") is None
    assert watched.history() == []


async def test_a_url_is_told_once_of_each_transition(watched: Watched) -> None:
    await watched.put(METRIC_ALARMS, an_alarm(actions=AlarmActions(on_alarm=(URL, URL), on_ok=(URL,))))
    await watched.orders(20, 20, 20, 20, 1, 1)
    told = [(url, body["OldStateValue"], body["NewStateValue"]) for url, body in watched.listener.heard]
    assert told == [(URL, "OK", "ALARM"), (URL, "ALARM", "OK")]
    assert watched.history("Action") == [f"Successfully executed action {URL}"] * 2
    assert list(watched.store.snapshot.all(PENDING_NOTIFICATIONS)) == []


async def test_disabled_actions_are_not_executed(watched: Watched) -> None:
    actions = AlarmActions(on_alarm=(URL, POLICY), is_enabled=False)
    await watched.put(METRIC_ALARMS, an_alarm(actions=actions))
    await watched.orders(20, 20, 20, 20)
    assert watched.alarm().state.value == "ALARM"
    assert watched.listener.heard == []
    assert watched.history("Action") == []


async def test_a_url_that_does_not_hear_is_told_again_and_given_up_at_last(watched: Watched) -> None:
    watched.listener.deaf = 3
    await watched.put(METRIC_ALARMS, an_alarm(actions=AlarmActions(on_alarm=(URL,), on_ok=(URL,))))
    await watched.orders(20, 20, 20, 20)
    assert len(watched.listener.heard) == 1
    watched.listener.deaf = ATTEMPTS_MAX
    await watched.orders(1, 1, 1, 1, 1, 1)
    assert watched.history("Action") == [
        f"Successfully executed action {URL}",
        f"Failed to execute action {URL}",
    ]
    assert list(watched.store.snapshot.all(PENDING_NOTIFICATIONS)) == []


async def test_a_url_is_told_although_the_clock_was_set_back_meanwhile(watched: Watched) -> None:
    watched.listener.deaf = ATTEMPTS_MAX
    await watched.put(METRIC_ALARMS, an_alarm(actions=AlarmActions(on_alarm=(URL,))))
    await watched.orders(20, 20, 20)
    while not list(watched.store.snapshot.all(PENDING_NOTIFICATIONS)):
        await watched.after(5)
    watched.clock.correct(-7200)
    watched.listener.deaf = 0
    watched.restart()
    await watched.after(5)
    assert len(watched.listener.heard) == 1


async def test_urls_that_do_not_answer_leave_the_other_controllers_their_passes(watched: Watched) -> None:
    watched.listener.answers.clear()
    untold = [
        PendingNotification(
            id=str(number),
            alarm_name="many-orders",
            alarm_type="MetricAlarm",
            url=URL,
            body="{}",
            changed_at=EPOCH,
            next_at=EPOCH,
        )
        for number in range(2 * JOBS_MAX)
    ]
    await watched.store.transact(lambda tx: [tx.put(PENDING_NOTIFICATIONS, row) for row in untold])
    driving = asyncio.create_task(watched.driver.settle())
    await watched.store.transact(lambda tx: tx.put(COMPOSITE_ALARMS, a_composite("TRUE")))
    for _ in range(10_000):
        if watched.composite().state.value == "ALARM":
            break
        await asyncio.sleep(0)
    assert watched.composite().state.value == "ALARM"
    watched.listener.answers.set()
    await driving
    await watched.after(60)
    assert list(watched.store.snapshot.all(PENDING_NOTIFICATIONS)) == []
    assert len(watched.listener.heard) == len(untold)


async def test_a_composite_alarm_follows_its_rule(watched: Watched) -> None:
    other = an_alarm(name="other", treat_missing="notBreaching", stat=replace(_stat(), statistic="Maximum"))
    await watched.put(METRIC_ALARMS, an_alarm())
    await watched.put(METRIC_ALARMS, replace(other, threshold=1000.0))
    rule = f'ALARM("many-orders") AND NOT ALARM({other.arn.replace("many-orders", "other")})'
    await watched.put(COMPOSITE_ALARMS, a_composite(rule, actions=AlarmActions(on_alarm=(URL,))))
    await watched.orders(20, 20, 20, 20)
    state = watched.composite().state
    assert state.value == "ALARM"
    assert "alarm:many-orders transitioned to ALARM at Thursday 01 January, 2026 00:03:15 UTC" in state.reason
    assert [body["AlarmName"] for _, body in watched.listener.heard] == ["trouble"]
    await watched.write(lambda tx: tx.delete(METRIC_ALARMS, "many-orders"))
    assert watched.composite().state.value == "OK"


def _stat() -> MetricStat:
    return MetricStat(metric=ORDERS, period=60, statistic="Sum")


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("crash_in", range(6))
async def test_control_killed_in_any_commit_loses_and_doubles_nothing(crash_in: int, is_kept: bool) -> None:
    """It dies with the Nth commit, which is on disk or is not; the next one goes on from there."""
    database = CrashingDatabase()
    watched = Watched(database)
    await watched.past()
    actions = AlarmActions(on_alarm=(URL, POLICY), on_ok=(URL,))
    await watched.put(METRIC_ALARMS, an_alarm(actions=actions))
    database.crash_in, database.is_kept = crash_in, is_kept
    deaths = 0
    for count in (20, 20, 20, 20, 20, 1, 1, 1, 1, 1):
        await watched.orders(count)
        if database.is_down:
            deaths += 1
            database.is_down, database.crash_in = False, None
            watched.restart()
    await watched.after(70)
    assert deaths == 1
    assert watched.history() == ["Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK"]
    assert sorted(watched.history("Action")) == [
        f"Successfully executed action {POLICY}",
        f"Successfully executed action {URL}",
        f"Successfully executed action {URL}",
    ]
    ids = {(body["OldStateValue"], body["NewStateValue"]) for _, body in watched.listener.heard}
    assert ids == {("OK", "ALARM"), ("ALARM", "OK")}
