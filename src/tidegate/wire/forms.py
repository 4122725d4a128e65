"""The form that the query protocol and EC2's dialect of it send: one parser per shape.

Names are paths: `Actions.member.1.Type=forward` in query, `Filter.1.Value.1=x` in EC2. An empty string
for an optional scalar means that it was not set: Terraform sends `ProtocolVersion=`. It is kept where the
structure requires the member, and where the model allows an empty string by name (a tag's value).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from tidegate.wire.models import Shape
from tidegate.wire.scalars import Parser, UnparsableError, text_scalar

Tree = dict[str, Any]

_ABSENT = object()
# No member's name has more than nine dots; what has more than these is no member of anything.
_DEPTH_MAX = 32
# A form is read before its signature is verified, since it says in which protocol to answer: this bounds
# what a stranger can cost (40 ms).
# Registering a thousand targets takes three thousand fields.
_FIELDS_MAX = 10_000


def form_tree(body: bytes) -> Tree:
    """`A.member.1.B=x` becomes {"A": {"member": {"1": {"B": "x"}}}}."""
    tree: Tree = {}
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
    except UnicodeDecodeError as error:
        raise UnparsableError("The body is not UTF-8.") from error
    except ValueError as error:
        raise UnparsableError(f"The request has more than {_FIELDS_MAX} parameters.") from error
    for name, value in pairs:
        node = tree
        *path, last = name.split(".", _DEPTH_MAX)
        for step in path:
            below = node.get(step)
            if not isinstance(below, dict):
                below = node[step] = {}
            node = below
        node[last] = value
    return tree


def form_parser(shape: Shape | None, *, is_ec2: bool) -> Callable[[Tree], dict[str, Any]]:
    """Parses the tree of an operation's form. Unknown members are dropped."""
    if shape is None:
        return lambda _tree: {}
    parser = _FormCompiler(is_ec2).parser(shape, is_required=True)

    def parse(tree: Tree) -> dict[str, Any]:
        found: dict[str, Any] = parser(tree)
        return found

    return parse


class _FormCompiler:
    def __init__(self, is_ec2: bool) -> None:
        self._is_ec2 = is_ec2
        self._known: dict[str, Parser] = {}

    def parser(self, shape: Shape, *, is_required: bool) -> Parser:
        if shape.name in self._known:
            return self._known[shape.name]
        if shape.kind == "structure":
            members: dict[str, tuple[str, Parser]] = {}
            self._known[shape.name] = parser = _structure(members)
            for name, member in shape.members.items():
                compiled = self.parser(member, is_required=name in shape.required)
                members[self._wire_name(name, member)] = (name, compiled)
            return parser
        if shape.kind == "list":
            return self._list(shape)
        if shape.kind == "map":
            return self._map(shape)
        if shape.kind == "string":
            return _text(is_empty_kept=is_required or shape.trait("min") == 0)
        return _scalar(text_scalar(shape.kind))

    def _wire_name(self, name: str, member: Shape) -> str:
        located = str(member.trait("locationName", name))
        if self._is_ec2:
            return str(member.trait("queryName") or located[0].upper() + located[1:])
        if member.kind == "list" and member.trait("flattened"):
            return str(member.part("member").trait("locationName", located))
        return located

    def _list(self, shape: Shape) -> Parser:
        member = shape.part("member")
        is_flat = self._is_ec2 or bool(shape.trait("flattened"))
        step = None if is_flat else str(member.trait("locationName", "member"))
        return _list(step, self.parser(member, is_required=True))

    def _map(self, shape: Shape) -> Parser:
        key, value = shape.part("key"), shape.part("value")
        return _map(
            None if shape.trait("flattened") else "entry",
            str(key.trait("locationName", "key")),
            str(value.trait("locationName", "value")),
            self.parser(value, is_required=True),
        )


def _text(*, is_empty_kept: bool) -> Parser:
    def parse(value: Any) -> Any:
        if isinstance(value, dict):
            return _ABSENT
        return value if value or is_empty_kept else _ABSENT

    return parse


def _scalar(parser: Parser) -> Parser:
    return lambda value: _ABSENT if value == "" or isinstance(value, dict) else parser(value)


def _structure(members: Mapping[str, tuple[str, Parser]]) -> Parser:
    def parse(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return _ABSENT
        found: dict[str, Any] = {}
        for wire_name, below in tree.items():
            member = members.get(wire_name)
            if member is not None:
                name, parser = member
                value = parser(below)
                if value is not _ABSENT:
                    found[name] = value
        return found

    return parse


def _list(step: str | None, member: Parser) -> Parser:
    def parse(tree: Any) -> Any:
        if tree == "":
            return []
        if not isinstance(tree, dict):
            tree = {"1": tree}
        items = tree.get(step, tree) if step else tree
        if not isinstance(items, dict):
            return [] if items == "" else _ABSENT
        parsed = (member(items[key]) for key in _in_order(items))
        return [value for value in parsed if value is not _ABSENT]

    return parse


def _map(step: str | None, key_name: str, value_name: str, parser: Parser) -> Parser:
    def parse(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return {} if tree == "" else _ABSENT
        entries = tree.get(step, tree) if step else tree
        if not isinstance(entries, dict):
            return _ABSENT
        found: dict[str, Any] = {}
        for number in _in_order(entries):
            entry = entries[number]
            if isinstance(entry, dict) and isinstance(entry.get(key_name), str):
                value = parser(entry.get(value_name, ""))
                if value is not _ABSENT:
                    found[entry[key_name]] = value
        return found

    return parse


def _in_order(items: Mapping[str, Any]) -> list[str]:
    """The keys that are numbers, as numbers: 10 comes after 9. Nine digits are more than a body holds."""
    return sorted((key for key in items if key.isdecimal() and key.isascii() and len(key) < 10), key=int)
