"""Records one sample a minute of its own time, prints each when it is acknowledged; to be killed.

A sample is worth the moment at which it is, so that a lost or doubled one shows in its own span.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tidegate.control.store.series import SeriesFile, SeriesStore
from tidegate.domain.cloudwatch import Metric, Sample, value
from tidegate.testing.clock import EPOCH, FakeClock

NOW = int(EPOCH.timestamp())
METRIC = Metric(namespace="Shop", name="Requests")


async def main(path: Path) -> None:
    clock = FakeClock()
    store = SeriesStore(SeriesFile(path), clock)
    store.load()
    at = max((known.last_at for known in store.known()), default=NOW - 60)
    while True:
        at += 60
        sample = Sample(metric=METRIC, at=at, seconds=60, unit="None", summary=value(float(at)))
        await store.record([sample])
        print(at, flush=True)
        if at % 420 == 0:
            await store.flush(clock.monotonic())


asyncio.run(main(Path(sys.argv[1])))
