"""A simulated day for each kind of policy: the curve follows the documented algorithm, within the bounds,
and nothing flaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise

import pytest

from tidegate.domain.scaling import ScalingPolicy
from tidegate.testing.clock import EPOCH
from tidegate.testing.scaling import a_scalable_target, a_step_policy, a_tracking_policy, an_action
from tidegate.testing.scaling_day import Alarm, Day, Load, Move, tracking_alarms

MINIMUM, MAXIMUM, TARGET = 2, 20, 60.0
COOLDOWN = timedelta(seconds=300)


def office_hours(minute: float) -> float:
    """Quiet at night, busiest at two in the afternoon."""
    return 40 + 860 * max(0.0, math.sin((minute - 360) / 960 * math.pi))


def steps(minute: float) -> float:
    return 600 if 240 <= minute < 720 else 90


def spike(minute: float) -> float:
    return 3000 if 600 <= minute < 605 else 100


def oscillating(minute: float) -> float:
    """Up and down every ten minutes, across the target of four tasks."""
    return 240 + 120 * math.sin(minute / 10 * 2 * math.pi)


LOADS = [office_hours, steps, spike, oscillating]


@cache
def tracked(load: Load, policy: ScalingPolicy | None = None) -> Day:
    policy = policy or a_tracking_policy(target=TARGET)
    return Day(
        load=load,
        target=a_scalable_target(MINIMUM, MAXIMUM),
        policies=[policy],
        alarms=tracking_alarms(policy),
        desired=MINIMUM,
    ).run()


def by_policies(moves: Sequence[Move]) -> list[Move]:
    return [move for move in moves if move.cause.startswith("monitor alarm")]


def assert_within_bounds(day: Day) -> None:
    assert all(MINIMUM <= desired <= MAXIMUM for _, desired, _, _ in day.curve)


def assert_scale_in_waits(day: Day) -> None:
    """No scale-in within the cooldown of the one before it, and none before its tasks are gone."""
    for first, second in pairwise(by_policies(day.moves)):
        if first.after < first.before and second.after < second.before:
            assert second.at - first.at >= COOLDOWN


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.__name__)
def test_target_tracking_follows_the_documented_algorithm(load: Load) -> None:
    day = tracked(load)
    assert_within_bounds(day)
    assert_scale_in_waits(day)
    for move in by_policies(day.moves):
        proportional = math.ceil(move.running * move.metric / TARGET - 1e-9)
        if move.after > move.before:
            # Within a cooldown the count starts from where the scale-out before it started.
            assert move.after <= min(MAXIMUM, max(move.running + 1, proportional))
            assert move.metric > TARGET
        else:
            # The highest of the fifteen datapoints counts, which is the newest one or more.
            assert move.after >= max(MINIMUM, proportional)
            assert move.metric < TARGET * 0.9


def test_the_first_scale_out_of_a_step_is_the_proportional_one() -> None:
    day = tracked(steps)
    first = day.moves[0]
    assert (first.before, first.running, first.metric, first.after) == (2, 2, 300, 10)
    # The alarm wants three minutes beyond the target.
    assert first.at == EPOCH + timedelta(minutes=243)
    assert [move.after for move in day.moves] == [10, 2]
    assert day.moves[1].at == EPOCH + timedelta(minutes=720 + 15)


def test_nothing_flaps() -> None:
    """A scale-in comes a quarter of an hour after a scale-out at the earliest, and load that swings faster
    than that leaves the count where its peaks need it."""
    for load in LOADS:
        for first, second in pairwise(tracked(load).moves):
            if first.after > first.before and second.after < second.before:
                assert second.at - first.at >= timedelta(minutes=15)
    day = tracked(oscillating)
    assert all(move.after > move.before for move in day.moves)
    assert len(day.moves) <= 3


def test_every_activity_ends_successful_unless_a_newer_one_overrides_it() -> None:
    day = tracked(office_hours)
    assert {one.status_code for one in day.activities.values() if one.desired_count} <= {
        "Successful",
        "Overridden",
    }
    assert sum(1 for one in day.activities.values() if one.status_code == "Successful") > 10


def test_the_metric_is_at_its_target_but_for_the_time_that_alarms_and_tasks_take() -> None:
    day = tracked(office_hours)
    beyond = [minute for minute, _, _, metric in day.curve if metric > TARGET * 1.1]
    assert len(beyond) < 0.02 * len(day.curve)
    assert day.curve[-1][1] == MINIMUM


def test_with_scale_in_disabled_the_count_only_grows() -> None:
    day = tracked(office_hours, a_tracking_policy(target=TARGET, disable_scale_in=True))
    assert all(move.after > move.before for move in day.moves)
    assert day.desired == max(desired for _, desired, _, _ in day.curve)


def test_step_scaling_climbs_and_descends_by_its_steps() -> None:
    out = a_step_policy("out", (0, 20, 1), (20, 60, 2), (60, None, 4), cooldown=60)
    back = a_step_policy("back", (None, 0, -1), cooldown=300)
    alarms = [
        Alarm(name="high", policy="out", threshold=60, is_high=True, datapoints=1),
        Alarm(name="low", policy="back", threshold=30, is_high=False, datapoints=5),
    ]
    for load in LOADS:
        day = Day(
            load=load,
            target=a_scalable_target(MINIMUM, MAXIMUM),
            policies=[out, back],
            alarms=alarms,
            desired=MINIMUM,
        ).run()
        assert_within_bounds(day)
        assert_scale_in_waits(day)
        assert day.moves
        assert all(-1 <= move.after - move.before <= 4 for move in day.moves)
        assert day.desired <= 8


def test_schedules_set_the_bounds_by_the_clocks_of_their_zone() -> None:
    morning = an_action(
        "morning",
        "cron(0 8 ? * * *)",
        timezone="Europe/Berlin",
        min_capacity=8,
        max_capacity=20,
        next_at=EPOCH + timedelta(hours=7),
    )
    evening = an_action(
        "evening",
        "cron(0 18 ? * * *)",
        timezone="Europe/Berlin",
        min_capacity=2,
        max_capacity=4,
        next_at=EPOCH + timedelta(hours=17),
    )
    day = Day(load=lambda _: 0, target=a_scalable_target(2, 20), actions=[morning, evening], desired=2).run(
        36 * 60
    )
    assert [((move.at - EPOCH).total_seconds() / 3600, move.after) for move in day.moves] == [
        (7, 8),
        (17, 4),
        (31, 8),
    ]
