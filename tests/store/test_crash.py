"""kill -9 under writes: everything acknowledged is kept, and nothing by halves.

TIDEGATE_CRASHES sets how many times; CI runs the short form.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tidegate.control.store import Store
from tidegate.control.store.opening import open_database
from tidegate.control.store.tables import ALL, CLUSTERS
from tidegate.domain.ecs import Cluster

CRASHES = int(os.environ.get("TIDEGATE_CRASHES", "5"))
WRITER = Path(__file__).parent / "crash_writer.py"


@pytest.mark.timeout(20 + 3 * CRASHES)
def test_everything_acknowledged_before_a_kill_is_kept(url: str) -> None:
    chance = random.Random(CRASHES)
    acknowledged: set[str] = set()
    for number in range(CRASHES):
        acknowledged |= _write_until_killed(url, number, lines=chance.randrange(1, 200))
        halves = Counter(row.name for row in _loaded(url))
        assert acknowledged <= set(halves)
        assert set(halves.values()) == {2}


def _write_until_killed(url: str, number: int, lines: int) -> set[str]:
    """Names that the writer printed before it was killed, some time after its `lines`-th."""
    with subprocess.Popen(
        [sys.executable, str(WRITER), url, str(number)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        seen = {writer.stdout.readline().strip() for _ in range(lines)}
        writer.send_signal(signal.SIGKILL)
        seen |= set(writer.stdout.read().split())
    assert "" not in seen, "the writer died by itself"
    return seen


def _loaded(url: str) -> list[Cluster]:
    database = open_database(url, wait_for_lock=True)
    store = Store(database, ALL)
    store.load()
    database.close()
    return list(store.snapshot.all(CLUSTERS))
