"""The fixture `lab`: see `lab.py`; `provider`, `user`: see `identity.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.balancer.identity import browser, providing
from tests.balancer.lab import Lab, running

from tidegate.testing.identity_provider import IdentityProvider


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with running(tmp_path) as started:
        yield started


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[IdentityProvider]:
    async with providing(tmp_path) as started:
        yield started


@pytest.fixture
async def user(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(lab) as made:
        yield made
