"""Killed at any moment: every event that was acknowledged is there, and none is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from tidegate.control.store.logs import LogQuery, open_logs
from tidegate.testing.clock import FakeClock

KILLS = 4


def _write_and_be_killed(path: Path, lines: int) -> list[int]:
    """What was acknowledged before the writer was killed."""
    script = Path(__file__).with_name("crash_writer.py")
    writer = subprocess.Popen([sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(lines)]
    writer.kill()
    # A line that was cut off was not acknowledged.
    acknowledged.extend(int(line) for line in writer.stdout.read().split("\n")[:-1])
    writer.wait()
    return acknowledged


async def test_a_killed_store_keeps_what_it_acknowledged_once(tmp_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: list[int] = []
    for _ in range(KILLS):
        acknowledged += _write_and_be_killed(tmp_path / "logs.db", chance.randrange(20, 120))
    store = open_logs(tmp_path / "logs.db", FakeClock())
    page = await store.page(LogQuery(group="g", begin=0, end=2**53))
    found = [int(event.message) for event in page.events]
    assert found == list(range(len(found)))
    assert set(acknowledged) <= set(found)
    assert len(found) <= len(acknowledged) + KILLS
    await store.close()
