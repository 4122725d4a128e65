"""Transactions, durability and signals, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tidegate.control.store import (
    Change,
    Conflict,
    DatabaseLostError,
    MemoryDatabase,
    Store,
    StoreFailedError,
    Transaction,
    WriteRefusedError,
)
from tidegate.control.store.database import StoredRow
from tidegate.control.store.opening import open_database
from tidegate.control.store.store import ANSWERS_PER_TURN
from tidegate.control.store.tables import ALL, CLUSTERS, TARGETS
from tidegate.domain.ecs import Cluster
from tidegate.domain.elbv2 import Target

NOW = datetime(2026, 1, 1, 12, 30, 0, 250_000, tzinfo=UTC)


def a_cluster(name: str = "main", **fields: object) -> Cluster:
    return Cluster(arn=f"arn:{name}", name=name, created_at=NOW, **fields)  # type: ignore[arg-type]


def a_target(group: str, target_id: str) -> Target:
    return Target(target_group_arn=group, id=target_id, port=80, address="127.80.1.1", registered_at=NOW)


def opened(url: str) -> Store:
    store = Store(open_database(url), ALL)
    store.load()
    return store


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = opened(url)
    yield store
    await store.close()


async def put(store: Store, *rows: Cluster) -> None:
    def write(tx: Transaction) -> None:
        for row in rows:
            tx.put(CLUSTERS, row)

    await store.transact(write)


async def test_revisions_go_on_from_the_database_or_from_what_is_asked_for(url: str) -> None:
    store = opened(url)
    await put(store, a_cluster("a"))
    await store.close()
    for at_least, revision in ((0, 1), (1_000, 1_000), (500, 1_001)):
        store = Store(open_database(url), ALL)
        store.load(revision_at_least=at_least)
        assert store.snapshot.revision == revision
        await put(store, a_cluster("a", tags={"at": f"{at_least}"}))
        assert store.snapshot.revision == revision + 1
        await store.close()


async def test_revisions_that_began_at_what_is_asked_for_go_on_from_there_though_nothing_was_written(
    url: str,
) -> None:
    """A clock that is set back meanwhile must not have the next start repeat them."""
    for at_least in (2_000, 1_000):
        store = Store(open_database(url), ALL)
        store.load(revision_at_least=at_least)
        assert store.snapshot.revision == 2_000
        await store.close()


async def test_what_was_acknowledged_is_there_after_a_reopen(url: str) -> None:
    store = opened(url)
    await put(store, a_cluster("a", tags={"k": "v"}), a_cluster("b"))
    await store.transact(lambda tx: tx.delete(CLUSTERS, "arn:b"))
    revision = store.snapshot.revision
    await store.close()

    reopened = opened(url)
    assert list(reopened.snapshot.all(CLUSTERS)) == [a_cluster("a", tags={"k": "v"})]
    assert reopened.snapshot.revision == revision
    await reopened.close()


async def test_a_write_is_seen_only_when_it_is_durable(store: Store) -> None:
    job = asyncio.ensure_future(put(store, a_cluster()))
    await asyncio.sleep(0)
    assert store.snapshot.get(CLUSTERS, "arn:main") is None
    await job
    assert store.snapshot.get(CLUSTERS, "arn:main") == a_cluster()


async def test_the_next_transaction_sees_the_pending_one(store: Store) -> None:
    first = asyncio.ensure_future(put(store, a_cluster()))
    await asyncio.sleep(0)
    seen = await store.transact(lambda tx: tx.get(CLUSTERS, "arn:main"))
    assert seen == a_cluster()
    # What it has read is durable by the time it answers, though it wrote nothing itself.
    assert store.snapshot.get(CLUSTERS, "arn:main") == a_cluster()
    await first


async def test_a_function_that_raises_changes_nothing(store: Store) -> None:
    def write(tx: Transaction) -> None:
        tx.put(CLUSTERS, a_cluster())
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.transact(write)
    assert await store.transact(lambda tx: tx.get(CLUSTERS, "arn:main")) is None


async def test_an_equal_row_is_no_change(store: Store) -> None:
    await put(store, a_cluster())
    revision = store.snapshot.revision
    await put(store, a_cluster())
    assert store.snapshot.revision == revision


async def test_a_row_that_moved_on_is_a_conflict(store: Store) -> None:
    await put(store, a_cluster())
    await put(store, a_cluster(status="INACTIVE"))

    def guarded(tx: Transaction) -> None:
        tx.expect(CLUSTERS, "arn:main", a_cluster())
        tx.delete(CLUSTERS, "arn:main")

    with pytest.raises(Conflict):
        await store.transact(guarded)
    assert store.snapshot.get(CLUSTERS, "arn:main") == a_cluster(status="INACTIVE")


async def test_concurrent_writers_share_a_commit(store: Store) -> None:
    await put(store, a_cluster("warm"))
    before = store.commits
    await asyncio.gather(*(put(store, a_cluster(f"c{number}")) for number in range(200)))
    assert store.snapshot.count(CLUSTERS) == 201
    assert store.commits - before <= 3


async def test_subscribers_hear_of_each_commit_once_it_is_durable(store: Store) -> None:
    heard: list[Change] = []

    def hear(changes: Sequence[Change]) -> None:
        assert store.snapshot.get(CLUSTERS, "arn:main") is not None
        heard.extend(changes)

    store.subscribe(hear)
    await put(store, a_cluster())
    await put(store, a_cluster(status="INACTIVE"))
    assert [(change.key, change.old, change.new) for change in heard] == [
        ("arn:main", None, a_cluster()),
        ("arn:main", a_cluster(), a_cluster(status="INACTIVE")),
    ]


async def test_a_subscribers_bug_stops_nobody(store: Store) -> None:
    heard: list[Change] = []
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))

    def broken(_: Sequence[Change]) -> None:
        raise RuntimeError("a bug")

    store.subscribe(broken)
    store.subscribe(heard.extend)
    await put(store, a_cluster())
    await put(store, a_cluster("b"))
    assert len(heard) == 2
    assert len(faults) == 2


async def test_rows_are_found_by_every_value_of_an_index_and_no_old_one(store: Store) -> None:
    await store.transact(lambda tx: tx.put(TARGETS, a_target("g", "i-1")))
    await store.transact(lambda tx: tx.put(TARGETS, a_target("g", "i-2")))
    await store.transact(lambda tx: tx.delete(TARGETS, a_target("g", "i-1").key))
    assert list(store.snapshot.by(TARGETS, "target_group", "g")) == [a_target("g", "i-2")]
    assert list(store.snapshot.by(TARGETS, "id", "i-1")) == []


async def test_an_unknown_index_is_a_bug_that_says_so(store: Store) -> None:
    with pytest.raises(KeyError, match="no index colour"):
        store.snapshot.by(TARGETS, "colour", "red")


async def test_a_snapshot_never_changes(store: Store) -> None:
    await put(store, a_cluster())
    held = store.snapshot
    await store.transact(lambda tx: tx.delete(CLUSTERS, "arn:main"))
    assert held.get(CLUSTERS, "arn:main") == a_cluster()


class FailingDatabase(MemoryDatabase):
    """Fails writes with what it is told, a few times."""

    is_instant = False

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[Exception] = []

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        if self.failures:
            raise self.failures.pop()
        super().write(rows, revision)


async def test_a_refused_write_fails_everything_built_upon_it_and_the_store_goes_on() -> None:
    database = FailingDatabase()
    store = Store(database, ALL)
    await put(store, a_cluster("kept"))
    database.failures.append(WriteRefusedError("disk full"))

    first = asyncio.ensure_future(put(store, a_cluster("a")))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(put(store, a_cluster("b")))
    results = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(result) for result in results] == [StoreFailedError, StoreFailedError]
    assert [row.name for row in store.snapshot.all(CLUSTERS)] == ["kept"]
    await put(store, a_cluster("a"))
    assert {row.name for row in store.snapshot.all(CLUSTERS)} == {"kept", "a"}
    await store.close()


async def test_an_unknown_outcome_is_the_end_of_the_store() -> None:
    database = FailingDatabase()
    store = Store(database, ALL)
    database.failures.append(DatabaseLostError("connection lost in commit"))
    with pytest.raises(StoreFailedError):
        await put(store, a_cluster("a"))
    await asyncio.wait_for(store.lost(), 1)
    with pytest.raises(StoreFailedError, match="lost"):
        await put(store, a_cluster("b"))
    await store.close()


async def test_memory_and_sql_keep_the_same_bytes(url: str) -> None:
    memory, sql = MemoryDatabase(), open_database(url)
    for database in (memory, sql):
        store = Store(database, ALL)
        store.load()
        await put(store, a_cluster("a"), a_cluster("b", tags={"é": "\x00"}))
        await store.transact(lambda tx: tx.delete(CLUSTERS, "arn:a"))
    assert sorted(map(repr, memory.load())) == sorted(map(repr, sql.load()))
    assert memory.revision == sql.revision
    sql.close()


async def test_callers_of_one_large_commit_are_answered_some_at_a_time(store: Store) -> None:
    """Whoever else has something to do has turns in between."""
    answered: list[int] = []

    async def write(number: int) -> None:
        await put(store, a_cluster(f"c{number}"))
        answered.append(number)

    # Two commits: one for the first caller, one for all who came meanwhile.
    jobs = [asyncio.create_task(write(number)) for number in range(5 * ANSWERS_PER_TURN)]
    seen = [0]
    while not all(job.done() for job in jobs):
        await asyncio.sleep(0)
        seen.append(len(answered))
    assert max(now - before for before, now in pairwise(seen)) <= ANSWERS_PER_TURN
    assert store.commits <= 3
