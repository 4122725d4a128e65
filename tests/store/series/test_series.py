"""What is recorded is read back: at once, after a flush, after a restart, and when it has grown old."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.store.series import (
    SeriesFailedError,
    SeriesFile,
    SeriesFullError,
    SeriesLimits,
    SeriesStore,
    UnknownSeriesFileError,
    open_series,
)
from tidegate.control.store.series.chunks import packed, unpacked
from tidegate.control.store.series.tiers import TIERS
from tidegate.domain.cloudwatch import Metric, Sample, Summary, spread, together, value
from tidegate.testing.clock import EPOCH, FakeClock

Open = Callable[..., SeriesStore]

NOW = int(EPOCH.timestamp())
METRIC = Metric(namespace="Shop", name="Requests", dimensions=(("Zone", "a"),))


def a_sample(at: int, amount: float = 1.0, **more: object) -> Sample:
    base = Sample(metric=METRIC, at=at, seconds=60, unit="Count", summary=value(amount))
    return replace(base, **more)  # type: ignore[arg-type]


async def sums(store: SeriesStore, begin: int, end: int, period: int = 60, **more: str) -> dict[int, float]:
    found = await store.statistics(METRIC, begin=begin, end=end, period=period, statistic="Sum", **more)
    return dict(found)


async def test_what_is_recorded_is_read_at_once(opened: Open) -> None:
    store = opened()
    await store.record([a_sample(NOW, 2), a_sample(NOW + 60, 3), a_sample(NOW + 60, 4)])
    assert await sums(store, NOW, NOW + 120) == {NOW: 2, NOW + 60: 7}
    assert await sums(store, NOW, NOW + 120, period=120) == {NOW: 9}
    assert await sums(store, NOW + 60, NOW + 120) == {NOW + 60: 7}


async def test_what_is_new_while_old_series_are_forgotten_stays(opened: Open) -> None:
    store = opened()
    ageing, recording, names = asyncio.create_task(store.age()), [], itertools.count()
    while not ageing.done():
        metric = replace(METRIC, name=f"new-{next(names)}")
        recording.append(asyncio.create_task(store.record([a_sample(NOW, metric=metric)])))
        # As many as there may be would be reached while a slow disk is being written.
        await asyncio.sleep(0 if len(recording) < 10_000 else 0.01)
    await asyncio.gather(*recording)
    assert len({known.metric for known in store.known()}) == len(recording)


async def test_what_a_source_sends_again_means_nothing(opened: Open, clock: FakeClock) -> None:
    store = opened()
    await store.take([a_sample(NOW, 2)], source="edge", sequence=1)
    await store.take([a_sample(NOW, 2)], source="edge", sequence=1)
    await store.take([a_sample(NOW, 3)], source="other", sequence=1)
    assert await sums(store, NOW, NOW + 60) == {NOW: 5}
    again = opened()
    await again.take([a_sample(NOW, 2)], source="edge", sequence=1)
    await again.take([a_sample(NOW, 4)], source="edge", sequence=2)
    assert await sums(again, NOW, NOW + 60) == {NOW: 9}
    clock.advance(16 * 86_400)
    await again.age()
    assert list(opened()._sources) == []


async def test_what_a_source_sends_again_while_it_is_written_is_kept_once(opened: Open) -> None:
    store = opened()
    sent = [store.take([a_sample(NOW, 2)], source="edge", sequence=n) for n in (1, 1, 2, 2)]
    await asyncio.gather(*sent)
    assert await sums(store, NOW, NOW + 60) == {NOW: 4}


async def test_a_disk_that_refuses_is_told_and_what_is_sent_again_is_kept(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(SeriesFile, "append", refuse)
        with pytest.raises(SeriesFailedError):
            await store.take([a_sample(NOW, 2)], source="edge", sequence=1)
        with pytest.raises(SeriesFailedError):
            await store.record([a_sample(NOW, 1)])
    assert await sums(store, NOW, NOW + 60) == {}
    await store.take([a_sample(NOW, 2)], source="edge", sequence=1)
    assert await sums(opened(), NOW, NOW + 60) == {NOW: 2}


async def test_spans_in_which_nothing_was_seen_are_absent(opened: Open) -> None:
    store = opened()
    await store.record([a_sample(NOW), a_sample(NOW + 180)])
    assert list(await sums(store, NOW, NOW + 240)) == [NOW, NOW + 180]
    assert await sums(store, NOW + 240, NOW + 600) == {}
    assert await store.summaries(replace(METRIC, name="Other"), begin=NOW, end=NOW + 60, period=60) == {}


async def test_fine_samples_are_read_by_the_second_and_add_up_to_minutes(opened: Open) -> None:
    store = opened()
    await store.record([a_sample(NOW + second, 1, seconds=5) for second in range(0, 120, 5)])
    assert await sums(store, NOW, NOW + 60, period=20) == {NOW: 4, NOW + 20: 4, NOW + 40: 4}
    assert await sums(store, NOW, NOW + 120) == {NOW: 12, NOW + 60: 12}


async def test_units_are_series_of_their_own_and_one_without(opened: Open) -> None:
    store = opened()
    await store.record([a_sample(NOW, 1, unit="Count"), a_sample(NOW, 2, unit="Bytes")])
    assert await sums(store, NOW, NOW + 60, unit="Bytes") == {NOW: 2}
    assert await sums(store, NOW, NOW + 60) == {NOW: 3}
    assert {known.unit for known in store.known()} == {"Count", "Bytes"}


async def test_what_is_new_while_the_series_are_walked_over_disturbs_nobody(opened: Open) -> None:
    store = opened()
    await store.record([a_sample(NOW), a_sample(NOW, metric=replace(METRIC, name="b"))])
    known = store.known()
    first = next(known)
    await store.record([a_sample(NOW, metric=replace(METRIC, name="c")), a_sample(NOW, unit="Bytes")])
    assert {first.metric.name, *(one.metric.name for one in known)} == {METRIC.name, "b"}


async def test_a_flush_changes_nothing_that_is_read(opened: Open, clock: FakeClock) -> None:
    store = opened()
    await store.record([a_sample(NOW + 60 * n, n) for n in range(300)])
    before = await sums(store, NOW, NOW + 300 * 60)
    await store.flush(clock.monotonic())
    assert await sums(store, NOW, NOW + 300 * 60) == before
    await store.record([a_sample(NOW, 100)])
    assert (await sums(store, NOW, NOW + 60))[NOW] == 100
    await store.flush(clock.monotonic())
    assert (await sums(store, NOW, NOW + 60))[NOW] == 100


async def test_reads_during_flushes_see_every_sample_once(opened: Open, clock: FakeClock) -> None:
    store = opened()
    written = 0

    async def write() -> None:
        nonlocal written
        for n in range(60):
            await store.record([a_sample(NOW + 60 * (n % 7), seconds=5)])
            written += 1
            if n % 5 == 0:
                await store.flush(clock.monotonic())

    writing = asyncio.create_task(write())
    while not writing.done():
        await asyncio.sleep(0)
        low = written
        seen = sum((await sums(store, NOW, NOW + 420)).values())
        assert low <= seen <= written + 1
    await writing


async def test_a_series_that_is_forgotten_while_it_is_read_has_no_points(
    opened: Open, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    await store.record([a_sample(NOW)])
    await store.flush(clock.monotonic())
    loop, read = asyncio.get_running_loop(), store._file.read

    def read_late(*args: object) -> object:
        """On the reader's thread: what is asked for has grown old since."""
        clock.advance(600 * 86_400)
        asyncio.run_coroutine_threadsafe(store.age(), loop).result(5)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store._file, "read", read_late)
    assert await asyncio.wait_for(sums(store, NOW, NOW + 60), 5) == {}


@pytest.mark.parametrize("flushed", [0, 1, 2])
async def test_a_restart_knows_everything_once(opened: Open, clock: FakeClock, flushed: int) -> None:
    store = opened()
    for step in range(3):
        await store.record([a_sample(NOW + 60 * step, 5), a_sample(NOW, 1, unit="Bytes")])
        if step < flushed:
            await store.flush(clock.monotonic())
    for _ in range(2):
        again = opened()
        assert await sums(again, NOW, NOW + 180, unit="Count") == {NOW: 5, NOW + 60: 5, NOW + 120: 5}
        assert await sums(again, NOW, NOW + 180, unit="Bytes") == {NOW: 3}
        await again.flush(clock.monotonic())


async def test_a_new_series_after_a_restart_takes_no_others_place(opened: Open) -> None:
    await opened().record([a_sample(NOW, 1)])
    again = opened()
    other = replace(METRIC, name="Other")
    await again.record([a_sample(NOW, 2, metric=other)])
    assert await sums(again, NOW, NOW + 60) == {NOW: 1}
    assert {known.metric for known in opened().known()} == {METRIC, other}


async def test_late_points_are_merged_where_they_belong(opened: Open, clock: FakeClock) -> None:
    store = opened()
    await store.record([a_sample(NOW, 1)])
    await store.flush(clock.monotonic())
    await store.record([a_sample(NOW - 13 * 86_400, 7), a_sample(NOW, 2)])
    await store.flush(clock.monotonic())
    assert await sums(store, NOW - 13 * 86_400, NOW - 13 * 86_400 + 60) == {NOW - 13 * 86_400: 7}
    assert await sums(store, NOW, NOW + 60) == {NOW: 3}


async def test_percentiles_are_those_of_all_samples_of_a_span(opened: Open, clock: FakeClock) -> None:
    store = opened()
    await store.record([a_sample(NOW, 0, summary=spread({float(n): 1.0})) for n in range(1, 51)])
    await store.flush(clock.monotonic())
    await store.record([a_sample(NOW, 0, summary=spread({float(n): 1.0 for n in range(51, 101)}))])
    for name, exact in (("p50", 50), ("p90", 90), ("p99", 99)):
        found = await store.statistics(METRIC, begin=NOW, end=NOW + 60, period=60, statistic=name)
        assert found[NOW] == pytest.approx(exact, rel=0.025)


async def test_percentiles_of_what_was_given_as_sets_are_unknown(opened: Open) -> None:
    store = opened()
    summary = Summary(count=10, sum=50, minimum=1, maximum=9)
    await store.record([a_sample(NOW, summary=summary)])
    assert await store.statistics(METRIC, begin=NOW, end=NOW + 60, period=60, statistic="p50") == {}
    assert (await store.statistics(METRIC, begin=NOW, end=NOW + 60, period=60, statistic="Average"))[NOW] == 5


async def test_points_grow_coarser_with_age_and_none_is_lost_before_its_time(
    opened: Open, clock: FakeClock
) -> None:
    store = opened()
    await store.record([a_sample(NOW + 60 * n, 1, seconds=30) for n in range(120)])
    await store.flush(clock.monotonic())
    ages = (
        (6 * 3600, {30: 0, 60: 120, 300: 24, 3600: 2}),
        (16 * 86_400, {60: 0, 300: 24, 3600: 2}),
        (70 * 86_400, {60: 0, 300: 0, 3600: 2}),
        (520 * 86_400, {3600: 0}),
    )
    passed = 0
    for age, expected in ages:
        clock.advance(age - passed)
        passed = age
        await store.age()
        for period, count in expected.items():
            found = await sums(store, NOW, NOW + 7200, period=period)
            assert (period, len(found)) == (period, count)
            assert sum(found.values()) == (120 if count else 0)
    assert list(store.known()) == []
    assert list(opened().known()) == []


async def test_the_disks_bound_holds_and_the_newest_points_stay(
    opened: Open, clock: FakeClock, tmp_path: Path
) -> None:
    store = opened(SeriesLimits(bytes_max=400_000))
    noise = random.Random(1)
    for hour in range(300):
        samples = [
            a_sample(NOW + 3600 * hour + 60 * n, noise.random(), metric=replace(METRIC, name=f"m{m}"))
            for m in range(4)
            for n in range(60)
        ]
        await store.record(samples)
        clock.advance(3600)
        if hour % 10 == 9:
            await store.flush(clock.monotonic())
            await store.age()
    metric = replace(METRIC, name="m0")
    end = NOW + 3600 * 300
    recent = await store.statistics(metric, begin=end - 7200, end=end, period=60, statistic="Sum")
    assert len(recent) == 120
    whole = await store.statistics(metric, begin=NOW, end=end, period=3600, statistic="SampleCount")
    assert sum(whole.values()) == 300 * 60
    assert SeriesFile(tmp_path / "metrics.db").used_bytes() <= 400_000


async def test_series_are_bounded_and_what_is_too_many_is_refused_or_dropped(opened: Open) -> None:
    store = opened(SeriesLimits(series_max=2))
    other, third = replace(METRIC, name="b"), replace(METRIC, name="c")
    await store.record([a_sample(NOW), a_sample(NOW, metric=other)])
    with pytest.raises(SeriesFullError):
        await store.record([a_sample(NOW, metric=third)])
    await store.take([a_sample(NOW, metric=third), a_sample(NOW, 4)])
    assert store.dropped == 1
    assert await sums(store, NOW, NOW + 60) == {NOW: 5}


async def test_of_too_many_series_of_tasks_those_that_ended_first_are_forgotten(
    opened: Open, clock: FakeClock
) -> None:
    store = opened(SeriesLimits(passing_max=2))
    tasks = [replace(METRIC, dimensions=(("TaskId", f"t{n}"),)) for n in range(4)]
    await store.record([a_sample(NOW), *(a_sample(NOW + n, metric=one) for n, one in enumerate(tasks))])
    await store.flush(clock.monotonic())
    await store.age()
    assert len(list(store.known())) == 5
    clock.advance(1_000)
    await store.record([a_sample(NOW + 1_000, metric=tasks[0])])
    await store.age()
    await store.close()
    left = {one.metric for one in opened().known()}
    assert left == {METRIC, tasks[0], tasks[3]}


async def test_what_waits_for_the_disk_is_bounded(opened: Open) -> None:
    store = opened(SeriesLimits(pending_max=10))
    with pytest.raises(SeriesFailedError):
        await store.take(a_sample(NOW) for _ in range(11))
    await store.take(a_sample(NOW) for _ in range(10))
    assert await sums(store, NOW, NOW + 60) == {NOW: 10}


amounts = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
points = st.dictionaries(
    st.integers(0, 7199),
    st.one_of(
        st.builds(value, amounts),
        st.builds(spread, st.dictionaries(amounts, st.floats(0.5, 10), min_size=1, max_size=5)),
    ),
    max_size=20,
)


@given(points)
def test_a_chunk_is_unpacked_as_it_was_packed(content: dict[int, Summary]) -> None:
    start = NOW - NOW % 7200
    shifted = {start + at: summary for at, summary in content.items()}
    assert unpacked(start, packed(start, shifted)) == shifted


@given(st.lists(st.tuples(st.integers(0, 3 * 3600), st.integers(1, 9)), max_size=40), st.data())
def test_any_order_of_samples_flushes_and_reads_tells_the_same(
    recorded: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Whatever is flushed when: every span has what was recorded in it."""

    async def check() -> None:
        clock = FakeClock()
        store = SeriesStore(SeriesFile(None), clock)
        expected: dict[int, list[Summary]] = {}
        for at, amount in recorded:
            await store.record([a_sample(NOW + at, amount, seconds=1)])
            expected.setdefault(NOW + at - at % 300, []).append(value(amount))
            if data.draw(st.booleans()):
                await store.flush(clock.monotonic())
        found = await store.summaries(METRIC, begin=NOW, end=NOW + 3 * 3600 + 300, period=300)
        assert {at: (s.count, s.sum, s.minimum, s.maximum) for at, s in found.items()} == {
            at: (s.count, s.sum, s.minimum, s.maximum)
            for at, s in ((at, together(parts)) for at, parts in expected.items())
        }

    asyncio.run(check())


def test_tiers_follow_each_other() -> None:
    assert [tier.number for tier in TIERS] == list(range(4))
    assert all(a.keep_seconds < b.keep_seconds for a, b in itertools.pairwise(TIERS))


async def test_a_damaged_chunk_keeps_no_other_points_from_disk(opened: Open, clock: FakeClock) -> None:
    store = opened()
    other = replace(METRIC, name="Other")
    await store.record([a_sample(NOW, 1, seconds=5), a_sample(NOW, 1, metric=other)])
    await store.flush(clock.monotonic())
    await asyncio.to_thread(
        store._file._writer.execute, "UPDATE chunks SET body = x'00' WHERE series = ?", (1,)
    )
    assert await sums(store, NOW, NOW + 60) == {}
    await store.record([a_sample(NOW + 60, 2), a_sample(NOW + 60, 3, metric=other)])
    await store.flush(clock.monotonic())
    again = opened()
    assert await sums(again, NOW, NOW + 120) == {NOW + 60: 2}
    found = await again.statistics(other, begin=NOW, end=NOW + 120, period=60, statistic="Sum")
    assert found == {NOW: 1, NOW + 60: 3}
    clock.advance(600 * 86_400)
    await again.age()
    assert list(again.known()) == []


async def test_whatever_fails_in_the_background_is_tried_again(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.control.store.series.store.TICK_SECONDS", 0)
    store, looks = opened(), asyncio.Semaphore(0)

    async def fail(_: float) -> None:
        looks.release()
        raise ValueError("a fault of ours")

    monkeypatch.setattr(store, "flush", fail)
    running = asyncio.create_task(store.run())
    for _ in range(3):
        await asyncio.wait_for(looks.acquire(), 5)
    running.cancel()


@pytest.mark.parametrize("damage", [b"no database", None])
async def test_a_damaged_file_is_put_aside_and_a_new_one_begun(
    tmp_path: Path, clock: FakeClock, damage: bytes | None
) -> None:
    path = tmp_path / "metrics.db"
    store = open_series(path, clock)
    await store.record([a_sample(NOW)])
    await store.close()
    content = path.read_bytes()
    # Its end is where its rows are.
    path.write_bytes(damage or content[:4096] + bytes(len(content) - 4096))
    again = open_series(path, clock)
    assert list(again.known()) == []
    await again.record([a_sample(NOW, 2)])
    assert await sums(again, NOW, NOW + 60) == {NOW: 2}
    await again.close()
    assert len([name for name in os.listdir(tmp_path) if ".damaged-" in name]) == 1


def put_a_directory(path: Path) -> None:
    path.mkdir()


def put_other_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE series (id INTEGER PRIMARY KEY)")


def put_a_name_in_the_place_of_a_key(path: Path) -> None:
    SeriesFile(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO series VALUES ('1', 'text', 0, 0)")


@pytest.mark.parametrize("put", [put_a_directory, put_other_tables, put_a_name_in_the_place_of_a_key])
async def test_whatever_is_in_its_place_and_cannot_be_read_is_put_aside(
    tmp_path: Path, clock: FakeClock, put: Callable[[Path], None]
) -> None:
    put(tmp_path / "metrics.db")
    store = open_series(tmp_path / "metrics.db", clock)
    await store.record([a_sample(NOW, 2)])
    assert await sums(store, NOW, NOW + 60) == {NOW: 2}
    await store.close()
    assert [name for name in os.listdir(tmp_path) if ".damaged-" in name] != []


async def test_what_is_put_aside_keeps_its_newest_points(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "metrics.db"
    (path.with_name("metrics.db-wal")).write_bytes(b"log")
    path.write_bytes(b"no database" * 100)
    await open_series(path, clock).close()
    [log] = [name for name in os.listdir(tmp_path) if name.endswith("-wal") and ".damaged-" in name]
    assert (tmp_path / log).read_bytes() == b"log"


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "metrics.db"
    await open_series(path, clock).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UnknownSeriesFileError, match="version 99"):
        open_series(path, clock)
    assert [name for name in os.listdir(tmp_path) if ".damaged-" in name] == []
