"""What a request asks for, and the codec of each operation in each protocol.

The protocol is chosen by the request (Smithy-Protocol, content type, X-Amz-Target, Action), never by what a
model lists first: CloudWatch's clients of different ages speak query, JSON 1.0 or CBOR to one and the same
service.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tidegate.wire.cbor_bodies import cbor_parser, cbor_serialiser
from tidegate.wire.constraints import constraints
from tidegate.wire.faults import Fault
from tidegate.wire.forms import form_parser, form_tree
from tidegate.wire.json_bodies import json_parser, json_serialiser
from tidegate.wire.models import model_for
from tidegate.wire.scalars import UnparsableError
from tidegate.wire.services import BY_FORM, BY_TARGET_PREFIX, BY_VERSION
from tidegate.wire.xml_bodies import ec2_serialiser, query_serialiser

Protocol = Literal["json", "query", "ec2", "cbor"]

# AWS's own limits differ by service; the largest body of the served ones is ImportCertificate's, whose
# chain alone may have 2 MB, in base64.
BODY_BYTES_MAX = 4 * 1024 * 1024

CBOR_PROTOCOL = "rpc-v2-cbor"

_CBOR_TYPE = "application/cbor"
# RPC v2 says in the path what the others say in a header or in the body.
_CBOR_PATH = re.compile("/service/([A-Za-z0-9_]+)/operation/([A-Za-z0-9_]+)")
_JSON_TYPE = "application/x-amz-json-"
_FORM_TYPE = "application/x-www-form-urlencoded"
_XML_TYPES = {"query": "text/xml", "ec2": "text/xml;charset=UTF-8"}
_GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for, before anything of it is checked.

    `service` is botocore's name; None: it names no service that we know. `content` is a body in JSON and
    CBOR, and a tree in a form. `content_type` is the answer's. `is_query_compatible`: the client wants to
    read the codes of the query protocol that it spoke before.
    """

    protocol: Protocol
    service: str | None
    operation: str
    content: Any
    content_type: str
    is_query_compatible: bool = False


@dataclass(frozen=True, slots=True)
class Codec:
    """One operation in one protocol. `parse` raises Fault for what is malformed or breaks a constraint."""

    parse: Callable[[Any], dict[str, Any]]
    serialise: Callable[[Mapping[str, Any], str], bytes]


def has_operation(headers: Mapping[str, str], path: str) -> bool:
    """Whether requests of any protocol that is spoken go to this path."""
    return path == "/" or (_is_cbor(headers) and _CBOR_PATH.fullmatch(path) is not None)


def asked(headers: Mapping[str, str], query: str, body: bytes, signing_name: str, path: str = "/") -> Asked:
    """Choose protocol, service and operation; `signing_name` is the credential scope's service.

    Raises UnparsableError for a form that is not text.
    """
    if _is_cbor(headers):
        return _asked_in_cbor(headers, path, body)
    if _is_json(headers):
        return _asked_in_json(headers, body)
    tree = form_tree(body or query.encode("latin-1"))
    version, operation = _text(tree, "Version"), _text(tree, "Action")
    service = BY_FORM.get((signing_name, version)) if signing_name else BY_VERSION.get(version)
    protocol: Protocol = "ec2" if "ec2" in (service, signing_name) else "query"
    return Asked(protocol, service, operation, tree, _XML_TYPES[protocol])


def asked_by_headers(headers: Mapping[str, str], signing_name: str) -> Asked:
    """What can be said of a request without its body: enough to refuse it in its own protocol.

    To paths of REST services, and where nothing is said, JSON: of such clients the most read it.
    """
    if _is_cbor(headers):
        return _asked_in_cbor(headers, "/", b"")
    if _is_json(headers) or not headers.get("content-type", "").startswith(_FORM_TYPE):
        return _asked_in_json(headers, b"")
    protocol: Protocol = "ec2" if signing_name == "ec2" else "query"
    return Asked(protocol, None, "", {}, _XML_TYPES[protocol])


def _is_cbor(headers: Mapping[str, str]) -> bool:
    return headers.get("smithy-protocol", "").strip().lower() == CBOR_PROTOCOL


def _asked_in_cbor(headers: Mapping[str, str], path: str, body: bytes) -> Asked:
    found = _CBOR_PATH.fullmatch(path)
    name, operation = found.groups() if found else ("", "")
    return Asked(
        protocol="cbor",
        service=BY_TARGET_PREFIX.get(name),
        operation=operation,
        content=body,
        content_type=_CBOR_TYPE,
        is_query_compatible=_is_query_compatible(headers),
    )


def _is_json(headers: Mapping[str, str]) -> bool:
    return bool(headers.get("x-amz-target")) or headers.get("content-type", "").startswith(_JSON_TYPE)


def _asked_in_json(headers: Mapping[str, str], body: bytes) -> Asked:
    prefix, _, operation = headers.get("x-amz-target", "").rpartition(".")
    is_older = headers.get("content-type", "").startswith(_JSON_TYPE + "1.0")
    return Asked(
        protocol="json",
        service=BY_TARGET_PREFIX.get(prefix),
        operation=operation,
        content=body,
        content_type=_JSON_TYPE + ("1.0" if is_older else "1.1"),
        is_query_compatible=_is_query_compatible(headers),
    )


def _is_query_compatible(headers: Mapping[str, str]) -> bool:
    return headers.get("x-amzn-query-mode", "").lower() == "true"


@cache
def codec(protocol: Protocol, service: str, operation: str) -> Codec:
    """The codec of an operation that the service's model has."""
    model = model_for(service, operation)
    shape = model.input_shape(operation)
    check = constraints(service, shape)
    parser: Callable[[Any], dict[str, Any]]
    if protocol == "json":
        parser = json_parser(shape)
        to_json = json_serialiser(model.output_shape(operation))
        return Codec(
            _parse(parser, check, "SerializationException"), lambda members, _request_id: to_json(members)
        )
    if protocol == "cbor":
        to_cbor = cbor_serialiser(model.output_shape(operation))
        return Codec(
            _parse(cbor_parser(shape), check, "SerializationException"),
            lambda members, _request_id: to_cbor(members),
        )
    parser = form_parser(shape, is_ec2=protocol == "ec2")
    if protocol == "ec2":
        return Codec(_parse(parser, check, "InvalidParameterValue"), ec2_serialiser(model, operation))
    return Codec(_parse(parser, check, "MalformedInput"), query_serialiser(model, operation))


def plain_body(body: bytes, encoding: str) -> bytes:
    """The body without its content encoding; raises Fault."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name != "gzip":
        raise Fault("SerializationException", f"The content encoding {encoding} is not supported.", 415)
    unzip = zlib.decompressobj(_GZIP_WINDOW)
    try:
        # Bounded while it grows: a small body can hold gigabytes.
        plain = unzip.decompress(body, BODY_BYTES_MAX + 1)
    except zlib.error as error:
        raise Fault("SerializationException", "The body is not gzip.") from error
    if len(plain) > BODY_BYTES_MAX:
        raise too_large()
    if not unzip.eof:
        raise Fault("SerializationException", "The gzip body is cut off.")
    return plain


def too_large() -> Fault:
    """The fault for a body of more than BODY_BYTES_MAX."""
    return Fault("RequestEntityTooLarge", f"A request's body must not exceed {BODY_BYTES_MAX} bytes.", 413)


def _parse(
    parser: Callable[[Any], dict[str, Any]], check: Callable[[Mapping[str, Any]], None], code: str
) -> Callable[[Any], dict[str, Any]]:
    def parse(content: Any) -> dict[str, Any]:
        try:
            parameters = parser(content)
        except UnparsableError as error:
            raise Fault(code, str(error)) from error
        check(parameters)
        return parameters

    return parse


def _text(tree: Mapping[str, Any], name: str) -> str:
    value = tree.get(name, "")
    return value if isinstance(value, str) else ""
