"""From the wire to Python: one parser per shape, compiled once.

A parser takes what the protocol gives (JSON values, or the tree of a form) and returns plain dicts,
lists, strings, numbers and aware datetimes. Unknown members are dropped. In a form, an empty string for
an optional scalar means that the member was not set: clients send it so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from tidegate.wire.faults import Fault
from tidegate.wire.models import service_model

Parser = Callable[[Any], Any]
_ABSENT = object()


class Unparsable(Exception):
    """A value is not of its member's type; `args[0]` says which."""


@cache
def json_parser(service: str, operation: str) -> Parser:
    """Parses the decoded JSON body of an operation."""
    shape = service_model(service).operation_model(operation).input_shape
    return _json(shape, {}) if shape is not None else lambda _: {}


@cache
def form_parser(service: str, operation: str) -> Parser:
    """Parses the tree of an operation's form."""
    model = service_model(service)
    shape = model.operation_model(operation).input_shape
    return _form(shape, model.metadata["protocol"] == "ec2", {}) if shape is not None else lambda _: {}


def form_tree(body: bytes) -> dict[str, Any]:
    """A form as a tree: `A.member.1.B=x` becomes {"A": {"member": {"1": {"B": "x"}}}}."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode("utf-8"), keep_blank_values=True):
        node = tree
        *path, last = name.split(".")
        for step in path:
            below = node.get(step)
            if not isinstance(below, dict):
                below = node[step] = {}
            node = below
        node[last] = value
    return tree


# JSON


def _json(shape: Any, known: dict[str, Parser]) -> Parser:
    if shape.name in known:
        return lambda value: known[shape.name](value)
    kind = shape.type_name
    if kind == "structure":
        members: dict[str, Parser] = {}
        known[shape.name] = parser = _json_structure(shape.name, members)
        members.update({name: _json(member, known) for name, member in shape.members.items()})
        return parser
    if kind == "list":
        return _json_list(shape.name, _json(shape.member, known))
    if kind == "map":
        return _json_map(shape.name, _json(shape.value, known))
    return _SCALARS[kind]


def _json_structure(name: str, members: Mapping[str, Parser]) -> Parser:
    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unparsable(f"expected a structure for {name}")
        return {key: members[key](item) for key, item in value.items() if item is not None and key in members}

    return parse


def _json_list(name: str, member: Parser) -> Parser:
    def parse(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Unparsable(f"expected a list for {name}")
        return [member(item) for item in value]

    return parse


def _json_map(name: str, item: Parser) -> Parser:
    def parse(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unparsable(f"expected a map for {name}")
        return {str(key): item(entry) for key, entry in value.items()}

    return parse


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise Unparsable(f"expected a string instead of {value!r}")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise Unparsable(f"expected a number instead of {value!r}")
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Unparsable(f"expected a number instead of {value!r}") from error
    return number


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Unparsable(f"expected a number instead of {value!r}") from error


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise Unparsable(f"expected a boolean instead of {value!r}")


def _timestamp(value: Any) -> datetime:
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError) as error:
        raise Unparsable(f"expected a timestamp instead of {value!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise Unparsable("expected base64") from error


_SCALARS: dict[str, Parser] = {
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}


# Forms


def _form(shape: Any, is_ec2: bool, known: dict[str, Parser]) -> Parser:
    if shape.name in known:
        return lambda value: known[shape.name](value)
    kind = shape.type_name
    if kind == "structure":
        members: dict[str, tuple[str, Parser]] = {}
        known[shape.name] = parser = _form_structure(members)
        for name, member in shape.members.items():
            members[name] = (_wire_name(name, member, is_ec2), _form(member, is_ec2, known))
        return parser
    if kind == "list":
        prefix = None if is_ec2 or shape.serialization.get("flattened") else "member"
        return _form_list(prefix, _form(shape.member, is_ec2, known))
    if kind == "map":
        return _form_map(_form(shape.value, is_ec2, known))
    scalar = _SCALARS[kind]
    return lambda value: _ABSENT if value == "" or isinstance(value, dict) else scalar(value)


def _wire_name(name: str, member: Any, is_ec2: bool) -> str:
    if is_ec2:
        query_name = member.serialization.get("queryName")
        if query_name:
            return str(query_name)
        located = str(member.serialization.get("name", name))
        return located[0].upper() + located[1:]
    if member.type_name == "list" and member.serialization.get("flattened"):
        return str(member.member.serialization.get("name", name))
    return str(member.serialization.get("name", name))


def _form_structure(members: Mapping[str, tuple[str, Parser]]) -> Parser:
    def parse(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return _ABSENT
        found: dict[str, Any] = {}
        for name, (wire_name, parser) in members.items():
            if wire_name in tree:
                value = parser(tree[wire_name])
                if value is not _ABSENT:
                    found[name] = value
        return found

    return parse


def _form_list(prefix: str | None, member: Parser) -> Parser:
    def parse(tree: Any) -> Any:
        if tree == "":
            return []
        if not isinstance(tree, dict):
            return [member(tree)]
        items = tree.get(prefix, tree) if prefix else tree
        if not isinstance(items, dict):
            return _ABSENT
        numbered = sorted((int(key), value) for key, value in items.items() if key.isdigit())
        # An empty element is an empty string, which must stay in its place.
        return ["" if (parsed := member(value)) is _ABSENT else parsed for _, value in numbered]

    return parse


def _form_map(item: Parser) -> Parser:
    def parse(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return _ABSENT
        entries = tree.get("entry", tree)
        found: dict[str, Any] = {}
        for _, entry in sorted(entries.items()):
            if isinstance(entry, dict) and "key" in entry:
                value = item(entry.get("value", ""))
                found[str(entry["key"])] = "" if value is _ABSENT else value
        return found

    return parse


def serialization_fault(error: Unparsable) -> Fault:
    """The fault for a value of the wrong type."""
    return Fault("SerializationException", str(error.args[0]))
