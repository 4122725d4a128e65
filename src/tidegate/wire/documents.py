"""Bodies that are documents, in JSON and CBOR: one parser and one serialiser per shape, compiled once into
closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tidegate.wire.models import Shape
from tidegate.wire.scalars import Parser, UnparsableError

# None: the value goes out as it is.
Serialiser = Callable[[Any], Any] | None


def document_parser(
    shape: Shape | None, decode: Callable[[bytes], Any], scalar: Callable[[str], Parser]
) -> Callable[[bytes], dict[str, Any]]:
    """Parses an operation's body, which `decode` reads or raises UnparsableError; `scalar` gives the parser
    of a kind of scalar. Unknown members and nulls are dropped.

    So are optional strings of the request itself that are empty: deploy tools send `taskRoleArn: ""`
    for a role that was never set. Further down an empty string may mean itself (a variable's value).
    """
    if shape is None:
        return lambda _body: {}
    parse = _Parsers(scalar).parser(shape)
    members = shape.members
    optional = {n for n in members if members[n].kind == "string" and n not in shape.required}

    def parse_body(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = parse(decode(body)) if body else parse({})
        for name in [name for name, value in found.items() if value == "" and name in optional]:
            del found[name]
        return found

    return parse_body


def document_serialiser(
    shape: Shape | None, encode: Callable[[Any], bytes], scalars: Mapping[str, Callable[[Any], Any]]
) -> Callable[[Mapping[str, Any]], bytes]:
    """Serialises an operation's response. `scalars`: what is made of those kinds that `encode` does not
    take as they are. Members that are None are left out."""
    serialise = _Serialisers(scalars).serialiser(shape) if shape is not None else None
    if serialise is None:
        return lambda _members: encode({})
    return lambda members: encode(serialise(members))


class _Parsers:
    def __init__(self, scalar: Callable[[str], Parser]) -> None:
        self._scalar = scalar
        self._known: dict[str, Parser] = {}

    def parser(self, shape: Shape) -> Parser:
        if shape.name in self._known:
            return self._known[shape.name]
        if shape.trait("document"):
            return lambda value: value
        if shape.kind == "structure":
            members: dict[str, Parser] = {}
            self._known[shape.name] = parser = _structure_parser(shape.name, members)
            members.update({name: self.parser(member) for name, member in shape.members.items()})
            return parser
        if shape.kind == "list":
            return _list_parser(shape.name, self.parser(shape.part("member")))
        if shape.kind == "map":
            return _map_parser(shape.name, self.parser(shape.part("value")))
        return self._scalar(shape.kind)


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


class _Serialisers:
    def __init__(self, scalars: Mapping[str, Callable[[Any], Any]]) -> None:
        self._scalars = scalars
        self._known: dict[str, Serialiser] = {}

    def serialiser(self, shape: Shape) -> Serialiser:
        if shape.name in self._known:
            return self._known[shape.name]
        if shape.trait("document"):
            return None
        if shape.kind == "structure":
            members: dict[str, Serialiser] = {}
            self._known[shape.name] = serialise = _structure_serialiser(shape.name, members)
            members.update({name: self.serialiser(member) for name, member in shape.members.items()})
            return serialise
        if shape.kind == "list":
            member = self.serialiser(shape.part("member"))
            return None if member is None else lambda value: [member(item) for item in value]
        if shape.kind == "map":
            entry = self.serialiser(shape.part("value"))
            return None if entry is None else lambda value: {key: entry(item) for key, item in value.items()}
        return self._scalars.get(shape.kind)


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
