"""Pages that control serves beside AWS's protocols, each signed for the service `tidegate`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any

from tidegate.control.issuing import authority
from tidegate.control.store import Store
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock
from tidegate.fleet.hosting import SERVICE
from tidegate.wire import Fault
from tidegate.wire.session_tokens import Key, verify
from tidegate.wire.sigv4 import Claim, SignedRequest, claimed

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def check_signature(scope: Scope, credentials: Mapping[str, str], now: datetime) -> Key:
    """The key that signed, the installation's or a session's. Raises Fault unless the request is signed for
    us, in its headers or as a presigned URL."""
    signed = _signed(scope)
    claim = claimed(signed.headers, signed.query)
    key = verify(claim, signed, credentials.get, now)
    if claim.scope.service != SERVICE:
        raise Fault("SignatureDoesNotMatch", f"Sign for the service {SERVICE}.", 403)
    return key


def claim_of(scope: Scope) -> Claim:
    """What a request says of its signature. Raises Fault as `check_signature` does."""
    signed = _signed(scope)
    return claimed(signed.headers, signed.query)


def _signed(scope: Scope) -> SignedRequest:
    return SignedRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=b"",
    )


async def answer(
    send: Send,
    status: int,
    content_type: str,
    content: bytes,
    more_headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(content)).encode()),
        *more_headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class Pages:
    """The application of control's port: GETs of a page's path go to the page, all else to `otherwise`.
    `below`: pages by the prefix of their paths."""

    def __init__(
        self, exact: Mapping[str, Application], below: Mapping[str, Application], *, otherwise: Application
    ) -> None:
        self._exact = exact
        self._below = below
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = self._page(scope["path"]) if scope["method"] == "GET" else None
        await (page or self._otherwise)(scope, receive, send)

    def _page(self, path: str) -> Application | None:
        found = self._exact.get(path)
        if found is None:
            found = next((page for prefix, page in self._below.items() if path.startswith(prefix)), None)
        return found


class AuthorityPage:
    """`GET /fleet/certificate-authority.pem`: the root that clients of the installation's load balancers
    are to trust, made by the first who asks for it or for a certificate."""

    def __init__(self, *, store: Store, ids: Ids, clock: Clock, credentials: Mapping[str, str]) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self._credentials = credentials

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        now = self._clock.now()
        try:
            check_signature(scope, self._credentials, now)
        except Fault as fault:
            await answer(send, fault.status or 403, "text/plain", f"{fault}\n".encode())
            return
        root = await authority(self._store, self._ids, now)
        await answer(send, 200, "application/x-pem-file", root.certificate_pem.encode())
