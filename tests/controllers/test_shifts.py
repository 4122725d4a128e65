"""Shifts over time: what balancers report moves a rule's weights on, or back, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.controllers.retention import Retention
from tidegate.control.controllers.shifts import Shifts
from tidegate.control.decisions.shifts import begin, linear, stopped
from tidegate.control.rule_weights import weights_of, write_shift, write_weights
from tidegate.control.store import Conflict, Transaction
from tidegate.control.store.series import SeriesStore
from tidegate.control.store.tables import LISTENERS, RULES, SHIFTS
from tidegate.domain.cloudwatch import Metric, Summary
from tidegate.domain.elbv2 import Rule, WeightedTargetGroup
from tidegate.domain.shift import IN_PROGRESS, ROLLED_BACK, STOPPED, SUCCEEDED, Shift, ShiftStep
from tidegate.testing.api import series_in_memory
from tidegate.testing.clock import FakeClock
from tidegate.testing.control import ControlHarness
from tidegate.testing.load_balancers import a_listener, a_rule, forward_to
from tidegate.testing.region.region import CrashingDatabase
from tidegate.testing.shifts import (
    NEW,
    OLD,
    STEPS,
    a_shift,
    errors_below,
    faster_than,
    report,
    weights,
)

GUARDS = (errors_below(0.01), faster_than(0.5))
# In each report of five seconds.
REQUESTS = 100


class Split(ControlHarness):
    """A listener that forwards to an old group, and a new one that a shift is to bring in."""

    def __init__(self, database: CrashingDatabase | None = None) -> None:
        self.series = series_in_memory(FakeClock())
        super().__init__(database, metrics=self.series)

    async def open(self, shift: Shift, rule: Rule | None = None) -> None:
        split = forward_to(OLD, NEW)
        assert split.forward is not None
        split = replace(split, forward=replace(split.forward, target_groups=weights(1, 0)))
        await self.put(LISTENERS, a_listener(80, split))
        if rule is not None:
            await self.put(RULES, replace(rule, actions=(split,)))
        row = replace(shift, weights=weights(1, 0))
        await self.write(lambda tx: write_shift(tx, begin(row, self.clock.now())))

    async def traffic(self, duration: float, requests: int = REQUESTS, /, **new: Any) -> None:
        """Both groups get requests, as their weights are; `new`: how the new group does."""
        for _ in range(round(duration / 5)):
            at, present = self.clock.now().timestamp(), self.weights
            await self.after(5)
            for group in present or ():
                share = group.weight / sum(one.weight for one in present or ())
                how = new if group.target_group_arn == NEW else {}
                await report(self.series, at, group.target_group_arn, round(requests * share), **how)

    @property
    def weights(self) -> tuple[WeightedTargetGroup, ...] | None:
        return weights_of(self.store.snapshot, self.shift().rule_arn)

    def shift(self) -> Shift:
        (row,) = self.store.snapshot.all(SHIFTS)
        return row

    def written(self) -> list[tuple[int, ...]]:
        """The weights of every commit that changed them, the first one being what the user made."""
        found: list[tuple[int, ...]] = []
        for changes in self.commits:
            for change in changes:
                if change.table is LISTENERS and change.new is not None:
                    groups = change.new.default_actions[0].forward.target_groups
                    found.append(tuple(group.weight for group in groups))
        return found


@pytest.fixture
def split() -> Split:
    return Split()


async def test_a_good_group_gets_everything_step_by_step(split: Split) -> None:
    await split.open(a_shift(*GUARDS))
    assert split.weights == weights(75, 25)
    await split.traffic(55)
    assert split.weights == weights(75, 25)
    await split.traffic(15)
    assert split.weights == weights(0, 100)
    assert split.shift().status == IN_PROGRESS
    await split.traffic(70)
    assert (split.shift().status, split.weights) == (SUCCEEDED, weights(0, 100))
    assert split.written() == [(1, 0), (75, 25), (0, 100)]


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"errors": 5}, "error rate 20 % in 25 requests (limit 1 %)"),
        ({"lost": 25}, "error rate 50 % in 50 requests (limit 1 %)"),
        ({"seconds": 0.8}, "p95 794 ms in 25 requests (limit 500 ms)"),
    ],
)
async def test_a_bad_group_loses_what_it_got_after_its_first_report(
    split: Split, how: dict[str, Any], text: str
) -> None:
    await split.open(a_shift(*GUARDS))
    await split.traffic(10, **how)
    shift = split.shift()
    assert (shift.status, split.weights) == (ROLLED_BACK, weights(1, 0))
    assert text in shift.reason
    assert split.written() == [(1, 0), (75, 25), (1, 0)]


async def test_a_shift_of_a_rule_writes_that_rule_alone(split: Split) -> None:
    rule = a_rule(1)
    await split.open(a_shift(*GUARDS, rule_arn=rule.arn), rule)
    await split.traffic(140)
    assert (split.shift().status, split.weights) == (SUCCEEDED, weights(0, 100))
    assert split.written() == [(1, 0)]


async def test_silence_is_waited_out_and_then_it_goes_back(split: Split) -> None:
    await split.open(a_shift(*GUARDS, patience_seconds=30))
    await split.after(85)
    assert split.weights == weights(75, 25)
    await split.after(6)
    assert (split.shift().status, split.weights) == (ROLLED_BACK, weights(1, 0))
    assert "not enough data" in split.shift().reason


async def test_a_good_beginning_does_not_speak_for_the_silence_after_it(split: Split) -> None:
    steps = (ShiftStep(percent=25, bake_seconds=180), ShiftStep(percent=100, bake_seconds=60))
    await split.open(a_shift(*GUARDS, steps=steps, patience_seconds=30))
    await split.traffic(100)
    await split.after(90)
    assert split.weights == weights(75, 25)
    await split.after(25)
    assert (split.shift().status, split.weights) == (ROLLED_BACK, weights(1, 0))
    assert "not enough data, requests have nearly ceased in the last 60 s" in split.shift().reason


async def test_silence_that_ends_is_waited_for(split: Split) -> None:
    steps = (ShiftStep(percent=25, bake_seconds=180), ShiftStep(percent=100, bake_seconds=60))
    await split.open(a_shift(*GUARDS, steps=steps))
    await split.traffic(100)
    await split.after(90)
    await split.traffic(40)
    assert split.weights == weights(0, 100)


async def test_a_trickle_of_requests_is_counted_over_the_whole_step(split: Split) -> None:
    """Four in each report are 48 in a minute, and 50 are needed."""
    await split.open(a_shift(*GUARDS))
    await split.traffic(60, 16)
    assert split.weights == weights(75, 25)
    await split.traffic(15, 16)
    assert split.weights == weights(0, 100)


async def test_nothing_is_written_while_nothing_happens(split: Split) -> None:
    await split.open(a_shift(*GUARDS, patience_seconds=3000))
    before = len(split.commits)
    await split.after(600)
    assert len(split.commits) == before


async def test_whoever_changes_the_weights_has_the_last_word(split: Split) -> None:
    await split.open(a_shift(*GUARDS))
    await split.traffic(30)
    await split.write(lambda tx: write_weights(tx, split.shift().rule_arn, weights(1, 1)))
    assert split.shift().status == STOPPED
    assert "somebody else changed the weights: 1/1 instead of 75/25" in split.shift().reason
    await split.traffic(200)
    assert split.weights == weights(1, 1)


async def test_a_rule_that_is_deleted_ends_its_shift(split: Split) -> None:
    rule = a_rule(1)
    await split.open(a_shift(rule_arn=rule.arn), rule)
    await split.write(lambda tx: tx.delete(RULES, rule.arn))
    assert (split.shift().status, split.shift().reason) == (STOPPED, "the rule is gone")


async def test_a_listener_that_is_deleted_ends_its_shift(split: Split) -> None:
    await split.open(a_shift())
    await split.write(lambda tx: tx.delete(LISTENERS, a_listener().arn))
    assert (split.shift().status, split.shift().reason) == (STOPPED, "the rule is gone")


async def test_a_shift_against_the_baseline_compares_the_last_step_with_the_time_before(split: Split) -> None:
    """At 100 % the old group has no requests of its own to compare with."""
    guard = faster_than(0.5, is_relative=True)
    await split.open(a_shift(guard))
    await split.traffic(70)
    assert split.weights == weights(0, 100)
    await split.traffic(70)
    assert split.shift().status == SUCCEEDED


async def test_what_a_baseline_saw_long_ago_does_not_excuse_a_slow_group_now(split: Split) -> None:
    await split.open(a_shift(faster_than(0.5, is_relative=True)))
    await split.traffic(70)
    await split.traffic(15, seconds=0.2)
    assert (split.shift().status, split.weights) == (ROLLED_BACK, weights(1, 0))


class Interrupted:
    """Metrics that are read while something else happens."""

    def __init__(self, series: SeriesStore, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._series = series
        self._meanwhile = meanwhile

    async def summaries(self, metric: Metric, **asked: Any) -> Mapping[int, Summary]:
        await self._meanwhile()
        return await self._series.summaries(metric, **asked)

    async def statistics(self, metric: Metric, **asked: Any) -> Mapping[int, float]:
        return await self._series.statistics(metric, **asked)


async def test_a_look_that_the_user_overtook_is_dropped(split: Split) -> None:
    await split.open(a_shift(*GUARDS))
    await split.traffic(55)
    now = split.clock.now()

    def stop(tx: Transaction) -> None:
        row = tx.get(SHIFTS, "shift-1")
        assert row is not None
        if row.is_open:
            write_shift(tx, stopped(row, weights_of(tx, row.rule_arn), now, rolls_back=True))

    metrics = Interrupted(split.series, lambda: split.store.transact(stop))
    split.clock.advance(10)
    with pytest.raises(Conflict):
        await Shifts(split.context, metrics).reconcile("shift-1")
    assert (split.shift().status, split.weights) == (ROLLED_BACK, weights(1, 0))
    await split.traffic(100)
    assert split.weights == weights(1, 0)


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("crash_in", range(5))
async def test_control_killed_in_any_commit_applies_no_step_twice_and_loses_none(
    crash_in: int, is_kept: bool
) -> None:
    """It dies with the Nth commit, which is on disk or is not; the next one goes on from there."""
    database = CrashingDatabase()
    split = Split(database)
    await split.open(a_shift(*GUARDS, steps=linear(0, 25, 20, 100)))
    database.crash_in, database.is_kept = crash_in, is_kept
    deaths = 0
    for _ in range(26):
        await split.traffic(5, 400)
        if database.is_down:
            deaths += 1
            database.is_down, database.crash_in = False, None
            split.restart()
    assert deaths == (1 if crash_in < 4 else 0)
    assert (split.shift().status, split.weights) == (SUCCEEDED, weights(0, 100))
    # A commit that was on disk and not acknowledged is nobody's news; no weights come twice.
    found = split.written()
    assert sorted(set(found), key=found.index) == found
    begun = [event.text.split(":")[0] for event in split.shift().events]
    assert begun == ["step 1 of 4", "step 2 of 4", "step 3 of 4", "step 4 of 4", "done"]


@pytest.mark.parametrize("dies_at", range(5, 140, 30))
async def test_a_restart_at_any_time_changes_nothing(dies_at: int) -> None:
    split = Split()
    await split.open(a_shift(*GUARDS, steps=STEPS))
    for seconds in range(0, 140, 5):
        if seconds == dies_at:
            split.restart()
        await split.traffic(5)
    assert split.shift().status == SUCCEEDED
    assert split.written() == [(1, 0), (75, 25), (0, 100)]


async def test_a_shift_is_forgotten_six_weeks_after_its_end(split: Split) -> None:
    await split.open(a_shift())
    await split.write(lambda tx: tx.delete(LISTENERS, a_listener().arn))
    split.clock.advance(6 * 7 * 86_400)
    retention = Retention(split.context)
    await retention.reconcile("region")
    assert split.shift().status == STOPPED
    split.clock.advance(2)
    await retention.reconcile("region")
    assert list(split.store.snapshot.all(SHIFTS)) == []
