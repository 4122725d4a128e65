"""The protocols side by side: what each makes of a request, a response and an error."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tidegate.wire import parsing, serialising
from tidegate.wire.faults import Fault
from tidegate.wire.models import SIGNING_NAMES, TARGET_PREFIXES, service_model

BODY_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a request asks for, before anything of it is checked. `protocol`: json, query or ec2.
    `service` None: no front end of that name is known."""

    protocol: str
    service: str | None
    operation: str
    content: Any
    json_version: str = "1.1"
    is_query_mode: bool = False


def decoded(body: bytes, encoding: str) -> bytes:
    """The body without its content encoding; raises Fault."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Fault("SerializationException", f"The content encoding {encoding} is not supported.", 415)
    try:
        plain = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise Fault("SerializationException", "The body is not gzip.") from error
    if len(plain) > BODY_BYTES_MAX:
        raise Fault("RequestEntityTooLarge", "The request is too large.", 413)
    return plain


def address(headers: Mapping[str, str], query: str, body: bytes, signing_name: str | None) -> Addressed:
    """Choose protocol, service and operation from the request itself."""
    content_type = headers.get("content-type", "")
    target = headers.get("x-amz-target", "")
    if target or content_type.startswith("application/x-amz-json"):
        prefix, _, operation = target.rpartition(".")
        service = TARGET_PREFIXES.get(prefix)
        version = "1.0" if content_type.startswith("application/x-amz-json-1.0") else "1.1"
        is_query_mode = headers.get("x-amzn-query-mode", "").lower() == "true"
        return Addressed("json", service, operation, body, version, is_query_mode)
    tree = parsing.form_tree(body or query.encode())
    service = SIGNING_NAMES.get(signing_name or "")
    protocol = "ec2" if signing_name == "ec2" else "query"
    return Addressed(protocol, service, str(tree.get("Action", "")), tree)


def parameters(request: Addressed) -> dict[str, Any]:
    """The parsed members of a request; raises Fault."""
    assert request.service is not None
    try:
        if request.protocol == "json":
            document = json.loads(request.content or b"{}")
            parsed = parsing.json_parser(request.service, request.operation)(document)
        else:
            parsed = parsing.form_parser(request.service, request.operation)(request.content)
    except parsing.Unparsable as error:
        if request.protocol == "json":
            raise parsing.serialization_fault(error) from error
        code = "InvalidParameterValue" if request.protocol == "ec2" else "MalformedInput"
        raise Fault(code, str(error.args[0])) from error
    except (ValueError, RecursionError) as error:
        raise Fault("SerializationException", "The body is not JSON.") from error
    result: dict[str, Any] = parsed
    return result


def knows(service: str, operation: str) -> bool:
    """Whether the service's model has the operation."""
    return operation in service_model(service).operation_names


def response(request: Addressed, members: Mapping[str, Any], request_id: str) -> Answer:
    assert request.service is not None
    if request.protocol == "json":
        document = serialising.json_serialiser(request.service, request.operation)(members)
        body = json.dumps(document, separators=(",", ":")).encode()
        return Answer(200, f"application/x-amz-json-{request.json_version}", body)
    if request.protocol == "ec2":
        return Answer(
            200,
            "text/xml;charset=UTF-8",
            serialising.ec2_response(request.operation, members, request_id),
        )
    body = serialising.query_response(request.service, request.operation, members, request_id)
    return Answer(200, "text/xml", body)


def error(request: Addressed, fault: Fault, request_id: str) -> Answer:
    """A fault in the request's own protocol."""
    status, query_code, shape_name = (
        serialising.error_members(request.service, fault.code)
        if request.service
        else (None, fault.code, fault.code)
    )
    status = fault.status or status or 400
    who = "Receiver" if status >= 500 else "Sender"
    if request.protocol == "json":
        document = {"__type": shape_name, "message": fault.message, **fault.members}
        headers = [("x-amzn-ErrorType", shape_name)]
        if request.is_query_mode:
            headers.append(("x-amzn-query-error", f"{query_code};{who}"))
        body = json.dumps(document, separators=(",", ":")).encode()
        return Answer(status, f"application/x-amz-json-{request.json_version}", body, tuple(headers))
    inner = f"<Code>{escape(query_code)}</Code><Message>{escape(fault.message)}</Message>"
    if request.protocol == "ec2":
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>{inner}</Error></Errors>'
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        namespace = (
            service_model(request.service).metadata.get("xmlNamespace", "")
            if request.service
            else "http://webservices.amazon.com/AWSFault/2005-15-09"
        )
        text = (
            f'<ErrorResponse xmlns="{namespace}"><Error><Type>{who}</Type>{inner}</Error>'
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Answer(status, "text/xml", text.encode())


def unknown_operation(request: Addressed) -> Fault:
    """The fault for an operation that the service's model does not have."""
    if request.protocol == "json":
        return Fault("UnknownOperationException", f"The operation {request.operation} is not known.")
    return Fault("InvalidAction", f"The action {request.operation} is not valid for this web service.")


def refused_operation(request: Addressed, why: str) -> Fault:
    """The fault for an operation that AWS has and Tidegate has not."""
    text = f"{request.operation}: {why}"
    if request.protocol == "json":
        return Fault("UnknownOperationException", text)
    return Fault("InvalidAction", text)
