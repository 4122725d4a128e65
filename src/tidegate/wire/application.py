"""The ASGI application that serves AWS's protocols on `POST /` and, in CBOR, on
`POST /service/NAME/operation/NAME`, and health on `GET /health`.

A request's way: body, what it asks for, signature, front end, parameters, handler, answer. Everything
after the first step answers in the request's own protocol, errors of every kind included: SDKs retry a
500 they cannot read for minutes, and an operation that nobody serves is a 400 that they read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

import structlog

from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock
from tidegate.wire import protocols, session_tokens, sigv4
from tidegate.wire.envelopes import (
    Answer,
    error_answer,
    failure,
    protocol_headers,
    refused_operation,
    signature_fault,
    unknown_operation,
)
from tidegate.wire.faults import Fault
from tidegate.wire.frontend import Call, Finder, Handler, LargeAnswer
from tidegate.wire.large_bodies import LargeBodies
from tidegate.wire.models import service_model
from tidegate.wire.scalars import UnparsableError
from tidegate.wire.services import SIGNING_NAMES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = structlog.get_logger(__name__)

# AWS's SDK for JavaScript, in a browser of another origin, may send and read these, and no others.
_ORIGIN = (b"access-control-allow-origin", b"*")
_EXPOSED = (
    b"access-control-expose-headers",
    b"x-amzn-requestid,x-amzn-errortype,x-amzn-query-error,x-amz-retry-after,retry-after,date",
)
_PREFLIGHT = (
    _ORIGIN,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-target,"
        b"x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request,x-amzn-query-mode,smithy-protocol",
    ),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_HEALTHY = Answer(200, "text/plain", b"ok\n")
# What is noted of requests for services and operations that were never served: clients choose those names.
_OTHER = "other"

# Told of each answer: service, operation, status, seconds since the request was there as a whole.
Note = Callable[[str, str, int, float], None]


class _DisconnectedError(Exception):
    """The client went away before its request was whole."""


class AwsApplication:
    """Serves the front ends that `find` knows to clients whose access key is in `credentials` (key id to
    secret key). `context` is handed to every handler as it is; `note` hears of every answer."""

    def __init__(
        self,
        find: Finder,
        *,
        credentials: Mapping[str, str],
        context: Any,
        account: str,
        clock: Clock,
        ids: Ids,
        note: Note | None = None,
    ) -> None:
        self._note = note
        # What was ever found, by service and operation: clients choose all other names.
        self._served: set[tuple[str, str]] = set()
        self._find = find
        self._credentials = credentials
        self._context = context
        self._account = account
        self._clock = clock
        self._ids = ids
        self._bodies = LargeBodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
            return
        request_id = self._ids.uuid()
        if scope["method"] == "GET" and scope["path"] == "/health":
            await _send(send, _HEALTHY, request_id)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        claim = _claim(headers, query)
        try:
            body = await _body(receive)
        except _DisconnectedError:
            return
        except Fault as fault:
            asked = protocols.asked_by_headers(headers, _signing_name(claim))
            answer = error_answer(asked, fault, request_id)
            self._noted(asked, answer, 0.0)
            await _send(send, answer, request_id)
            return
        signed = sigv4.SignedRequest(
            method=scope["method"], path=scope["path"], query=query, headers=headers, body=body
        )
        began = self._clock.monotonic()
        asked, answer = await self._answer(signed, claim, request_id)
        self._noted(asked, answer, self._clock.monotonic() - began)
        await _send(send, answer, request_id)

    def _noted(self, asked: protocols.Asked, answer: Answer, seconds: float) -> None:
        if self._note is not None:
            known = (asked.service or "", asked.operation)
            service, operation = known if known in self._served else (_OTHER, _OTHER)
            self._note(service, operation, answer.status, seconds)

    async def _answer(
        self, signed: sigv4.SignedRequest, claim: sigv4.Claim | Fault, request_id: str
    ) -> tuple[protocols.Asked, Answer]:
        signing_name = _signing_name(claim)
        asked = protocols.asked_by_headers(signed.headers, signing_name)
        try:
            asked, size = await self._bodies.read(
                len(signed.body), partial(_unpacked, signed, asked, signing_name)
            )
            if isinstance(claim, Fault):
                raise signature_fault(asked, claim)
            key = self._verify(asked, claim, signed)
            handler = await self._handler(asked, claim, signed.path)
            assert asked.service is not None
            codec = protocols.codec(asked.protocol, asked.service, asked.operation)
            parameters = await self._bodies.read(size, partial(codec.parse, asked.content))
            call = Call(
                service=asked.service,
                operation=asked.operation,
                parameters=parameters,
                region=claim.scope.region,
                account=self._account,
                access_key_id=key.owner,
                host=signed.headers.get("host", ""),
                is_session=key.is_session,
            )
            members = await handler(self._context, call)
            write = partial(codec.serialise, members, request_id)
            body = await self._bodies.aside(write) if isinstance(members, LargeAnswer) else write()
            return asked, Answer(200, asked.content_type, body, protocol_headers(asked))
        except Fault as fault:
            return asked, error_answer(asked, fault, request_id)
        except UnparsableError as error:
            return asked, error_answer(asked, Fault("SerializationException", str(error)), request_id)
        except Exception:
            _log.exception(
                "request failed", service=asked.service, operation=asked.operation, request_id=request_id
            )
            return asked, error_answer(asked, failure(asked), request_id)

    def _verify(
        self, asked: protocols.Asked, claim: sigv4.Claim, signed: sigv4.SignedRequest
    ) -> session_tokens.Key:
        try:
            key = session_tokens.verify(claim, signed, self._credentials.get, self._clock.now())
            sigv4.check_service(claim, SIGNING_NAMES.get(asked.service or "", claim.scope.service))
            return key
        except Fault as fault:
            raise signature_fault(asked, fault) from fault

    async def _handler(self, asked: protocols.Asked, claim: sigv4.Claim, path: str) -> Handler:
        front_end = await self._find(asked.service or "")
        if front_end is None:
            name = asked.service or claim.scope.service
            at = "" if path == "/" else f" at {path}"
            raise refused_operation(asked, f"Tidegate does not serve the service {name}{at}.")
        operation = front_end.operations.get(asked.operation)
        if operation is not None:
            self._served.add((front_end.service, asked.operation))
            return operation.handler
        if asked.operation in service_model(front_end.service).operation_names:
            raise refused_operation(asked, front_end.refusal(asked.operation))
        raise unknown_operation(asked)


def _claim(headers: Mapping[str, str], query: str) -> sigv4.Claim | Fault:
    """The claim, or the fault to answer with once it is known in which protocol."""
    try:
        return sigv4.claimed(headers, query)
    except Fault as fault:
        return fault


def _signing_name(claim: sigv4.Claim | Fault) -> str:
    return claim.scope.service if isinstance(claim, sigv4.Claim) else ""


def _unpacked(
    signed: sigv4.SignedRequest, asked: protocols.Asked, signing_name: str
) -> tuple[protocols.Asked, int]:
    """What a request asks for by its body (`asked`: by its headers), and how large that is without its
    content encoding. Raises Fault and UnparsableError."""
    plain = protocols.plain_body(signed.body, signed.headers.get("content-encoding", ""))
    if protocols.has_operation(signed.headers, signed.path):
        asked = protocols.asked(signed.headers, signed.query, plain, signing_name, signed.path)
    return asked, len(plain)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        part = message.get("body", b"")
        size += len(part)
        if size > protocols.BODY_BYTES_MAX:
            raise protocols.too_large()
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _send(send: Send, answer: Answer, request_id: str) -> None:
    headers = (
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
        *answer.headers,
        _ORIGIN,
        _EXPOSED,
    )
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
