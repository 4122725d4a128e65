"""How late an event loop comes to what it has to do."""

from __future__ import annotations

import asyncio

from tidegate.fleet.durations import Durations


class LagMeter:
    """Measures, that often, how late the loop comes to a timer: at worst, what a request may have waited."""

    def __init__(self, interval_seconds: float = 0.05) -> None:
        self._interval_seconds = interval_seconds
        self.seconds_max = 0.0
        self.durations = Durations()

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(self._interval_seconds)
            late = max(0.0, loop.time() - began - self._interval_seconds)
            self.seconds_max = max(self.seconds_max, late)
            self.durations.add(late)
