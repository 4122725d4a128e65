"""How long the event loop is held: everything on it waits meanwhile."""

from __future__ import annotations

import asyncio
import time
import types
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(slots=True)
class Holding:
    """The longest stretch for which one coroutine held the loop without a pause."""

    seconds_max: float = 0.0


@types.coroutine
def timed(coroutine: Coroutine[Any, Any, R], holding: Holding) -> Generator[Any, Any, R]:
    """Run a coroutine and note in `holding` how long it held the loop."""
    step: Callable[[Any], Any] = coroutine.send
    argument: Any = None
    while True:
        began = time.perf_counter()
        try:
            waits_for = step(argument)
        except StopIteration as end:
            result: R = end.value
            return result
        finally:
            holding.seconds_max = max(holding.seconds_max, time.perf_counter() - began)
        try:
            argument = yield waits_for
            step = coroutine.send
        except BaseException as error:
            step, argument = coroutine.throw, error


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
