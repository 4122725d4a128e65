"""Who sends a request: known to HAProxy where it can be, else asked of the balancer, on a socket that only
this user can reach."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tidegate.balancer.decisions.configuration.tokens import validations_of
from tidegate.balancer.decisions.key_sets import Keys
from tidegate.balancer.decisions.logins.tally import LoginTally
from tidegate.balancer.identity.asked import Asked
from tidegate.balancer.identity.key_keeper import KeyKeeper
from tidegate.balancer.identity.provider import Providers
from tidegate.fleet.balancing import EdgeDocument

# In the balancer's folder, where HAProxy runs; in one of its own, which nobody else can enter.
SOCKET_NAME = "identity/sock"


class Identity:
    """`changed` is called when HAProxy is to know other keys than before. `tally`: of logins."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._socket = folder / SOCKET_NAME
        self._providers = Providers()
        self._keeper = KeyKeeper(self._socket.parent / "keys", self._providers, _read_keys, changed)
        self._asked = Asked()
        self.tally = LoginTally()
        self._wanted = asyncio.Event()

    @property
    def key_sets(self) -> Mapping[str, Keys]:
        return self._keeper.sets

    def expect(self, edge: EdgeDocument) -> None:
        """Know what the rules of a document ask for."""
        self._providers.authorities = edge.authority_pem
        self._keeper.want({one.jwks_endpoint for one in validations_of(edge).values()})
        if self._asked.expect(edge):
            self._socket.parent.mkdir(mode=0o700, exist_ok=True)
            self._wanted.set()

    async def run(self) -> None:
        """Serve as soon as some rule asks who sends a request, until cancelled."""
        await self._wanted.wait()
        service = _later("identity.service")
        try:
            async with service.serving(self._socket, self._asked, self._keeper, self._providers, self.tally):
                await self._keeper.watch()
        finally:
            await self._providers.close()


def _read_keys(content: bytes) -> Keys:
    keys: Keys = _later("decisions.json_web_keys").read_keys(content)
    return keys


def _later(module: str) -> Any:
    """A module that brings cryptography, imported with the first need: that is 9 MB and a tenth of a second,
    and most balancers never ask who sends a request."""
    return importlib.import_module(f"tidegate.balancer.{module}")
