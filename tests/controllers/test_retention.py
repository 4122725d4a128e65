"""What has expired goes, in commits that hold nobody up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product

from tidegate.control.controllers.retention import HISTORY_ITEMS_PER_PASS, ROWS_PER_PASS, Retention
from tidegate.control.decisions.services.deployments import succeeded_by
from tidegate.control.store import Transaction
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    SERVICE_DEPLOYMENTS,
    SERVICE_EVENTS,
    SERVICE_REVISIONS,
    SERVICES,
    TASKS,
)
from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.domain.ecs import ServiceEvent
from tidegate.testing.builders import a_deployment, a_service, a_task
from tidegate.testing.control import ControlHarness

GONE = a_service("gone", status="INACTIVE")
STOPPED = a_task(last_status="STOPPED", desired_status="STOPPED")


async def fill(control: ControlHarness, tasks: int, events: int) -> None:
    """Tasks that stopped and a service that was deleted just now, with its events."""
    now = control.clock.now()

    def write(tx: Transaction) -> None:
        for number in range(tasks):
            tx.put(TASKS, replace(STOPPED, arn=f"{STOPPED.arn}-{number}", stopped_at=now))
        tx.put(SERVICES, replace(GONE, deleted_at=now))
        for number in range(events):
            event = ServiceEvent(
                id=f"e{number}", service_arn=GONE.arn, created_at=now, sequence=number, message=""
            )
            tx.put(SERVICE_EVENTS, event)

    await control.write(write)


def count(control: ControlHarness) -> int:
    snapshot = control.store.snapshot
    return sum(snapshot.count(table) for table in (TASKS, SERVICES, SERVICE_EVENTS))


async def test_a_pass_forgets_no_more_than_its_share_and_asks_for_the_next_at_once() -> None:
    control = ControlHarness()
    await fill(control, tasks=ROWS_PER_PASS + 100, events=ROWS_PER_PASS)
    retention = Retention(control.context)
    control.clock.advance(3601)
    for left in (ROWS_PER_PASS + 101, 101):
        assert await retention.reconcile("region") == control.clock.now()
        assert count(control) == left
    look_again = await retention.reconcile("region")
    assert count(control) == 0
    assert look_again is not None
    assert look_again > control.clock.now()


async def test_a_deleted_service_is_there_until_all_its_events_are_gone() -> None:
    control = ControlHarness()
    await fill(control, tasks=1, events=ROWS_PER_PASS)
    control.clock.advance(3601)
    await Retention(control.context).reconcile("region")
    assert control.store.snapshot.get(SERVICES, GONE.arn) is not None
    await Retention(control.context).reconcile("region")
    assert count(control) == 0


async def test_what_has_not_expired_stays() -> None:
    control = ControlHarness()
    await fill(control, tasks=3, events=3)
    before = count(control)
    await Retention(control.context).reconcile("region")
    assert count(control) == before


async def fill_history(control: ControlHarness, alarms: int, old: int, fresh: int) -> None:
    """Of each alarm so many items that are of a month ago, and of now."""
    now = control.clock.now()

    def write(tx: Transaction) -> None:
        for alarm, number in product(range(alarms), range(old + fresh)):
            item = AlarmHistoryItem(
                id=f"{alarm:02}-{number}",
                number=number,
                alarm_name=f"alarm-{alarm:02}",
                alarm_type="MetricAlarm",
                at=now if number >= old else now - timedelta(days=31),
                type="StateUpdate",
                summary="",
                data="{}",
            )
            tx.put(ALARM_HISTORY, item)

    # Without the driver, which would begin at once.
    await control.store.transact(write)


def history(control: ControlHarness) -> Counter[str]:
    return Counter(item.alarm_name for item in control.store.snapshot.all(ALARM_HISTORY))


async def test_a_pass_looks_at_a_part_of_the_alarms_history_and_the_next_goes_on() -> None:
    control = ControlHarness()
    await fill_history(control, alarms=10, old=1, fresh=HISTORY_ITEMS_PER_PASS // 4)
    retention, now = Retention(control.context), control.clock.now()
    touched = []
    while await retention.reconcile("alarm history") == now:
        touched.append(sum(left == HISTORY_ITEMS_PER_PASS // 4 for left in history(control).values()))
    assert touched == [4, 8]
    assert set(history(control).values()) == {HISTORY_ITEMS_PER_PASS // 4}


async def test_much_old_history_goes_in_shares_whatever_the_number_of_its_alarms() -> None:
    control = ControlHarness()
    await fill_history(control, alarms=3, old=ROWS_PER_PASS // 2 + 1, fresh=1)
    await fill_history(control, alarms=1, old=2 * ROWS_PER_PASS, fresh=1)
    retention, now = Retention(control.context), control.clock.now()
    left = [history(control).total()]
    while await retention.reconcile("alarm history") == now:
        left.append(history(control).total())
    assert all(before - after == ROWS_PER_PASS for before, after in pairwise(left))
    assert len(left) == 4
    assert set(history(control).values()) == {1}


async def test_a_round_that_is_through_begins_again() -> None:
    control = ControlHarness()
    retention = Retention(control.context)
    for _ in range(2):
        await fill_history(control, alarms=2, old=3, fresh=1)
        assert await retention.reconcile("alarm history") > control.clock.now()
        assert set(history(control).values()) == {1}
        assert set(retention.all_keys(control.store.snapshot)) == {
            "region",
            "alarm history",
            "service history",
        }


async def test_a_services_old_deployments_go_and_their_revisions_with_them() -> None:
    control = ControlHarness()
    service = a_service(desired=0)
    await control.found(service)
    for revision in (2, 3):
        await control.after(60)
        deployment = a_deployment(revision, created_at=control.clock.now())
        row = control.store.snapshot.get(SERVICES, service.arn)
        assert row is not None
        await control.put(SERVICES, succeeded_by(row, deployment))
    assert deployed(control) == ["1", "2", "3"]
    control.clock.advance(90 * 86400)
    await Retention(control.context).reconcile("service history")
    assert deployed(control) == ["3"]
    revisions = {row.arn.rsplit("/")[-1] for row in control.store.snapshot.all(SERVICE_REVISIONS)}
    assert revisions == {"2", "3"}


def deployed(control: ControlHarness) -> list[str]:
    return sorted(row.deployment_id[-1] for row in control.store.snapshot.all(SERVICE_DEPLOYMENTS))
