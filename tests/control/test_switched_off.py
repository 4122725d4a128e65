"""After `tidegate down` control knows which tasks are gone before any agent can say so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.tables import ALL, CONTAINER_INSTANCES, TARGETS, TASKS
from tidegate.control.switched_off import end_switched_off
from tidegate.fleet.power import SwitchedOff, mark, read_mark
from tidegate.testing.builders import BEFORE, a_container_instance, a_target, a_task, ec2_id
from tidegate.testing.clock import FakeClock

HERE, ELSEWHERE = a_container_instance(1), a_container_instance(2)
OFF_AT = BEFORE + timedelta(seconds=10)
RAN = a_task(1, on=HERE)
TASKS_OF_BEFORE = [
    RAN,
    a_task(2, on=HERE, last_status="PENDING"),
    a_task(3, on=ELSEWHERE),
    a_task(4, on=HERE, started_at=OFF_AT + timedelta(seconds=1)),
]


async def test_tasks_that_ran_where_all_was_switched_off_are_stopped_once(tmp_path: Path) -> None:
    store, clock = Store(MemoryDatabase(), ALL), FakeClock()
    for row in (HERE, ELSEWHERE):
        await store.transact(lambda tx, row=row: tx.put(CONTAINER_INSTANCES, row))
    for task in TASKS_OF_BEFORE:
        await store.transact(lambda tx, task=task: tx.put(TASKS, task))
    targets = [a_target(RAN, 1), a_target(TASKS_OF_BEFORE[2], 2)]
    for target in targets:
        await store.transact(lambda tx, target=target: tx.put(TARGETS, target))
    mark(tmp_path, SwitchedOff(at=OFF_AT.timestamp(), instance_ids=(ec2_id(1),)))
    await end_switched_off(tmp_path, store, clock)
    ended = [task for task in store.snapshot.all(TASKS) if task.last_status == "STOPPED"]
    assert [(task.arn, task.stop_code) for task in ended] == [(RAN.arn, "EssentialContainerExited")]
    over, kept = [store.snapshot.get(TARGETS, target.key) for target in targets]
    assert over is not None
    assert (over.status, over.drain_deadline) == ("draining", clock.now())
    assert kept == targets[1]
    assert read_mark(tmp_path) is None
    revision = store.snapshot.revision
    await end_switched_off(tmp_path, store, clock)
    assert store.snapshot.revision == revision
    await store.close()
