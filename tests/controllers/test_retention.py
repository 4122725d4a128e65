"""What has expired goes, in commits that hold nobody up."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.controllers.retention import ROWS_PER_PASS, Retention
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICE_EVENTS, SERVICES, TASKS
from tidegate.domain.ecs import ServiceEvent
from tidegate.testing.builders import a_service, a_task
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
