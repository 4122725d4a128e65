"""A series store on disk, and how to open it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tidegate.control.store.series import SeriesFile, SeriesLimits, SeriesStore
from tidegate.testing.clock import FakeClock

Open = Callable[..., SeriesStore]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def opened(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Open]:
    """Opens the store of this test; one that is open already is closed at the end."""
    stores: list[SeriesStore] = []

    def open_(limits: SeriesLimits | None = None) -> SeriesStore:
        store = SeriesStore(SeriesFile(tmp_path / "metrics.db"), clock, limits)
        store.load()
        stores.append(store)
        return store

    yield open_
    for store in stores:
        await store.close()
