"""What is fetched of the logs of Docker's containers, from an engine that is a list of lines."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tidegate.agent.docker.logs import LogKeeper
from tidegate.agent.runtime import ContainerState

LINES = [f"2026-01-01T00:00:0{n}.000000000Z line {n}\n" for n in range(6)]
ENDED = ContainerState(task_id="t", name="main", status="stopped", runtime_id="c1")


class Engine:
    """`asked`: the queries for logs. It gives all lines whatever is asked for, as one of a second does."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []

    async def stream(self, method: str, path: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        assert (method, path) == ("GET", "/containers/c1/logs")
        self.asked.append(query)
        payload = "".join(LINES).encode()
        yield struct.pack(">BxxxL", 1, len(payload)) + payload


@pytest.fixture
def engine() -> Engine:
    return Engine()


async def fetched(engine: Engine, folder: Path) -> None:
    """Fetch once, as an agent that has just come back does."""
    keeper = LogKeeper(engine, folder)  # type: ignore[arg-type] # it has the one method that is used
    keeper.keep(ENDED, 4)
    await asyncio.gather(*keeper._followers.values())


async def test_logs_that_were_removed_are_not_fetched_again(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "removed").touch()
    await fetched(engine, tmp_path)
    assert engine.asked == []


@pytest.mark.parametrize("newest", [b"", None])
async def test_a_rotation_whose_first_write_failed_fetches_no_line_twice(
    engine: Engine, tmp_path: Path, newest: bytes | None
) -> None:
    """As a full disk leaves it: the older files are there, in the newest is nothing, or there is none."""
    (tmp_path / "t").mkdir()
    path = tmp_path / "t" / "main.log"
    path.with_name("main.log.2").write_text("".join(LINES[:2]))
    path.with_name("main.log.1").write_text("".join(LINES[2:4]))
    if newest is not None:
        path.write_bytes(newest)
    await fetched(engine, tmp_path)
    assert path.read_text() == "".join(LINES[4:])
    assert engine.asked[0]["since"].endswith(".000000000")
