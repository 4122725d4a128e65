"""Imports after the start: control answers before all of it is there.

Theory of operation. The front ends and the controllers are a third of what control consists of, and the
first answer needs none of them. They are imported on a thread, beside the event loop, once the first
request is answered; whoever needs one earlier waits for it. One import at a time, whoever asks for it:
two threads that import what imports each other may see each other's modules half made. So one waits for
the import under way and for one's own, and for no other.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Callable
from types import ModuleType

_turn = threading.Lock()
_present: dict[str, ModuleType] = {}


def late_module(name: str) -> ModuleType:
    """The module of a full name, for threads beside the event loop. Raises what its import raises."""
    found = _present.get(name)
    if found is None:
        with _turn:
            found = _present[name] = importlib.import_module(name)
    return found


class Importer:
    """Imports by full name. All methods belong to one event loop."""

    def __init__(self, load: Callable[[str], ModuleType] = late_module) -> None:
        self._load = load
        self._loaded: dict[str, ModuleType] = {}
        self._turn = asyncio.Lock()

    async def module(self, name: str) -> ModuleType:
        """The module. Raises what its import raises, at each attempt."""
        found = self._loaded.get(name)
        if found is None:
            async with self._turn:
                found = self._loaded.get(name)
                if found is None:
                    found = self._loaded[name] = await asyncio.to_thread(self._load, name)
        return found
