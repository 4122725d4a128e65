"""Errors in each protocol's own envelope, under the names and statuses that the service's model gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cbor2
import msgspec

from tidegate.wire.faults import Fault
from tidegate.wire.models import ModelledError, service_model
from tidegate.wire.protocols import CBOR_PROTOCOL, Asked
from tidegate.wire.xml_bodies import escape

Headers = tuple[tuple[bytes, bytes], ...]

# The protocols whose errors are documents with a type.
_TYPED: Mapping[str, Callable[[object], bytes]] = {"json": msgspec.json.encode, "cbor": cbor2.dumps}

# What a query service says before it knows which service is meant.
_ANY_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"
_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded"}
# SDKs of today give up within a quarter of a second unless they are told when to come back: JavaScript's
# reads both headers, botocore the second.
_COME_BACK: Headers = ((b"retry-after", b"1"), (b"x-amz-retry-after", b"1000"))

# A signature's faults as each protocol's services name them; a code not listed goes out as it is.
_SIGNATURE_CODES = {
    "json": {
        "ExpiredToken": ("ExpiredTokenException", 400),
        "IncompleteSignature": ("IncompleteSignatureException", 400),
        "InvalidClientTokenId": ("UnrecognizedClientException", 400),
        "MissingAuthenticationToken": ("MissingAuthenticationTokenException", 400),
        "RequestExpired": ("InvalidSignatureException", 400),
        "SignatureDoesNotMatch": ("InvalidSignatureException", 400),
    },
    "query": {"RequestExpired": ("SignatureDoesNotMatch", 403)},
    "ec2": {"ExpiredToken": ("RequestExpired", 400), "InvalidClientTokenId": ("AuthFailure", 401)},
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    headers: Headers = ()


def error_answer(asked: Asked, fault: Fault, request_id: str) -> Answer:
    """A fault as the client of this request reads it."""
    error = _modelled(asked.service, fault.code)
    status = fault.status or error.status
    sender = "Receiver" if status >= 500 else "Sender"
    headers = _COME_BACK if status == 503 or fault.code in _THROTTLED else ()
    if asked.protocol in _TYPED:
        headers += ((b"x-amzn-errortype", error.shape.encode()), *protocol_headers(asked))
        if asked.is_query_compatible:
            headers += ((b"x-amzn-query-error", f"{error.code};{sender}".encode()),)
        document = {"__type": error.shape, "message": fault.message, **fault.members}
        return Answer(status, asked.content_type, _TYPED[asked.protocol](document), headers)
    what = f"<Code>{escape(error.code)}</Code><Message>{escape(fault.message)}</Message>"
    if asked.protocol == "ec2":
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>{what}</Error></Errors>'
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        text = (
            f'<ErrorResponse xmlns="{_namespace(asked.service)}"><Error><Type>{sender}</Type>{what}</Error>'
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Answer(status, asked.content_type, text.encode(), headers)


def protocol_headers(asked: Asked) -> Headers:
    """The headers by which a client sees that it is answered in its own protocol."""
    return ((b"smithy-protocol", CBOR_PROTOCOL.encode()),) if asked.protocol == "cbor" else ()


def signature_fault(asked: Asked, fault: Fault) -> Fault:
    """The signature's fault under the name that the request's protocol has for it."""
    protocol = "json" if asked.protocol == "cbor" else asked.protocol
    code, status = _SIGNATURE_CODES[protocol].get(fault.code, (fault.code, fault.status))
    text = fault.message
    if code == "AuthFailure":
        text = "AWS was not able to validate the provided access credentials"
    return Fault(code, text, status)


def unknown_operation(asked: Asked) -> Fault:
    """The fault for an operation that AWS's service does not have."""
    if asked.protocol in _TYPED:
        return Fault("UnknownOperationException", f"The operation {asked.operation} is not known.")
    return Fault("InvalidAction", f"The action {asked.operation} is not valid for this web service.")


def refused_operation(asked: Asked, why: str) -> Fault:
    """The fault for an operation, or a whole service, that AWS has and Tidegate has not."""
    code = "UnknownOperationException" if asked.protocol in _TYPED else "InvalidAction"
    return Fault(code, f"{asked.operation}: {why}" if asked.operation else why)


def failure(asked: Asked) -> Fault:
    """The fault for a bug of ours; its traceback is in the log, under the request's id."""
    is_modelled = asked.service is not None and "ServerException" in service_model(asked.service).errors
    code = "ServerException" if is_modelled else "InternalFailure"
    return Fault(code, "An internal error occurred; the log has its traceback under this request's id.", 500)


def _modelled(service: str | None, code: str) -> ModelledError:
    errors = service_model(service).errors if service is not None else {}
    return errors.get(code) or ModelledError(shape=code, code=code, status=400)


def _namespace(service: str | None) -> str:
    if service is None:
        return _ANY_NAMESPACE
    return str(service_model(service).metadata.get("xmlNamespace", _ANY_NAMESPACE))
