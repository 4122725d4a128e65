"""Log groups: events expire, and what a deleted group left behind is swept up."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.controllers import ControlContext
from tidegate.control.controllers.log_groups import LogGroups
from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.logs import LogQuery
from tidegate.control.store.tables import ALL, LOG_GROUPS
from tidegate.domain.logs import LogGroup
from tidegate.testing.api import api_context, logs_in_memory
from tidegate.testing.clock import EPOCH, FakeClock


async def test_old_events_and_those_of_groups_that_are_gone_go() -> None:
    clock = FakeClock(EPOCH + timedelta(days=20))
    store, logs = Store(MemoryDatabase(), ALL), logs_in_memory(clock)
    base = api_context(clock)
    context = ControlContext(
        store=store, clock=clock, ids=base.ids, settings=base.settings, started_at=clock.now(), logs=logs
    )
    week = LogGroup(id="week", name="shop", arn="a", created_at=EPOCH, retention_days=7)
    await store.transact(lambda tx: tx.put(LOG_GROUPS, week))
    now = int(clock.now().timestamp() * 1000)
    for group in ("week", "gone"):
        await logs.create_stream(group, "a")
        await logs.append(group, "a", [(now - 8 * 86_400_000, "old")])
        await logs.append(group, "a", [(now, "new")])
    controller = LogGroups(context, logs)
    for _ in range(2):
        assert await controller.reconcile("region") == clock.now() + timedelta(minutes=1)
        assert await logs.groups() == ["week"]
        page = await logs.page(LogQuery(group="week", begin=0, end=2**53))
        assert [event.message for event in page.events] == ["new"]


async def test_a_group_that_is_deleted_wakes_it_and_one_that_changes_does_not() -> None:
    base = api_context(FakeClock())
    context = ControlContext(
        store=base.store, clock=base.clock, ids=base.ids, settings=base.settings, started_at=EPOCH
    )
    woken: list[str] = []
    controller = LogGroups(context, base.logs)
    base.store.subscribe(lambda changes: woken.extend(controller.keys_to_wake(changes)))
    row = LogGroup(id="1", name="shop", arn="a", created_at=EPOCH)
    await base.store.transact(lambda tx: tx.put(LOG_GROUPS, row))
    assert woken == []
    await base.store.transact(lambda tx: tx.delete(LOG_GROUPS, "shop"))
    assert woken == ["region"]
