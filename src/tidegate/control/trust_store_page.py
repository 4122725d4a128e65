"""`GET /fleet/truststore/NAME/ID/...`: what the links of trust stores lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tidegate.control.links import TRUST_STORE_PREFIX
from tidegate.control.pages import Receive, Scope, Send, answer, check_signature
from tidegate.control.store import Store
from tidegate.control.store.tables import TRUST_STORES
from tidegate.domain.arns import ArnMaker
from tidegate.domain.time import Clock
from tidegate.wire import Fault

_PATH = re.compile(
    TRUST_STORE_PREFIX + "(?P<name>[A-Za-z0-9-]+)/(?P<id>[0-9a-f]+)/"
    r"(ca-certificates\.pem|revocations/(?P<revocation>[0-9]+)\.pem)"
)


class TrustStorePage:
    """An ASGI application for the paths below TRUST_STORE_PREFIX."""

    def __init__(self, *, store: Store, arns: ArnMaker, clock: Clock, credentials: Mapping[str, str]) -> None:
        self._store = store
        self._arns = arns
        self._clock = clock
        self._credentials = credentials

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        try:
            check_signature(scope, self._credentials, self._clock.now())
        except Fault as fault:
            await answer(send, fault.status or 403, "text/plain", f"{fault}\n".encode())
            return
        content = self._content(scope["path"])
        if content is None:
            await answer(send, 404, "text/plain", b"It was deleted since.\n")
        else:
            await answer(send, 200, "application/x-pem-file", content.encode())

    def _content(self, path: str) -> str | None:
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        arn = self._arns.trust_store(found["name"], found["id"])
        row = self._store.snapshot.get(TRUST_STORES, arn)
        if row is None:
            return None
        if found["revocation"] is None:
            return row.ca_pem
        wanted = int(found["revocation"])
        return next((one.crl_pem for one in row.revocations if one.id == wanted), None)
