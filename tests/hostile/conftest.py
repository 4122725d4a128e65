"""The fixture `hostile`: see `exchange.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.hostile.exchange import Range, shooting_range


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Range]:
    async with shooting_range(tmp_path_factory.mktemp("hostile")) as started:
        yield started
