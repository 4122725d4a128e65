"""Large bodies are read and written on a thread of their own: whoever else asks meanwhile is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Some three hundred log events, which take a millisecond or two: ten times what going to a thread costs.
LARGE_BYTES_MIN = 32 * 1024

T = TypeVar("T")


class LargeBodies:
    """One thread: with several the event loop would wait for its turn behind each of them. What handlers
    compute aside has others (`asyncio.to_thread`), or a page's charts would wait behind all agents' logs."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="large-bodies")

    async def read(self, size: int, work: Callable[[], T]) -> T:
        """What `work` makes of a body of so many bytes; raises what it raises."""
        return work() if size < LARGE_BYTES_MIN else await self.aside(work)

    async def aside(self, work: Callable[[], T]) -> T:
        """What `work` gives, on the thread; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
