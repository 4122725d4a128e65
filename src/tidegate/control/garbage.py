"""Collections that do not hold the event loop, however large the region is.

Theory of operation. Rows, maps and indexes form no cycles: they go the moment nobody holds them. But
Python's full collection walks over all of them to find that out, which holds the loop for longer the larger
the region is, and comes whenever they have grown by a quarter. So collections are frequent, and what
survives a full one is put aside (`gc.freeze`), where no later one looks: each object is walked over once,
in company of few others. `bench/scale` shows the pauses.

What is put aside as part of a cycle and dies later is not found any more: the ends of agents' sessions. So
once a day everything is looked at, for the price of that one long collection.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping

THAW_EVERY_SECONDS = 24 * 3600.0

# Net allocations before a young collection, young ones before a middle one, middle ones before a full
# one. A full one walks over what is new since the last: that is less than with Python's own (700, 10, 10).
_THRESHOLDS = (700, 10, 2)


def keep_collections_short() -> None:
    """From now on; to be called once, when the state is loaded."""
    gc.set_threshold(*_THRESHOLDS)
    gc.freeze()
    gc.callbacks.append(_freeze_survivors)


async def thaw_daily() -> None:
    """Look at everything once a day, until cancelled."""
    while True:
        await asyncio.sleep(THAW_EVERY_SECONDS)
        thaw()


def thaw() -> None:
    """Collect what was put aside and has died since."""
    gc.unfreeze()
    gc.collect()


def _freeze_survivors(phase: str, info: Mapping[str, int]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()
