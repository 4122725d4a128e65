"""How nodes speak to control: signed calls of the ECS API, and signed websockets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

from tidegate.domain.time import Clock
from tidegate.fleet import websocket
from tidegate.fleet.http import Peer, UnreachableError, request
from tidegate.fleet.websocket import WebSocket
from tidegate.wire.sigv4 import sign_headers

CALL_SECONDS_MAX = 30.0
CONNECT_SECONDS_MAX = 30.0

_ECS_TARGET = "AmazonEC2ContainerServiceV20141113."
_RETRYABLE = ("ThrottlingException", "ServerException", "LimitExceededException")


class ApiError(Exception):
    """Control refused a call; `code` is AWS's name of the error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """With what requests are signed."""

    region: str
    access_key: str
    secret_key: str = field(repr=False)


class SignedClient:
    """`endpoint`: control's URL."""

    def __init__(self, endpoint: str, keys: Keys, clock: Clock) -> None:
        self._peer = Peer.of(endpoint)
        self._keys = keys
        self._clock = clock

    async def ecs(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One call of the ECS API. Raises ApiError, or UnreachableError where it may be repeated."""
        body = json.dumps(parameters).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": _ECS_TARGET + operation}
        headers |= self.signature(
            "POST", self._peer.authority, "/", service="ecs", headers=headers, body=body
        )
        answer = await request(
            self._peer, "POST", "/", headers=headers, body=body, timeout_seconds=CALL_SECONDS_MAX
        )
        try:
            document = json.loads(answer.body or b"{}")
        except ValueError as error:
            raise UnreachableError(f"status {answer.status}, and no JSON") from error
        if not isinstance(document, dict):
            raise UnreachableError(f"status {answer.status}, and no JSON object")
        if answer.status == 200:
            return document
        code = str(document.get("__type", "")).rpartition("#")[2]
        if answer.status >= 500 or answer.status == 429 or code in _RETRYABLE:
            raise UnreachableError(f"status {answer.status} {code}")
        raise ApiError(code, str(document.get("message") or document.get("Message") or ""))

    @asynccontextmanager
    async def websocket(
        self, url: str, query: Sequence[tuple[str, str]] = (), *, service: str = "ecs"
    ) -> AsyncIterator[WebSocket]:
        """An open websocket to an http(s) URL. Raises UnreachableError or WebSocketRefusedError."""
        peer, path = Peer.of(url), urlsplit(url).path or "/"
        headers = self.signature("GET", peer.authority, path, service=service, query=query)
        # Spaces go as `+`, and are signed as %20: as Amazon's agent does it.
        encoded = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
        async with websocket.connected(peer, f"{path}?{encoded}" if query else path, headers) as socket:
            yield socket

    def signature(
        self,
        method: str,
        host: str,
        path: str,
        *,
        service: str,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> dict[str, str]:
        """The headers that sign a request, as of now."""
        return sign_headers(
            method=method,
            host=host,
            path=path,
            query=sorted(query),
            headers=headers,
            body=body,
            service=service,
            region=self._keys.region,
            access_key_id=self._keys.access_key,
            secret_key=self._keys.secret_key,
            now=self._clock.now(),
        )
