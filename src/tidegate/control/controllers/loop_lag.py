"""How long the event loop is held: everything on it waits meanwhile."""

from __future__ import annotations

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
