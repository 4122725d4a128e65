"""Killed at any moment: every sample that was acknowledged is there, and none is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tidegate.control.store.series import SeriesStore
from tidegate.domain.cloudwatch import Metric
from tidegate.testing.clock import EPOCH

KILLS = 6
NOW = int(EPOCH.timestamp())
METRIC = Metric(namespace="Shop", name="Requests")


def _write_and_be_killed(path: Path, lines: int) -> list[int]:
    """The moments that were acknowledged before the writer was killed."""
    script = Path(__file__).with_name("crash_writer.py")
    writer = subprocess.Popen([sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(lines)]
    writer.kill()
    # A line that was cut off was not acknowledged.
    acknowledged.extend(int(line) for line in writer.stdout.read().split("\n")[:-1])
    writer.wait()
    return acknowledged


async def test_a_killed_store_keeps_what_it_acknowledged_once(
    tmp_path: Path, opened: Callable[..., SeriesStore]
) -> None:
    chance = random.Random(7)
    acknowledged: list[int] = []
    for _ in range(KILLS):
        acknowledged += _write_and_be_killed(tmp_path / "metrics.db", chance.randrange(5, 60))
    end = acknowledged[-1] + 600
    found = await opened().statistics(METRIC, begin=NOW, end=end, period=60, statistic="Sum")
    assert set(acknowledged) <= found.keys()
    assert all(total == at for at, total in found.items())
    assert len(found) <= len(acknowledged) + KILLS
