"""The scaling controller: what it commits together, and what a control that is cut off leaves behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tidegate.control.decisions.services.deployments import succeeded_by
from tidegate.control.store import DatabaseLostError, StoreFailedError, Transaction
from tidegate.control.store.tables import (
    METRIC_ALARMS,
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SERVICES,
)
from tidegate.domain.cloudwatch import (
    AlarmActions,
    AlarmDatapoint,
    AlarmState,
    Metric,
    MetricAlarm,
    Sample,
    value,
)
from tidegate.domain.ecs import Service
from tidegate.domain.scaling import ScalingActivity
from tidegate.testing.alarms import an_alarm
from tidegate.testing.api import series_in_memory
from tidegate.testing.builders import CLUSTER, a_deployment, a_service
from tidegate.testing.clock import FakeClock
from tidegate.testing.control import ControlHarness
from tidegate.testing.region.region import CrashingDatabase
from tidegate.testing.scaling import RESOURCE, a_scalable_target, a_step_policy, a_tracking_policy, an_action


async def steady(service: Service) -> ControlHarness:
    region = ControlHarness()
    await region.found(service)
    await region.until_steady(service)
    return region


def cpu_of(service: Service) -> Metric:
    dimensions = (("ClusterName", CLUSTER), ("ServiceName", service.name))
    return Metric(namespace="AWS/ECS", name="CPUUtilization", dimensions=dimensions)


def activities(region: ControlHarness) -> list[ScalingActivity]:
    rows = region.store.snapshot.by(SCALING_ACTIVITIES, "target", RESOURCE)
    return sorted(rows, key=lambda row: row.number)


async def test_bounds_that_are_registered_bring_the_service_within_them() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    await region.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))
    assert region.service(service).desired_count == 2
    (activity,) = activities(region)
    assert activity.status_code == "InProgress"
    assert activity.id
    await region.until_steady(service)
    (activity,) = activities(region)
    assert activity.status_code == "Successful"
    assert len(region.tasks()) == 2


async def test_the_count_and_the_activity_are_one_commit() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    region.commits.clear()
    await region.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))
    commit = next(changes for changes in region.commits if any(c.table is SERVICES for c in changes))
    assert {change.table.name for change in commit} >= {"services", "scalable_targets", "scaling_activities"}


async def test_a_schedule_runs_when_it_is_due_and_once() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    due = region.clock.now() + timedelta(seconds=30)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.put(SCHEDULED_ACTIONS, an_action(schedule="rate(1 day)", min_capacity=3, next_at=due))
    await region.after(29)
    assert region.service(service).desired_count == 1
    await region.after(2)
    assert region.service(service).desired_count == 3
    await region.until_steady(service)
    await region.after(60)
    assert [activity.status_code for activity in activities(region)] == ["Successful", "Successful"]


async def test_a_schedule_that_came_due_while_control_was_down_is_neither_lost_nor_doubled() -> None:
    service = a_service(desired=1)
    region = await steady(service)
    due = region.clock.now() + timedelta(seconds=30)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.put(SCHEDULED_ACTIONS, an_action(schedule="rate(1 day)", min_capacity=3, next_at=due))
    region.clock.advance(3600)
    for _ in range(3):
        region.restart()
        await region.driver.settle()
    assert region.service(service).desired_count == 3
    assert len(activities(region)) == 2


async def test_a_service_that_is_gone_is_not_scaled() -> None:
    service = a_service(desired=1)
    region = await steady(service)

    def leave(tx: Transaction) -> None:
        tx.put(SERVICES, replace(service, status="DRAINING", desired_count=0))
        tx.put(SCALABLE_TARGETS, a_scalable_target(2, 4, is_bounds_new=True))

    await region.write(leave)
    assert region.service(service).desired_count == 0
    assert activities(region) == []


@pytest.mark.parametrize("running", [1, 4])
async def test_looking_again_commits_nothing(running: int) -> None:
    service = a_service(desired=running)
    region = await steady(service)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 4))
    await region.after(120)
    region.commits.clear()
    region.driver.wake("scaling", RESOURCE)
    await region.driver.settle()
    assert [change for changes in region.commits for change in changes] == []


class Load:
    """A service with a tracking policy of its own alarms, whose metric is what a test says."""

    def __init__(self, region: ControlHarness) -> None:
        self.region = region
        self.policy = a_tracking_policy(target=60, out=0, back=0)

    async def begin(self, service: Service) -> None:
        await self.region.found(service, delay=5)
        await self.region.until_steady(service)
        await self.region.put(SCALABLE_TARGETS, a_scalable_target(1, 8))
        await self.region.put(SCALING_POLICIES, self.policy)

    def alarm(self, side: str) -> MetricAlarm:
        row = self.region.store.snapshot.get(METRIC_ALARMS, f"cpu-{side}")
        assert row is not None
        return row

    def in_alarm(self, side: str, value: float) -> Callable[[Transaction], None]:
        """The alarm goes off, or stays in ALARM with a newer datapoint."""
        now = self.region.clock.now()
        state = AlarmState(value="ALARM", reason="", updated_at=now, changed_at=now)
        row = replace(self.alarm(side), state=state, newest=AlarmDatapoint(at=now, value=value))
        return lambda tx: tx.put(METRIC_ALARMS, row)

    def rested(self, side: str) -> Callable[[Transaction], None]:
        row = self.alarm(side)
        row = replace(row, state=replace(row.state, value="OK"), newest=None)
        return lambda tx: tx.put(METRIC_ALARMS, row)


async def test_the_alarms_of_a_policy_come_back_when_they_are_deleted_or_edited() -> None:
    load = Load(ControlHarness())
    await load.begin(a_service(desired=1))
    made = load.alarm("high")
    await load.region.write(lambda tx: tx.delete(METRIC_ALARMS, "cpu-high"))
    assert load.alarm("high").threshold == made.threshold
    await load.region.put(METRIC_ALARMS, replace(made, threshold=1.0))
    assert load.alarm("high") == made


async def test_an_alarm_scales_the_service_once_for_each_datapoint() -> None:
    service, load = a_service(desired=2), Load(ControlHarness())
    region = load.region
    await load.begin(service)
    await region.write(load.in_alarm("high", 90))
    assert region.service(service).desired_count == 3
    await region.until_steady(service)
    await region.after(60)
    assert region.service(service).desired_count == 3
    await region.write(load.in_alarm("high", 90))
    assert region.service(service).desired_count == 5
    await region.until_steady(service)
    assert [one.status_code for one in activities(region)] == ["Successful", "Successful"]


async def test_an_alarm_of_a_users_calls_the_step_policy_that_its_actions_name() -> None:
    service, region = a_service(desired=2), ControlHarness()
    await region.found(service, delay=5)
    await region.until_steady(service)
    policy = a_step_policy("steps", (0, 20, 1), (20, None, 3), cooldown=0)
    await region.put(SCALABLE_TARGETS, a_scalable_target(1, 8))
    await region.put(SCALING_POLICIES, policy)
    now = region.clock.now()
    alarm = an_alarm(
        actions=AlarmActions(on_alarm=(policy.arn,)),
        state=AlarmState(value="ALARM", reason="", updated_at=now, changed_at=now),
        newest=AlarmDatapoint(at=now, value=31),
        threshold=10.0,
    )
    disabled = replace(alarm, actions=replace(alarm.actions, is_enabled=False))
    await region.put(METRIC_ALARMS, disabled)
    assert region.service(service).desired_count == 2
    await region.put(METRIC_ALARMS, alarm)
    assert region.service(service).desired_count == 5
    (activity,) = activities(region)
    assert activity.cause == "monitor alarm many-orders in state ALARM triggered policy steps"


async def test_a_low_alarm_waits_for_the_end_of_a_deployment() -> None:
    service, load = a_service(desired=4), Load(ControlHarness())
    region = load.region
    await load.begin(service)
    deploying = succeeded_by(region.service(service), a_deployment(2, load_balancers=service.load_balancers))
    await region.put(SERVICES, deploying)
    await region.write(load.in_alarm("low", 10))
    assert region.service(service).desired_count == 4
    (refused,) = activities(region)
    assert [reason.code for reason in refused.reasons] == ["TargetServicePutResourceAsUnscalable"]
    await region.until_steady(service)
    assert region.service(service).desired_count == 1


class Mortal:
    """A region whose control dies in one of its writes, and is started again as often as it takes."""

    def __init__(self, *, dies_in: int, is_kept: bool, is_measured: bool) -> None:
        self.database = CrashingDatabase()
        self.series = series_in_memory(FakeClock())
        self.region = ControlHarness(self.database, metrics=self.series if is_measured else None)
        self.load = Load(self.region)
        self.deaths = 0
        self._dies_in, self._is_kept = dies_in, is_kept

    async def live(self, service: Service) -> None:
        """Load comes and goes."""
        await self.load.begin(service)
        self.database.crash_in, self.database.is_kept = self._dies_in, self._is_kept
        await self._insist(self.load.in_alarm("high", 90))
        await self._until_steady(service)
        await self._insist(self.load.rested("high"))
        self.region.clock.advance(60)
        await self._insist(self.load.in_alarm("low", 20))
        await self._until_steady(service)
        self.database.crash_in = None

    async def live_measured(self, service: Service) -> None:
        """The same, with alarms that go off by what is measured: three minutes above the target, two about
        it, fifteen below."""
        await self.load.begin(service)
        self.database.crash_in, self.database.is_kept = self._dies_in, self._is_kept
        for used in [90.0] * 3 + [57.0] * 2 + [20.0] * 15 + [57.0] * 2:
            await self._minute(service, used)
        await self._until_steady(service)
        self.database.crash_in = None

    async def _minute(self, service: Service, used: float) -> None:
        """A minute of that CPU utilization; metrics are written whether or not control is there."""
        begin = int(self.region.clock.now().timestamp())
        sample = Sample(
            metric=cpu_of(service), at=begin - begin % 60, seconds=60, unit="Percent", summary=value(used)
        )
        await self.series.record([sample])
        for _ in range(4):
            for step in (self.region.obey, self.region.probe, partial(self._pass, 15)):
                await self._survives(step())

    async def _pass(self, seconds: float) -> None:
        self.region.clock.advance(seconds)
        await self.region.driver.settle()

    async def _insist(self, action: Callable[[Transaction], None]) -> None:
        while not await self._survives(self.region.write(action)):
            pass

    async def _until_steady(self, service: Service) -> None:
        """Nodes and time go on, whether or not control is there."""
        for _ in range(120):
            for step in (self.region.obey, self.region.probe, partial(self.region.after, 1)):
                await self._survives(step())
            row = self.region.service(service)
            if row.steady_at and all(task.last_status == "RUNNING" for task in self.region.tasks()):
                return
        raise AssertionError(f"not steady: {self.region.events(service)}")

    async def _survives(self, step: Awaitable[None]) -> bool:
        with suppress(StoreFailedError, DatabaseLostError):
            await step
        if not self.database.is_down:
            return True
        self.deaths += 1
        self.database.is_down, self.database.crash_in = False, None
        self.region.restart()
        await self.region.driver.settle()
        return False


@pytest.mark.parametrize("is_kept", [True, False], ids=["the write is kept", "the write is lost"])
@pytest.mark.parametrize(
    ("is_measured", "deaths_min"), [(False, 24), (True, 26)], ids=["alarms as told", "alarms on metrics"]
)
async def test_control_that_dies_in_any_write_neither_loses_nor_doubles_a_decision(
    is_measured: bool, deaths_min: int, is_kept: bool
) -> None:
    """From the alarm to the last task that runs, and back again: one run for each write there is, and a
    hundred deaths in all."""
    dies_in = 0
    while True:
        service = a_service(desired=2)
        mortal = Mortal(dies_in=dies_in, is_kept=is_kept, is_measured=is_measured)
        await (mortal.live_measured if is_measured else mortal.live)(service)
        ended = activities(mortal.region)
        assert [one.desired_count for one in ended] == [3, 1], dies_in
        assert [one.status_code for one in ended] == ["Successful", "Successful"]
        assert mortal.region.service(service).desired_count == 1
        assert len(mortal.region.tasks()) == 1
        if mortal.deaths == 0:
            break
        dies_in += 1
    assert dies_in >= deaths_min, dies_in
