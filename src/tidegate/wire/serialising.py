"""From Python to the wire: one serialiser per output shape, compiled once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from tidegate.wire.models import service_model

_ToJson = Callable[[Any], Any]
_ToXml = Callable[[str, Any], Iterator[str]]


@cache
def json_serialiser(service: str, operation: str) -> _ToJson:
    """Turns an operation's response into values that JSON can carry."""
    shape = service_model(service).operation_model(operation).output_shape
    return _json(shape, {}) if shape is not None else lambda _: {}


@cache
def error_members(service: str, code: str) -> tuple[int | None, str, str]:
    """(HTTP status, query code, shape name) of a modelled error; (None, code, code) of another."""
    for shape in service_model(service).error_shapes:
        error = shape.metadata.get("error", {})
        query_code = str(error.get("code", shape.name))
        if code in (shape.name, query_code):
            return error.get("httpStatusCode"), query_code, shape.name
    return None, code, code


def _json(shape: Any, known: dict[str, _ToJson]) -> _ToJson:
    if shape.name in known:
        return lambda value: known[shape.name](value)
    kind = shape.type_name
    if kind == "structure":
        members: dict[str, _ToJson] = {}

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            return {name: members[name](item) for name, item in value.items() if item is not None}

        known[shape.name] = structure
        members.update({name: _json(member, known) for name, member in shape.members.items()})
        return structure
    if kind == "list":
        member = _json(shape.member, known)
        return lambda value: [member(item) for item in value]
    if kind == "map":
        item = _json(shape.value, known)
        return lambda value: {key: item(entry) for key, entry in value.items()}
    if kind == "timestamp":
        return lambda value: round(value.timestamp(), 3)
    if kind == "blob":
        return lambda value: base64.b64encode(value).decode()
    return lambda value: value


def query_response(service: str, operation: str, response: Mapping[str, Any], request_id: str) -> bytes:
    """A response in the query protocol."""
    namespace = service_model(service).metadata["xmlNamespace"]
    model = service_model(service).operation_model(operation)
    wrapper = model.output_shape.serialization.get("resultWrapper") if model.output_shape else None
    result = _xml_body(service, operation, False)(response)
    inner = f"<{wrapper}>{result}</{wrapper}>" if wrapper else result
    return (
        f'<{operation}Response xmlns="{namespace}">{inner}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def ec2_response(operation: str, response: Mapping[str, Any], request_id: str) -> bytes:
    """A response in EC2's dialect of the query protocol."""
    result = _xml_body("ec2", operation, True)(response)
    return (
        f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id}</requestId>{result}</{operation}Response>"
    ).encode()


@cache
def _xml_body(service: str, operation: str, is_ec2: bool) -> Callable[[Mapping[str, Any]], str]:
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None:
        return lambda _: "<return>true</return>" if is_ec2 else ""
    members = _xml_members(shape, is_ec2, {})

    def body(response: Mapping[str, Any]) -> str:
        return "".join(
            part
            for name, value in response.items()
            if value is not None
            for part in members[name][1](members[name][0], value)
        )

    return body


def _xml_members(shape: Any, is_ec2: bool, known: dict[str, _ToXml]) -> dict[str, tuple[str, _ToXml]]:
    return {
        name: (str(member.serialization.get("name", name)), _xml(member, is_ec2, known))
        for name, member in shape.members.items()
    }


def _xml(shape: Any, is_ec2: bool, known: dict[str, _ToXml]) -> _ToXml:
    if shape.name in known and shape.type_name == "structure":
        return lambda tag, value: known[shape.name](tag, value)
    kind = shape.type_name
    if kind == "structure":
        members: dict[str, tuple[str, _ToXml]] = {}

        def structure(tag: str, value: Mapping[str, Any]) -> Iterator[str]:
            yield f"<{tag}>"
            for name, item in value.items():
                if item is not None:
                    wire_name, writer = members[name]
                    yield from writer(wire_name, item)
            yield f"</{tag}>"

        known[shape.name] = structure
        members.update(_xml_members(shape, is_ec2, known))
        return structure
    if kind == "list":
        return _xml_list(shape, is_ec2, known)
    if kind == "map":
        return _xml_map(_xml(shape.value, is_ec2, known))
    scalar = _XML_SCALARS.get(kind, str)
    return lambda tag, value: iter((f"<{tag}>{escape(scalar(value))}</{tag}>",))


def _xml_list(shape: Any, is_ec2: bool, known: dict[str, _ToXml]) -> _ToXml:
    writer = _xml(shape.member, is_ec2, known)
    default = "item" if is_ec2 else "member"
    element = str(shape.member.serialization.get("name", default))

    def flat(tag: str, value: Any) -> Iterator[str]:
        for item in value:
            yield from writer(tag, item)

    def wrapped(tag: str, value: Any) -> Iterator[str]:
        yield f"<{tag}>"
        for item in value:
            yield from writer(element, item)
        yield f"</{tag}>"

    return flat if shape.serialization.get("flattened") else wrapped


def _xml_map(writer: _ToXml) -> _ToXml:
    def write(tag: str, value: Mapping[str, Any]) -> Iterator[str]:
        yield f"<{tag}>"
        for key, item in value.items():
            yield f"<entry><key>{escape(str(key))}</key>"
            yield from writer("value", item)
            yield "</entry>"
        yield f"</{tag}>"

    return write


def _timestamp(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


_XML_SCALARS: dict[str, Callable[[Any], str]] = {
    "boolean": lambda value: "true" if value else "false",
    "timestamp": _timestamp,
    "blob": lambda value: base64.b64encode(value).decode(),
}
