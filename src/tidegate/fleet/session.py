"""A node's session with control: signed, opened again whenever it ends, each change of its state told.

What a node does with the session is a conversation: it gets the socket and returns when that is closed.
What it raises ends this session and no more, for the next one begins with everything anew: control may
be away or be repaired, and a disk may be given room. Such a fault would come back four times a second, so
it is told once, and the session is told to be connected again only after it has stayed so for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

import aiohttp
import msgspec

from tidegate.fleet.hosting import SERVICE
from tidegate.wire.sigv4 import sign_headers

RECONNECT_SECONDS = 0.25
STEADY_SECONDS = 1.0


class SessionState(StrEnum):
    CONNECTED = "connected"
    # Nobody answers, or whoever did went away.
    AWAY = "away"
    # Control answered and did not want us: keys that it does not know, or a clock that is wrong.
    REFUSED = "refused"
    # A frame that this version cannot read.
    UNREADABLE = "unreadable"
    # The node's own disk did not take what control sent.
    UNWRITABLE = "unwritable"


_FAULTS = (SessionState.UNREADABLE, SessionState.UNWRITABLE)
Conversation = Callable[[aiohttp.ClientWebSocketResponse], Awaitable[None]]
Tell = Callable[[SessionState, str], None]


class Frame(msgspec.Struct):
    """`message` is decoded by whoever knows what `type` says."""

    type: str
    message: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAccess:
    """`url`: control's, without a path."""

    url: str
    region: str
    access_key: str
    secret_key: str

    def signature(self, path: str, now: datetime) -> dict[str, str]:
        """The headers that open a session."""
        return sign_headers(
            method="GET",
            host=urlsplit(self.url).netloc,
            path=path,
            service=SERVICE,
            region=self.region,
            access_key_id=self.access_key,
            secret_key=self.secret_key,
            now=now,
        )


def frame_of(message: object) -> str:
    """A message as it is sent; its type is its class's name."""
    return msgspec.json.encode({"type": type(message).__name__, "message": message}).decode()


class Session:
    """`tell` gets every change of state with its reason."""

    def __init__(self, access: ControlAccess, path: str, converse: Conversation, tell: Tell) -> None:
        self._access = access
        self._path = path
        self._converse = converse
        self._tell = tell
        self._told: tuple[SessionState, str] | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with aiohttp.ClientSession() as client:
            while True:
                self._note(*await self._hold(client))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _hold(self, client: aiohttp.ClientSession) -> tuple[SessionState, str]:
        """One session from its start to its end, and why it ended."""
        try:
            await self._open(client)
        except aiohttp.WSServerHandshakeError as error:
            return SessionState.REFUSED, f"{error.status} {error.message}"
        except msgspec.MsgspecError as error:
            return SessionState.UNREADABLE, str(error)
        # Before OSError, which these are as well.
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            return SessionState.AWAY, str(error) or type(error).__name__
        except OSError as error:
            return SessionState.UNWRITABLE, str(error)
        return SessionState.AWAY, "control closed the session"

    async def _open(self, client: aiohttp.ClientSession) -> None:
        headers = self._access.signature(self._path, datetime.now(UTC))
        url = self._access.url + self._path
        async with client.ws_connect(url, headers=headers, heartbeat=10, max_msg_size=0) as socket:
            was_faulty = self._told is not None and self._told[0] in _FAULTS
            delay = STEADY_SECONDS if was_faulty else 0
            timer = asyncio.get_running_loop().call_later(delay, self._note, SessionState.CONNECTED, "")
            try:
                await self._converse(socket)
            finally:
                timer.cancel()

    def _note(self, state: SessionState, reason: str) -> None:
        if (state, reason) != self._told:
            self._told = (state, reason)
            self._tell(state, reason)
