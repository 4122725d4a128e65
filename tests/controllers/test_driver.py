"""What the driver gives every controller: signals, timers, back-off, one pass a key, a record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from tidegate.control.controllers.driver import Driver
from tidegate.control.store import Changes, Conflict, MemoryDatabase, Snapshot, Store
from tidegate.control.store.tables import ALL, CLUSTERS
from tidegate.domain.ecs import Cluster
from tidegate.testing.clock import FakeClock


class Recorder:
    """Looks at clusters by name; remembers its passes; does what it is told per key."""

    name = "recorder"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.passes: list[str] = []
        self.look_again: dict[str, timedelta] = {}
        self.failures: dict[str, Exception] = {}
        self.gate: asyncio.Event | None = None
        self.running: dict[str, int] = {}

    def keys_to_wake(self, changes: Changes) -> Iterable[str]:
        return {change.key for change in changes if change.table is CLUSTERS}

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.arn for row in snapshot.all(CLUSTERS)]

    async def reconcile(self, key: str) -> datetime | None:
        self.passes.append(key)
        self.running[key] = self.running.get(key, 0) + 1
        assert self.running[key] == 1
        if self.gate is not None:
            await self.gate.wait()
        self.running[key] -= 1
        if key in self.failures:
            raise self.failures[key]
        return self.clock.now() + self.look_again[key] if key in self.look_again else None


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = Store(MemoryDatabase(), ALL)
    yield store
    await store.close()


@pytest.fixture
def recorder(clock: FakeClock) -> Recorder:
    return Recorder(clock)


@pytest.fixture
def driver(store: Store, clock: FakeClock, recorder: Recorder) -> Driver:
    return Driver(store, [recorder], clock)


async def put(store: Store, *names: str) -> None:
    def write(tx: object) -> None:
        for name in names:
            row = Cluster(arn=name, name=name, created_at=datetime(2026, 1, 1, tzinfo=UTC))
            tx.put(CLUSTERS, row)  # type: ignore[attr-defined]

    await store.transact(write)


async def test_every_key_is_looked_at_when_control_starts(
    store: Store, clock: FakeClock, recorder: Recorder
) -> None:
    await put(store, "b", "a")
    driver = Driver(store, [recorder], clock)
    await driver.settle()
    assert recorder.passes == ["a", "b"]
    assert driver.status["recorder"].last_reason == "start"


async def test_a_commit_wakes_the_keys_it_touches_and_no_other(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    await put(store, "a", "b")
    await driver.settle()
    recorder.passes.clear()
    await store.transact(lambda tx: tx.delete(CLUSTERS, "b"))
    await driver.settle()
    assert recorder.passes == ["b"]


async def test_nothing_is_looked_at_twice_while_nothing_happens(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    await put(store, "a")
    await driver.settle()
    clock.advance(30)
    await driver.settle()
    assert recorder.passes == ["a"]


async def test_all_keys_come_round_even_if_no_signal_came(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    await put(store, "a", "b")
    await driver.settle()
    recorder.passes.clear()
    clock.advance(61)
    await driver.settle()
    clock.advance(60)
    await driver.settle()
    assert sorted(set(recorder.passes)) == ["a", "b"]


async def test_a_pass_says_when_it_wants_to_look_again(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    recorder.look_again["a"] = timedelta(seconds=10)
    await put(store, "a")
    await driver.settle()
    clock.advance(9)
    await driver.settle()
    assert len(recorder.passes) == 1
    clock.advance(1)
    await driver.settle()
    assert len(recorder.passes) == 2
    assert driver.status["recorder"].last_reason == "timer"


async def test_a_clock_moved_by_just_the_delay_makes_a_pass_due(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    recorder.look_again["a"] = timedelta(seconds=1.1, microseconds=1)
    await put(store, "a")
    await driver.settle()
    for number in range(50):
        clock.advance(1.100001)
        await driver.settle()
        assert len(recorder.passes) == number + 2


async def test_a_signal_comes_before_the_timer_and_replaces_it(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    recorder.look_again["a"] = timedelta(seconds=10)
    await put(store, "a")
    await driver.settle()
    del recorder.look_again["a"]
    driver.wake("recorder", "a")
    await driver.settle()
    clock.advance(20)
    await driver.settle()
    assert len(recorder.passes) == 2


async def test_a_pass_that_wants_to_look_again_at_once_does_not_spin(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    recorder.look_again["a"] = timedelta(0)
    await put(store, "a")
    await driver.settle()
    assert len(recorder.passes) == 1


async def test_a_key_is_never_looked_at_twice_at_once_but_again_afterwards(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    recorder.gate = asyncio.Event()
    await put(store, "a")
    settling = asyncio.ensure_future(driver.settle())
    await turns()
    driver.wake("recorder", "a")
    driver.wake("recorder", "a")
    await turns()
    assert recorder.passes == ["a"]
    recorder.gate.set()
    await settling
    assert recorder.passes == ["a", "a"]


async def test_other_keys_run_while_one_waits_for_the_disk(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    recorder.gate = asyncio.Event()
    await put(store, "a", "b")
    settling = asyncio.ensure_future(driver.settle())
    await turns()
    assert recorder.passes == ["a", "b"]
    recorder.gate.set()
    await settling


async def test_a_failing_key_waits_longer_and_longer_and_the_others_run(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    recorder.failures["a"] = RuntimeError("a bug")
    await put(store, "a", "b")
    began = clock.monotonic()
    failed_at: list[float] = []
    while clock.monotonic() < began + 40:
        before = recorder.passes.count("a")
        await driver.settle()
        if recorder.passes.count("a") > before:
            failed_at.append(clock.monotonic() - began)
        clock.advance(0.5)
    assert failed_at == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5]
    assert "b" in recorder.passes
    assert driver.status["recorder"].failing == {"a": "RuntimeError: a bug"}


async def test_a_signal_does_not_shorten_a_back_off(store: Store, driver: Driver, recorder: Recorder) -> None:
    recorder.failures["a"] = RuntimeError("a bug")
    await put(store, "a")
    await driver.settle()
    driver.wake("recorder", "a")
    await driver.settle()
    assert recorder.passes == ["a"]


async def test_a_key_that_succeeds_again_is_forgotten_as_failing(
    store: Store, driver: Driver, recorder: Recorder, clock: FakeClock
) -> None:
    recorder.failures["a"] = RuntimeError("a bug")
    await put(store, "a")
    await driver.settle()
    del recorder.failures["a"]
    clock.advance(1)
    await driver.settle()
    assert driver.status["recorder"].failing == {}
    assert driver.status["recorder"].last_outcome == "done"


async def test_a_conflict_is_looked_at_again_at_once(store: Store, clock: FakeClock) -> None:
    class Unlucky(Recorder):
        async def reconcile(self, key: str) -> datetime | None:
            await super().reconcile(key)
            if len(self.passes) < 3:
                raise Conflict("moved")
            return None

    unlucky = Unlucky(clock)
    driver = Driver(store, [unlucky], clock)
    await put(store, "a")
    await driver.settle()
    assert unlucky.passes == ["a", "a", "a"]
    assert driver.status["recorder"].failing == {}


async def test_endless_conflict_is_an_error_with_back_off(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    recorder.failures["a"] = Conflict("moved")
    await put(store, "a")
    await driver.settle()
    assert driver.status["recorder"].failing == {"a": "Conflict: moved"}


async def test_a_controller_that_cannot_read_a_signal_stops_nobody(
    store: Store, clock: FakeClock, recorder: Recorder
) -> None:
    class Deaf(Recorder):
        name = "deaf"

        def keys_to_wake(self, changes: Changes) -> Iterable[str]:
            raise RuntimeError(f"a bug: {changes}")

    driver = Driver(store, [Deaf(clock), recorder], clock)
    await driver.settle()
    await put(store, "a")
    await driver.settle()
    assert recorder.passes == ["a"]


async def test_the_loop_has_turns_between_the_passes_of_a_large_wave(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    await put(store, *(f"k{number}" for number in range(500)))
    turns_before_end = 0
    settling = asyncio.ensure_future(driver.settle())
    while not settling.done():
        await asyncio.sleep(0)
        turns_before_end += 1
    assert len(recorder.passes) == 500
    assert turns_before_end >= 500


async def test_the_record_says_how_long_a_pass_held_the_loop(store: Store, clock: FakeClock) -> None:
    class Slow(Recorder):
        async def reconcile(self, key: str) -> datetime | None:
            await super().reconcile(key)
            ends = time.perf_counter() + 0.02
            while time.perf_counter() < ends:
                pass
            return None

    driver = Driver(store, [Slow(clock)], clock)
    await put(store, "a")
    await driver.settle()
    assert 0.02 <= driver.status["recorder"].longest_hold_seconds < 1


async def test_run_answers_signals_until_it_is_cancelled(
    store: Store, driver: Driver, recorder: Recorder
) -> None:
    running = asyncio.ensure_future(driver.run())
    await put(store, "a")
    await until(lambda: recorder.passes == ["a"])
    driver.wake("recorder", "a")
    await until(lambda: recorder.passes == ["a", "a"])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")
