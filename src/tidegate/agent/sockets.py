"""Control's websockets as agents use them: signed, and opened again for as long as the agent lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog

from tidegate.agent.api import EcsApi

SILENCE_SECONDS_MAX = 90.0
RECONNECT_SECONDS_MIN = 0.2
RECONNECT_SECONDS_MAX = 2.0

Query = list[tuple[str, str]]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class SessionRecord:
    """One kind of session: whether it is open, and how often it was opened since the start."""

    is_open: bool = False
    opened: int = 0


def path_of(url: str) -> str:
    """The path that is signed."""
    return "/" + url.split("://", 1)[1].split("/", 1)[1]


@asynccontextmanager
async def connected(
    session: aiohttp.ClientSession, api: EcsApi, url: str, query: Query, record: SessionRecord
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A socket, for as long as it is used; the record says so."""
    headers = api.signature("GET", path_of(url), query=query)
    async with session.ws_connect(url, params=query, headers=headers, max_msg_size=0) as socket:
        record.is_open, record.opened = True, record.opened + 1
        try:
            yield socket
        finally:
            record.is_open = False


async def persistently(name: str, follow: Callable[[], Awaitable[None]]) -> None:
    """Run a session again whenever it ends; until cancelled."""
    delay = RECONNECT_SECONDS_MIN
    while True:
        try:
            await follow()
            delay = RECONNECT_SECONDS_MIN
        # A ValueError is a frame that is no JSON: a control gone mad must not end the agent.
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.info("session ended", session=name, error=str(error))
        # Jitter: when control returns, not all agents come at one instant.
        await asyncio.sleep(delay * random.uniform(0.5, 1.0))
        delay = min(RECONNECT_SECONDS_MAX, delay * 2)
