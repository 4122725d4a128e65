"""A store in memory, a clock that stands still, and rows to begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tidegate.control.nodes.context import NodeContext
from tidegate.control.settings import RegionSettings
from tidegate.control.store import MemoryDatabase, Store, Table, Transaction
from tidegate.control.store.tables import ALL
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds

Put = Callable[..., Awaitable[None]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = Store(MemoryDatabase(), ALL)
    yield store
    await store.close()


@pytest.fixture
def settings() -> RegionSettings:
    return RegionSettings(
        region="us-east-1", account="000000000000", network="127.80", endpoint="127.0.0.1:7400"
    )


@pytest.fixture
def context(store: Store, clock: FakeClock, settings: RegionSettings) -> NodeContext:
    return NodeContext(store=store, clock=clock, ids=SeededIds(), settings=settings)


@pytest.fixture
def put(store: Store) -> Put:
    """Put rows in the tables of their types, in one commit."""
    tables: dict[type, Table[Any]] = {table.row_type: table for table in ALL}

    async def put_rows(*rows: object) -> None:
        def write(tx: Transaction) -> None:
            for row in rows:
                tx.put(tables[type(row)], row)

        await store.transact(write)

    return put_rows
