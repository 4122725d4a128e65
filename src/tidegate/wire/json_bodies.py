"""The JSON protocols' bodies: one parser and one serialiser per shape, compiled once into closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tidegate.wire.models import Shape
from tidegate.wire.scalars import Parser, UnparsableError, blob_text, epoch_seconds, json_scalar

# None: the value goes out as it is.
Serialiser = Callable[[Any], Any] | None


def json_parser(shape: Shape | None) -> Callable[[bytes], dict[str, Any]]:
    """Parses an operation's body. Unknown members and nulls are dropped.

    So are optional strings of the request itself that are empty: deploy tools send `taskRoleArn: ""`
    for a role that was never set. Further down an empty string may mean itself (a variable's value).
    """
    if shape is None:
        return lambda _body: {}
    parse = _parser(shape, {})
    members = shape.members
    optional = {n for n in members if members[n].kind == "string" and n not in shape.required}

    def parse_body(body: bytes) -> dict[str, Any]:
        try:
            found: dict[str, Any] = parse(msgspec.json.decode(body or b"{}"))
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnparsableError("The body is not JSON.") from error
        for name in [name for name, value in found.items() if value == "" and name in optional]:
            del found[name]
        return found

    return parse_body


def json_serialiser(shape: Shape | None) -> Callable[[Mapping[str, Any]], bytes]:
    """Serialises an operation's response. Members that are None are left out."""
    serialise = _serialiser(shape, {}) if shape is not None else None
    if serialise is None:
        return lambda _members: b"{}"
    return lambda members: msgspec.json.encode(serialise(members))


def _parser(shape: Shape, known: dict[str, Parser]) -> Parser:
    if shape.name in known:
        return known[shape.name]
    if shape.trait("document"):
        return lambda value: value
    if shape.kind == "structure":
        members: dict[str, Parser] = {}
        known[shape.name] = parser = _structure_parser(shape.name, members)
        members.update({name: _parser(member, known) for name, member in shape.members.items()})
        return parser
    if shape.kind == "list":
        return _list_parser(shape.name, _parser(shape.part("member"), known))
    if shape.kind == "map":
        return _map_parser(shape.name, _parser(shape.part("value"), known))
    return json_scalar(shape.kind)


def _structure_parser(name: str, members: Mapping[str, Parser]) -> Parser:
    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise UnparsableError(f"{name} must be a structure")
        return {key: members[key](item) for key, item in value.items() if item is not None and key in members}

    return parse


def _list_parser(name: str, member: Parser) -> Parser:
    def parse(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise UnparsableError(f"{name} must be a list")
        return [member(item) for item in value]

    return parse


def _map_parser(name: str, item: Parser) -> Parser:
    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise UnparsableError(f"{name} must be a map")
        return {key: item(entry) for key, entry in value.items() if entry is not None}

    return parse


def _serialiser(shape: Shape, known: dict[str, Serialiser]) -> Serialiser:
    if shape.name in known:
        return known[shape.name]
    if shape.trait("document"):
        return None
    if shape.kind == "structure":
        members: dict[str, Serialiser] = {}
        known[shape.name] = serialise = _structure_serialiser(shape.name, members)
        members.update({name: _serialiser(member, known) for name, member in shape.members.items()})
        return serialise
    if shape.kind == "list":
        member = _serialiser(shape.part("member"), known)
        return None if member is None else lambda value: [member(item) for item in value]
    if shape.kind == "map":
        entry = _serialiser(shape.part("value"), known)
        return None if entry is None else lambda value: {key: entry(item) for key, item in value.items()}
    return _SCALARS.get(shape.kind)


def _structure_serialiser(name: str, members: Mapping[str, Serialiser]) -> Callable[[Any], Any]:
    def serialise(value: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {
                key: item if (member := members[key]) is None else member(item)
                for key, item in value.items()
                if item is not None
            }
        except KeyError as error:
            # A structure below raises AssertionError, so the key is one of this structure.
            raise AssertionError(f"{name} has no member {error.args[0]}") from None

    return serialise


_SCALARS: dict[str, Callable[[Any], Any]] = {"timestamp": epoch_seconds, "blob": blob_text}
