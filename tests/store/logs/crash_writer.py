"""Ships one event after the other, each again once, prints it when it is acknowledged; to be killed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from tidegate.control.store.logs import LogFile, LogQuery, LogStore, Shipment, StreamExistsError
from tidegate.testing.clock import FakeClock


async def main(path: Path) -> None:
    store = LogStore(LogFile(path), FakeClock())
    with suppress(StreamExistsError):
        await store.create_stream("g", "a")
    page = await store.page(LogQuery(group="g", begin=0, end=2**53, is_backward=True, events_max=1))
    number = int(page.events[0].message) + 1 if page.events else 0
    while True:
        for _ in range(2):
            await store.append("g", "a", [(number, f"{number}")], Shipment(number, number + 1))
        print(number, flush=True)
        if number % 50 == 0:
            await store.tidy()
        number += 1


asyncio.run(main(Path(sys.argv[1])))
