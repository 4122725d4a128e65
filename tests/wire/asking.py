"""Ask an ASGI application in the same process, signed as our own processes sign."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.ids import SeededIds
from tidegate.wire import AwsApplication, FrontEnd, among
from tidegate.wire.sigv4 import sign_headers

ACCESS_KEY_ID = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "127.0.0.1:8080"


@dataclass(frozen=True)
class Heard:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def text(self) -> str:
        return self.body.decode()


def application(front_ends: Sequence[FrontEnd], context: object = None) -> AwsApplication:
    return AwsApplication(
        among(front_ends),
        credentials={ACCESS_KEY_ID: SECRET_KEY},
        context=context,
        account="000000000000",
        clock=FakeClock(),
        ids=SeededIds(),
    )


async def ask(
    app: AwsApplication,
    *,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    parts: Sequence[bytes] | None = None,
) -> Heard:
    """One exchange. `parts` is the body as it arrives; by default in one piece."""
    arriving = list(parts if parts is not None else [body])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if not arriving:
            return {"type": "http.disconnect"}
        part = arriving.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(arriving)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode("utf-8"),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    await app(scope, receive, send)
    start, finish = sent
    heard = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Heard(start["status"], heard, finish["body"])


def signed(
    service: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime = EPOCH,
    access_key_id: str = ACCESS_KEY_ID,
    secret_key: str = SECRET_KEY,
) -> dict[str, str]:
    """The headers and those that sign them."""
    return dict(headers) | sign_headers(
        method="POST",
        host=HOST,
        path="/",
        headers=headers,
        body=body,
        service=service,
        region="us-east-1",
        access_key_id=access_key_id,
        secret_key=secret_key,
        now=now,
    )


def json_request(target: str, document: object, *, service: str = "ecs", **how: Any) -> dict[str, Any]:
    """Arguments for `ask`; `service` is the one that it is signed for."""
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    return {"headers": signed(service, headers, body, **how), "body": body}


def ecs_request(operation: str, document: object, **how: Any) -> dict[str, Any]:
    return json_request(f"AmazonEC2ContainerServiceV20141113.{operation}", document, **how)


def form_request(service: str, form: str, **how: Any) -> dict[str, Any]:
    body = form.encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return {"headers": signed(service, headers, body, **how), "body": body}


def elbv2_request(operation: str, form: str = "", **how: Any) -> dict[str, Any]:
    return form_request("elasticloadbalancing", f"Action={operation}&Version=2015-12-01&{form}", **how)


def ec2_request(operation: str, form: str = "", **how: Any) -> dict[str, Any]:
    return form_request("ec2", f"Action={operation}&Version=2016-11-15&{form}", **how)
