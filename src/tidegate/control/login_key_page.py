"""`GET /public-keys.auth.elb/KEY-ID`: what the signatures of `x-amzn-oidc-data` are checked with.

On AWS the same is at `https://public-keys.auth.elb.REGION.amazonaws.com/KEY-ID`. As there, anyone may ask.
"""

from __future__ import annotations

from tidegate.control.pages import Receive, Scope, Send, answer
from tidegate.control.pki import public_key
from tidegate.control.store import Store
from tidegate.control.store.tables import LOGIN_KEYS

LOGIN_KEY_PREFIX = "/public-keys.auth.elb/"


class LoginKeyPage:
    """An ASGI application for the paths below LOGIN_KEY_PREFIX."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        key_id = scope["path"].removeprefix(LOGIN_KEY_PREFIX)
        for row in self._store.snapshot.all(LOGIN_KEYS):
            if row.key_id == key_id:
                pem = await public_key(row.signing_key_pem)
                await answer(send, 200, "application/x-pem-file", pem.encode())
                return
        await answer(send, 404, "text/plain", b"There is no such key.\n")
