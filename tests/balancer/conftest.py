"""The fixture `lab`: see `lab.py`; `provider`, `user`: see `identity.py`; `port`: for names."""

from __future__ import annotations

import contextlib
import socket
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


@pytest.fixture
def port() -> int:
    """One that nobody has at 127.0.0.1, nor the next: some tests take two."""
    while True:
        with socket.socket() as probe, socket.socket() as next_one, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", 0))
            free: int = probe.getsockname()[1]
            next_one.bind(("127.0.0.1", free + 1))
            return free
