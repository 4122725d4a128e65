"""What HAProxy asks the balancer about who sends a request, on a socket that only this user can reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from aiohttp import web

from tidegate.balancer.decisions.configuration.tokens import validations_of
from tidegate.balancer.decisions.key_sets import Keys, is_signed, key_id_of
from tidegate.balancer.identity.key_keeper import KeyKeeper
from tidegate.balancer.identity.provider import Providers
from tidegate.fleet.balancing import EdgeDocument, EdgeTokenValidation

# In the balancer's folder, where HAProxy runs.
SOCKET_NAME = "identity.sock"
_TOKEN_BYTES_MAX = 16 * 1024


class Identity:
    """`changed` is called when HAProxy is to know other keys than before."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._socket = folder / SOCKET_NAME
        self._providers = Providers()
        self._keeper = KeyKeeper(folder / "keys", self._providers, changed)
        self._validations: Mapping[str, EdgeTokenValidation] = {}
        self._wanted = asyncio.Event()

    @property
    def key_sets(self) -> Mapping[str, Keys]:
        return self._keeper.sets

    def expect(self, edge: EdgeDocument) -> None:
        """Know what the rules of a document ask for."""
        self._validations = validations_of(edge)
        self._providers.authorities = edge.authority_pem
        self._keeper.want({one.jwks_endpoint for one in self._validations.values()})
        if self._validations:
            self._wanted.set()

    async def run(self) -> None:
        """Serve as soon as some rule asks who sends a request, until cancelled."""
        await self._wanted.wait()
        application = web.Application(client_max_size=_TOKEN_BYTES_MAX)
        application.add_routes([web.post("/tokens/{check}", self._token)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            self._socket.unlink(missing_ok=True)
            await web.UnixSite(runner, self._socket).start()
            self._socket.chmod(0o600)
            await self._keeper.watch()
        finally:
            await runner.cleanup()
            await self._providers.close()

    async def _token(self, request: web.Request) -> web.Response:
        """Whether a token's signature is good: `good`, or the reason why not."""
        validation = self._validations.get(request.match_info["check"])
        if validation is None:
            return web.Response(text="JWKSNotKnown")
        return web.Response(text=await self._judged(validation, await request.read()))

    async def _judged(self, validation: EdgeTokenValidation, token: bytes) -> str:
        try:
            key_id = key_id_of(token)
        except ValueError:
            return "JWTRequestFormatInvalid"
        pem, fault = await self._keeper.find(validation.jwks_endpoint, key_id)
        if pem is not None:
            return "good" if is_signed(token, pem) else "JWTSignatureValidationError"
        return "JWKSRequestFailed" if fault else "JWTSignatureValidationError"
