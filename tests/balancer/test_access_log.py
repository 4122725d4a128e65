"""The access log's files, and what a disk that takes nothing does to them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.testing.balancing.running import eventually

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[AccessLog]:
    made = AccessLog(tmp_path)
    yield made
    made.stop()


def has(path: Path, text: str) -> bool:
    return path.is_file() and text in path.read_text()


async def test_what_comes_is_written(log: AccessLog, tmp_path: Path) -> None:
    log.start()
    os.write(log.writer, b"one\n")
    await eventually(lambda: has(tmp_path / "access.log", "one\n"))


async def test_a_disk_that_takes_nothing_costs_lines_and_not_the_log(log: AccessLog, tmp_path: Path) -> None:
    (tmp_path / "access.log").symlink_to("/dev/full")
    log.start()
    os.write(log.writer, b"lost\n")
    await eventually(lambda: (tmp_path / "access.log.1").is_symlink())
    os.write(log.writer, b"two\n")
    await eventually(lambda: has(tmp_path / "access.log", "two\n"))
