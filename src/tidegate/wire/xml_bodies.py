"""The XML answers of the query protocol and of EC2's dialect: one writer per member, compiled once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tidegate.wire.models import ServiceModel, Shape
from tidegate.wire.scalars import blob_text, iso_text

Serialiser = Callable[[Mapping[str, Any], str], bytes]
_Emit = Callable[[str], None]
_Writer = Callable[[_Emit, Any], None]

# What XML cannot carry at all is dropped; a bare carriage return would be read back as a line feed.
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def escape(text: str) -> str:
    """Text as the content of an element."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], ""), text)


def query_serialiser(model: ServiceModel, operation: str) -> Serialiser:
    """Serialises an operation's response in the query protocol."""
    shape = model.output_shape(operation)
    wrapper = shape.trait("resultWrapper") if shape is not None else None
    opening, closing = (f"<{wrapper}>", f"</{wrapper}>") if wrapper else ("", "")
    head = f'<{operation}Response xmlns="{model.metadata.get("xmlNamespace", "")}">{opening}'
    body = _content(shape, is_ec2=False)

    def serialise(members: Mapping[str, Any], request_id: str) -> bytes:
        parts = [head]
        body(parts.append, members)
        parts.append(
            f"{closing}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
            f"</{operation}Response>"
        )
        return "".join(parts).encode()

    return serialise


def ec2_serialiser(model: ServiceModel, operation: str) -> Serialiser:
    """Serialises an operation's response in EC2's dialect."""
    version = model.metadata["apiVersion"]
    head = f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/{version}/"><requestId>'
    shape = model.output_shape(operation)
    body = _content(shape, is_ec2=True)

    def serialise(members: Mapping[str, Any], request_id: str) -> bytes:
        parts = [head, request_id, "</requestId>"]
        body(parts.append, members)
        if shape is None:
            parts.append("<return>true</return>")
        parts.append(f"</{operation}Response>")
        return "".join(parts).encode()

    return serialise


def _content(shape: Shape | None, *, is_ec2: bool) -> _Writer:
    if shape is None:
        return lambda _emit, _members: None
    return _XmlCompiler(is_ec2).content(shape)


class _XmlCompiler:
    def __init__(self, is_ec2: bool) -> None:
        self._is_ec2 = is_ec2
        self._known: dict[str, _Writer] = {}

    def content(self, shape: Shape) -> _Writer:
        """Writes a structure's members, without an element around them."""
        if shape.name in self._known:
            return self._known[shape.name]
        members: dict[str, _Writer] = {}
        self._known[shape.name] = write = _members(shape.name, members)
        for name, member in shape.members.items():
            members[name] = self._element(_tag(name, member), member)
        return write

    def _element(self, tag: str, shape: Shape) -> _Writer:
        if shape.kind == "structure":
            return _wrapped(tag, self.content(shape))
        if shape.kind == "list":
            item = shape.part("member")
            if shape.trait("flattened"):
                return _each(self._element(tag, item))
            name = str(item.trait("locationName", "item" if self._is_ec2 else "member"))
            return _wrapped(tag, _each(self._element(name, item)))
        if shape.kind == "map":
            return self._map(tag, shape)
        return _scalar(tag, _SCALARS.get(shape.kind, str))

    def _map(self, tag: str, shape: Shape) -> _Writer:
        key, value = shape.part("key"), shape.part("value")
        write_key = self._element(str(key.trait("locationName", "key")), key)
        write_value = self._element(str(value.trait("locationName", "value")), value)
        is_flat = bool(shape.trait("flattened"))
        entry = _wrapped(tag if is_flat else "entry", _pair(write_key, write_value))
        entries = _each(entry)

        def write(emit: _Emit, items: Mapping[str, Any]) -> None:
            entries(emit, items.items())

        return write if is_flat else _wrapped(tag, write)


def _tag(name: str, member: Shape) -> str:
    if member.kind == "list" and member.trait("flattened"):
        return str(member.part("member").trait("locationName") or member.trait("locationName", name))
    return str(member.trait("locationName", name))


def _members(shape: str, members: Mapping[str, _Writer]) -> _Writer:
    def write(emit: _Emit, value: Mapping[str, Any]) -> None:
        for name, item in value.items():
            if item is None:
                continue
            try:
                member = members[name]
            except KeyError:
                raise AssertionError(f"{shape} has no member {name}") from None
            member(emit, item)

    return write


def _wrapped(tag: str, content: _Writer) -> _Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(emit: _Emit, value: Any) -> None:
        emit(opening)
        content(emit, value)
        emit(closing)

    return write


def _each(item: _Writer) -> _Writer:
    def write(emit: _Emit, values: Any) -> None:
        for value in values:
            item(emit, value)

    return write


def _pair(key: _Writer, value: _Writer) -> _Writer:
    def write(emit: _Emit, entry: tuple[str, Any]) -> None:
        key(emit, entry[0])
        value(emit, entry[1])

    return write


def _scalar(tag: str, text: Callable[[Any], str]) -> _Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(emit: _Emit, value: Any) -> None:
        emit(f"{opening}{escape(text(value))}{closing}")

    return write


_SCALARS: dict[str, Callable[[Any], str]] = {
    "boolean": lambda value: "true" if value else "false",
    "timestamp": iso_text,
    "blob": blob_text,
}
