"""The ASGI application that serves AWS's protocols on `POST /`, and health on `GET /health`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock
from tidegate.wire import protocols, sigv4
from tidegate.wire.faults import Fault
from tidegate.wire.frontend import Call, FrontEnd
from tidegate.wire.validating import validate

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger(__name__)

# What a browser needs to be allowed to call from another origin (the console in development).
_CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-requestid,x-amzn-errortype,x-amzn-query-error,date"),
)
_PREFLIGHT = (
    *_CORS,
    (b"access-control-allow-methods", b"GET,POST,OPTIONS"),
    (b"access-control-max-age", b"86400"),
)
# SigV4's newer names of the same faults, as the JSON services spell them.
_JSON_AUTH_CODES = {
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "IncompleteSignature": "IncompleteSignatureException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "RequestExpired": "InvalidSignatureException",
}


class AwsApplication:
    """Routes a request to its front end. `context` is handed to every handler as it is."""

    def __init__(
        self,
        front_ends: Iterable[FrontEnd],
        *,
        credentials: Mapping[str, str],
        context: Any,
        account: str,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._front_ends = {front_end.service: front_end for front_end in front_ends}
        self._credentials = credentials
        self._context = context
        self._account = account
        self._clock = clock
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        if scope["method"] == "OPTIONS":
            await self._preflight(scope, send)
            return
        if scope["method"] == "GET" and scope["path"] == "/health":
            await _send(send, protocols.Answer(200, "text/plain", b"ok\n"), "")
            return
        request_id = self._ids.uuid()
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        signing = sigv4.peek_scope(headers, query)
        try:
            raw = await _body(receive)
            body = protocols.decoded(raw, headers.get("content-encoding", ""))
            addressed = protocols.address(headers, query, body, signing.service if signing else None)
        except (Fault, UnicodeDecodeError) as error:
            fault = error if isinstance(error, Fault) else Fault("SerializationException", "not UTF-8")
            answer = protocols.error(protocols.Addressed("json", None, "", b""), fault, request_id)
            await _send(send, answer, request_id)
            return
        signed = sigv4.SignedRequest(
            method=scope["method"], path=scope["path"], query=query, headers=headers, body=raw
        )
        await _send(send, await self._answer(addressed, signed, request_id), request_id)

    async def _answer(
        self, addressed: protocols.Addressed, signed: sigv4.SignedRequest, request_id: str
    ) -> protocols.Answer:
        try:
            scope = self._authenticate(addressed, signed)
            operation = self._operation(addressed)
            parameters = protocols.parameters(addressed)
            assert addressed.service is not None
            validate(addressed.service, addressed.operation, parameters)
            call = Call(
                service=addressed.service,
                operation=addressed.operation,
                parameters=parameters,
                region=scope.region,
                account=self._account,
                access_key_id=scope.access_key_id,
                request_id=request_id,
                host=signed.headers.get("host", ""),
            )
            members = await operation(self._context, call)
            return protocols.response(addressed, members, request_id)
        except Fault as fault:
            return protocols.error(addressed, fault, request_id)
        except Exception:
            _log.exception(
                "request failed", extra={"operation": addressed.operation, "request_id": request_id}
            )
            code = "ServerException" if addressed.protocol == "json" else "InternalFailure"
            failure = Fault(code, "An unexpected error occurred: it is in control's log.", 500)
            return protocols.error(addressed, failure, request_id)

    def _authenticate(self, addressed: protocols.Addressed, signed: sigv4.SignedRequest) -> sigv4.Scope:
        try:
            return sigv4.authenticate(signed, self._credentials.get, self._clock.now())
        except Fault as fault:
            if addressed.protocol == "json":
                code = _JSON_AUTH_CODES.get(fault.code, fault.code)
                raise Fault(code, fault.message, 400) from fault
            if addressed.protocol == "ec2" and fault.code == "InvalidClientTokenId":
                text = "AWS was not able to validate the provided access credentials"
                raise Fault("AuthFailure", text, 401) from fault
            raise

    def _operation(
        self, addressed: protocols.Addressed
    ) -> Callable[[Any, Call], Awaitable[Mapping[str, Any]]]:
        if addressed.service is None or addressed.service not in self._front_ends:
            raise protocols.refused_operation(addressed, "Tidegate does not serve this service.")
        front_end = self._front_ends[addressed.service]
        operation = front_end.operations.get(addressed.operation)
        if operation is not None:
            return operation.handler
        if protocols.knows(addressed.service, addressed.operation):
            raise protocols.refused_operation(addressed, front_end.refusal(addressed.operation))
        raise protocols.unknown_operation(addressed)

    async def _preflight(self, scope: Scope, send: Send) -> None:
        asked = dict(scope["headers"]).get(b"access-control-request-headers", b"*")
        headers = [*_PREFLIGHT, (b"access-control-allow-headers", asked), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body = bytes(message.get("body", b""))
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > protocols.BODY_BYTES_MAX:
            raise Fault("RequestEntityTooLarge", "The request is too large.", 413)
    return b"".join(parts)


async def _send(send: Send, answer: protocols.Answer, request_id: str) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        *((name.encode(), value.encode()) for name, value in answer.headers),
        *_CORS,
    ]
    if request_id:
        headers.append((b"x-amzn-requestid", request_id.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
