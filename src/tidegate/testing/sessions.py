"""A node's connection in memory: the test is the node."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from tidegate.control.nodes.session import SessionClosedError


class FakeSession:
    """A `NodeSession`. `sent` is what control said; `say` is what the node says; `drop` cuts the line."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.close_code: int | None = None
        self._said: asyncio.Queue[tuple[str, Mapping[str, Any]] | None] = asyncio.Queue()
        self._is_dropped = False

    def say(self, type_: str, **message: Any) -> None:
        self._said.put_nowait((type_, message))

    def hang_up(self) -> None:
        """End the session after what was said is heard."""
        self._said.put_nowait(None)

    def drop(self) -> None:
        """Cut the line at once."""
        self._is_dropped = True
        self._said.put_nowait(None)

    def take(self, type_: str | None = None) -> list[dict[str, Any]]:
        """The messages of a type (or all) that control has sent since the last take, removed."""
        taken = [message for name, message in self.sent if type_ in (None, name)]
        self.sent = [(name, message) for name, message in self.sent if type_ not in (None, name)]
        return taken

    async def receive(self) -> tuple[str, Mapping[str, Any]]:
        said = None if self._is_dropped else await self._said.get()
        if said is None:
            self._is_dropped = True
            raise SessionClosedError
        return said

    async def send(self, type_: str, message: Mapping[str, Any]) -> None:
        if self._is_dropped:
            raise SessionClosedError
        # Through JSON, as over the real line.
        self.sent.append((type_, json.loads(json.dumps(message))))

    async def close(self, code: int) -> None:
        if self.close_code is None:
            self.close_code = code
        self.drop()
