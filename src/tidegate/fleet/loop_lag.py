"""How late an event loop comes to what it has to do."""

from __future__ import annotations

import asyncio


class LagMeter:
    """Measures how late the loop comes to a timer: at worst, what a request may have waited."""

    INTERVAL_SECONDS = 0.05

    def __init__(self) -> None:
        self.seconds_max = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(self.INTERVAL_SECONDS)
            self.seconds_max = max(self.seconds_max, loop.time() - began - self.INTERVAL_SECONDS)
