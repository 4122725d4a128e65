"""The log store: durable, in order whatever overlaps, bounded."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tidegate.control.store.logs import (
    LogFile,
    LogLimits,
    LogPage,
    LogQuery,
    LogStore,
    LogStoreFailedError,
    Shipment,
    StreamExistsError,
    UnknownLogFileError,
    UnknownStreamError,
    open_logs,
)
from tidegate.control.store.logs.reading import read_page
from tidegate.domain.logs import NewEvents, event_size
from tidegate.testing.clock import FakeClock

GROUP = "g"
ALL = LogQuery(group=GROUP, begin=0, end=2**53)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def logs(tmp_path: Path, clock: FakeClock) -> AsyncIterator[LogStore]:
    store = open_logs(tmp_path / "logs.db", clock)
    yield store
    await store.close()


async def put(store: LogStore, stream: str, events: NewEvents, shipment: Shipment | None = None) -> None:
    if await store.stream(GROUP, stream) is None:
        await store.create_stream(GROUP, stream)
    await store.append(GROUP, stream, events, shipment)


async def messages(store: LogStore) -> list[str]:
    found, page = [], await store.page(ALL)
    while True:
        found += [event.message for event in page.events]
        if page.reached is None:
            return found
        page = await store.page(replace(ALL, after=page.reached))


async def test_what_was_acknowledged_is_there_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "logs.db"
    first = open_logs(path, clock)
    await put(first, "a", [(1, "one"), (2, "two")], Shipment(0, 8))
    await first.close()
    again = open_logs(path, clock)
    await again.append(GROUP, "a", [(1, "one"), (2, "two")], Shipment(0, 8))
    await again.append(GROUP, "a", [(3, "three")], Shipment(8, 14))
    assert await messages(again) == ["one", "two", "three"]
    await again.close()


async def test_many_writers_share_a_commit(logs: LogStore) -> None:
    await logs.create_stream(GROUP, "a")
    await asyncio.gather(*(logs.append(GROUP, "a", [(n, f"{n}")]) for n in range(200)))
    assert await messages(logs) == [f"{n}" for n in range(200)]


async def test_one_writers_mistake_is_not_anothers(logs: LogStore) -> None:
    await logs.create_stream(GROUP, "a")
    results = await asyncio.gather(
        logs.append(GROUP, "a", [(1, "kept")]),
        logs.append(GROUP, "none", [(1, "lost")]),
        logs.create_stream(GROUP, "a"),
        logs.remove_stream(GROUP, "none"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        type(None),
        UnknownStreamError,
        StreamExistsError,
        UnknownStreamError,
    ]
    assert await messages(logs) == ["kept"]


async def test_merging_changes_nothing_that_a_reader_sees(logs: LogStore) -> None:
    for n in range(100):
        await put(logs, f"s{n % 2}", [(n, f"a{n}"), (n, f"b{n}")])
    before = (await logs.page(ALL)).events
    await logs.tidy()
    assert (await logs.page(ALL)).events == before
    await put(logs, "s0", [(200, "later")])
    assert (await logs.page(ALL)).events[:-1] == before


async def test_merged_chunks_take_a_fraction_of_the_room(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "logs.db"
    logs = open_logs(path, clock)
    await logs.create_stream(GROUP, "a")
    for n in range(400):
        await logs.append(GROUP, "a", [(n, f"GET /health 200 {n}")])
    await logs.tidy()
    await logs.close()
    (chunks,) = sqlite3.connect(path).execute("SELECT COUNT(*) FROM chunks").fetchone()
    assert chunks < 5


async def test_the_oldest_are_dropped_when_the_file_is_full(tmp_path: Path, clock: FakeClock) -> None:
    store = LogStore(LogFile(tmp_path / "logs.db"), clock, LogLimits(bytes_max=1_000_000))
    chance = random.Random(1)
    await store.create_stream(GROUP, "a")
    for n in range(300):
        # It does not get smaller than half of what it is.
        await store.append(GROUP, "a", [(n, f"{n} {chance.randbytes(10_000).hex()}")])
        if n % 100 == 99:
            await store.tidy()
    (row,) = await store.streams_by_name(GROUP, size=2)
    kept = [message.split()[0] for message in await messages(store)]
    assert kept == [f"{n}" for n in range(300 - len(kept), 300)]
    assert 0 < len(kept) < 100
    assert row.bytes == sum(event_size(message) for message in await messages(store))
    await store.close()


async def test_expired_events_go_and_streams_that_are_left_with_nothing(logs: LogStore) -> None:
    await put(logs, "old", [(10, "a"), (20, "b")])
    await put(logs, "both", [(10, "c")])
    await put(logs, "both", [(40, "d")])
    await logs.expire(GROUP, 30)
    assert await messages(logs) == ["d"]
    names = [row.name for row in await logs.streams_by_name(GROUP, size=9)]
    assert names == ["both", "old"], "something came lately: it may be in use"
    await logs.expire(GROUP, 2**53 - 1)
    assert await logs.streams_by_name(GROUP, size=9) == []


async def test_a_group_is_removed_whole_and_others_stay(logs: LogStore) -> None:
    await put(logs, "a", [(1, "mine")])
    await logs.create_stream("other", "a")
    await logs.append("other", "a", [(1, "theirs")])
    await logs.remove_group(GROUP)
    assert await logs.groups() == ["other"]
    assert await messages(logs) == []
    assert await logs.stored_bytes([GROUP, "other"]) == {"other": 26 + len("theirs")}


async def test_too_much_that_waits_for_the_disk_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    store = LogStore(LogFile(tmp_path / "logs.db"), clock, LogLimits(pending_bytes_max=200))
    await store.create_stream(GROUP, "a")
    results = await asyncio.gather(
        *(store.append(GROUP, "a", [(n, "x" * 50)]) for n in range(10)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, LogStoreFailedError)]
    assert refused
    assert len(await messages(store)) == 10 - len(refused)
    await store.close()


async def test_a_page_ends_when_its_time_is_up_and_the_next_one_goes_on(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "logs.db")
    with file.transaction():
        file.add_stream(GROUP, "a", 0)
        for n in range(10):
            file.append(GROUP, "a", [(n, f"{n}")], 0)
    for is_backward in (False, True):
        found, pages, after = [], 0, None
        while True:
            query = LogQuery(group=GROUP, begin=0, end=100, after=after, is_backward=is_backward)
            page: LogPage = read_page(file.reader, query, lambda: True)
            found += [event.message for event in page.events]
            pages += 1
            if page.reached is None:
                break
            after = page.reached
        assert found == [f"{n}" for n in (range(9, -1, -1) if is_backward else range(10))]
        assert pages == 10
    file.close()


async def test_words_that_are_not_in_a_chunk_keep_it_from_being_taken_apart(logs: LogStore) -> None:
    await put(logs, "a", [(1, "nothing"), (2, "to see")])
    await put(logs, "a", [(3, "found ü"), (4, "not")])
    looked_at: list[str] = []

    def matches(message: str) -> bool:
        looked_at.append(message)
        return "ü" in message

    query = LogQuery(group=GROUP, begin=0, end=9, matches=matches, needles=("ü".encode(),))
    assert [event.message for event in (await logs.page(query)).events] == ["found ü"]
    assert looked_at == ["found ü", "not"]


@pytest.mark.parametrize("is_backward", [False, True])
async def test_a_page_looks_only_at_the_events_that_it_has_reached(is_backward: bool) -> None:
    """However many streams were written to at the same time."""
    file = LogFile(None)
    with file.transaction():
        for stream in range(50):
            file.add_stream(GROUP, f"{stream}", 0)
            file.append(GROUP, f"{stream}", [(n * 100 + stream, f"{stream} {n}") for n in range(40)], 0)
    looked_at: list[str] = []

    def matches(message: str) -> bool:
        looked_at.append(message)
        return True

    query = LogQuery(
        group=GROUP,
        begin=0 if is_backward else 2010,
        end=2010 if is_backward else 9999,
        is_backward=is_backward,
        events_max=3,
        matches=matches,
    )
    page = read_page(file.reader, query, lambda: False)
    expected = ["9 20", "8 20", "7 20", "6 20"] if is_backward else ["10 20", "11 20", "12 20", "13 20"]
    assert [event.message for event in page.events] == expected[:3]
    assert looked_at == expected
    file.close()


async def test_closing_leaves_the_loop_free_and_waits_for_the_event_alone_that_a_reader_is_at(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = open_logs(tmp_path / "logs.db", clock)
    for n in range(3):
        await put(store, "a", [(n, f"{n}")])
    is_reading, goes_on = threading.Event(), threading.Event()
    looked_at: list[tuple[str, bool]] = []

    def matches(message: str) -> bool:
        is_reading.set()
        looked_at.append((message, goes_on.wait(5)))
        return False

    page = asyncio.create_task(store.page(replace(ALL, matches=matches)))
    await asyncio.to_thread(is_reading.wait, 5)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(closing, page)
    assert looked_at == [("0", True)]


BATCHES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.lists(st.integers(0, 30), min_size=1, max_size=6).map(sorted),
        st.booleans(),
    ),
    max_size=12,
)


@given(
    BATCHES,
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 15),
    st.integers(15, 31),
    st.sampled_from((0, 700, 10**6)),
    st.integers(0, 3),
)
def test_pages_are_what_was_put_in_order_whatever_overlaps_and_is_merged(
    batches: list[tuple[str, list[int], bool]],
    size: int,
    is_backward: bool,
    begin: int,
    end: int,
    held_bytes_max: int,
    hurry: int,
) -> None:
    """The reference: all events in a list, sorted by time, stream and number. A page has time for `hurry`
    looks at it, or (0) all."""
    file = LogFile(None)
    known: dict[str, int] = {}
    reference = []
    with file.transaction():
        for stream, ats, is_merged in batches:
            if file.add_stream(GROUP, stream, 0):
                known[stream] = 0
            row = file.stream(GROUP, stream)
            assert row is not None
            file.append(GROUP, stream, [(at, f"{stream}{known[stream] + n}") for n, at in enumerate(ats)], 0)
            for at in ats:
                reference.append((at, row.id, known[stream], f"{stream}{known[stream]}"))
                known[stream] += 1
            if is_merged:
                file.merge(row.id, 100)
    expected = [message for at, _, _, message in sorted(reference) if begin <= at < end]
    found: list[str] = []
    after = None
    while True:
        query = LogQuery(
            group=GROUP,
            begin=begin,
            end=end,
            after=after,
            is_backward=is_backward,
            events_max=size,
            held_bytes_max=held_bytes_max,
        )
        looks = count(1)
        page = read_page(file.reader, query, lambda: 0 < hurry <= next(looks))  # noqa: B023 # run at once
        found += [event.message for event in page.events]
        if page.reached is None:
            break
        after = page.reached
    assert found == (expected[::-1] if is_backward else expected)
    file.close()


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\1" * 5000])
async def test_a_damaged_file_is_put_aside_and_a_new_one_begun(
    tmp_path: Path, clock: FakeClock, content: bytes
) -> None:
    path = tmp_path / "logs.db"
    path.write_bytes(content)
    store = open_logs(path, clock)
    await put(store, "a", [(1, "new")])
    assert await messages(store) == ["new"]
    await store.close()
    aside = f"logs.db.damaged-{int(clock.now().timestamp())}"
    assert (tmp_path / aside).read_bytes() == content


async def test_a_damaged_chunk_costs_its_own_events(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "logs.db"
    store = open_logs(path, clock)
    for n in range(40):
        await put(store, "a", [(n, f"{n}")])
    await store.close()
    damage: Callable[[str], object] = sqlite3.connect(path, isolation_level=None).execute
    damage("UPDATE chunks SET body = x'00' WHERE first = 3")
    again = open_logs(path, clock)
    await again.tidy()
    assert await messages(again) == [f"{n}" for n in range(40) if n != 3]
    await again.close()


def test_an_error_that_has_rolled_a_commit_back_is_what_is_told() -> None:
    file = LogFile(None)
    with file.transaction():
        file.add_stream(GROUP, "a", 0)
    again = "INSERT OR ROLLBACK INTO streams (grp, name, created_at) VALUES (?, 'a', 0)"
    with pytest.raises(sqlite3.IntegrityError), file.transaction():
        file.reader.execute(again, (GROUP,))
    file.close()


def _merge_passes(file: LogFile, passes: int) -> list[list[int]]:
    """What is in pieces before each."""
    found = []
    for _ in range(passes):
        with file.transaction():
            found.append(file.fragmented(32))
            for stream in found[-1]:
                file.merge(stream, 512)
    return found


def test_what_is_damaged_is_told_once_and_the_rest_is_merged(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "logs.db")
    with file.transaction():
        file.add_stream(GROUP, "a", 0)
        for n in range(40):
            file.append(GROUP, "a", [(n, f"{n}")], 0)
    sqlite3.connect(tmp_path / "logs.db", isolation_level=None).execute(
        "UPDATE chunks SET body = x'00' WHERE first = 3"
    ).connection.close()
    with capture_logs() as told:
        assert _merge_passes(file, 4) == [[1], [1], [], []]
    assert [entry["log_level"] for entry in told] == ["error"]
    assert file.reader.execute("SELECT COUNT(*) FROM chunks").fetchone() == (3,)
    file.close()


def test_what_cannot_be_merged_is_not_looked_at_again() -> None:
    file = LogFile(None)
    with file.transaction():
        file.add_stream(GROUP, "a", 0)
        for n in range(80):
            file.append(GROUP, "a", [(n, "x" * (40_000 if n % 2 else 10))], 0)
    assert _merge_passes(file, 3) == [[1], [], []]
    with file.transaction():
        for n in range(32):
            file.append(GROUP, "a", [(n, f"{n}")], 0)
    assert _merge_passes(file, 2) == [[1], []]
    file.close()


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "logs.db"
    sqlite3.connect(path).execute("PRAGMA user_version = 99").connection.close()
    with pytest.raises(UnknownLogFileError):
        open_logs(path, clock)
