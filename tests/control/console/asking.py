"""One request to an ASGI application, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.testing.clock import FakeClock
from tidegate.wire.sigv4 import sign_headers

HOST = "127.0.0.1:7400"
KEY, SECRET = "AKIATEST", "secret"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def scope_of(method: str, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    fields = {"host": HOST, **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
    }


async def ask(
    application: Any,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    await application(scope_of(method, path, headers), receive, send)
    fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], fields, sent[1]["body"])


def signed(
    path: str,
    clock: FakeClock,
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str = "",
    service: str = "tidegate",
) -> dict[str, str]:
    """The headers of a GET that is signed for us."""
    more = {"x-amz-security-token": token} if token else {}
    headers = sign_headers(
        method="GET",
        host=HOST,
        path=path,
        headers=more,
        service=service,
        region="eu-west-1",
        access_key_id=key,
        secret_key=secret,
        now=clock.now(),
    )
    return {**headers, **more}
