"""Where an alarm looks, and when it looks again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.decisions.alarms import next_evaluation, window_of
from tidegate.domain.cloudwatch import AlarmActions, MetricStat
from tidegate.testing.alarms import ORDERS, an_alarm
from tidegate.testing.clock import EPOCH

NOW = int(EPOCH.timestamp())
POLICY = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p"


def an_alarm_of(period: int, periods: int = 3, *actions: str):  # type: ignore[no-untyped-def]
    stat = MetricStat(metric=ORDERS, period=period, statistic="Sum")
    return an_alarm(stat=stat, evaluation_periods=periods, actions=AlarmActions(on_alarm=actions))


@pytest.mark.parametrize(
    ("period", "after", "end", "next_"),
    [
        (60, 310, 300, 370),
        (60, 309.9, 240, 310),
        (60, 369.9, 300, 370),
        # Five minutes that end with the last minute: they slide.
        (300, 310, 300, 370),
        (3600, 310, 300, 370),
        (10, 12, 10, 22),
        (10, 11.5, 0, 12),
        (30, 95, 90, 122),
    ],
)
def test_the_range_ends_with_the_last_span_whose_samples_are_all_there(
    period: int, after: float, end: int, next_: float
) -> None:
    now = EPOCH + timedelta(seconds=after)
    window = window_of(an_alarm_of(period), now)
    assert window.end - NOW == end
    assert list(window.spans()) == [NOW + end - period * n for n in range(1, 6)]
    # In its turn among all alarms, which is within a sixth of the step.
    turn = next_evaluation(an_alarm_of(period), now) - (EPOCH + timedelta(seconds=next_))
    assert timedelta(0) <= turn < timedelta(seconds=min(period, 60) / 6)


def test_only_the_alarms_of_scaling_policies_are_faster() -> None:
    now = EPOCH + timedelta(seconds=600)
    assert window_of(an_alarm_of(60, 3, POLICY), now, scaling_speed=12).period == 5
    assert window_of(an_alarm_of(60), now, scaling_speed=12).period == 60
    assert next_evaluation(an_alarm_of(60, 3, POLICY), now, 12) - now <= timedelta(seconds=5)


def test_alarms_take_turns_and_each_keeps_its_own() -> None:
    names = [f"alarm-{number}" for number in range(600)]
    turns = [next_evaluation(replace(an_alarm_of(60), name=name), EPOCH) for name in names]
    assert turns == [next_evaluation(replace(an_alarm_of(60), name=name), EPOCH) for name in names]
    seconds = Counter(turn.second for turn in turns)
    assert set(seconds) == set(range(10, 20))
    # 600 in ten seconds: no second has much more than its share.
    assert max(seconds.values()) < 90


def test_an_evaluation_is_never_due_before_now() -> None:
    for tenth in range(1200):
        now = EPOCH + timedelta(seconds=tenth / 10)
        assert next_evaluation(an_alarm_of(60), now) > now
        assert next_evaluation(an_alarm_of(10), now) > now
