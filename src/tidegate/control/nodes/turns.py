"""Turns of the event loop, shared among many: what one commit wakes at once does not run at once."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets so many callers go on in one turn of the loop; the others wait for the next, in order.

    Requests, timers and controllers have their own turns in between, however many wait here.
    """

    def __init__(self, per_turn: int) -> None:
        self._per_turn = per_turn
        self._left = per_turn
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return when it is the caller's turn: at once, when few are here."""
        if self._left and not self._waiting:
            self._use_one()
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        await place

    def _use_one(self) -> None:
        if self._left == self._per_turn:
            asyncio.get_running_loop().call_soon(self._begin)
        self._left -= 1

    def _begin(self) -> None:
        self._left = self._per_turn
        while self._waiting and self._left:
            place = self._waiting.popleft()
            if not place.done():
                self._use_one()
                place.set_result(None)
