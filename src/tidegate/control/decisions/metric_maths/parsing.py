"""An expression's text as a tree. Loosest first: OR, AND, comparisons, sums, products, powers, signs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.control.decisions.metric_maths.values import MathsError

# Trees are walked recursively: deeper than any expression that somebody has written by hand.
DEPTH_MAX = 40

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>\|\||&&|==|!=|<=|>=|<>|[-+*/^<>(),\[\]]))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Name:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`left` None: a sign before one operand."""

    operator: str
    left: Node | None
    right: Node


@dataclass(frozen=True, slots=True)
class FunctionCall:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Node, ...]


Node = Number | Name | Text | Operation | FunctionCall | Items
_Token = tuple[str, str]

_LEVELS: Sequence[Mapping[str, str]] = (
    {"OR": "||", "||": "||"},
    {"AND": "&&", "&&": "&&"},
    {sign: sign for sign in ("==", "!=", "<", ">", "<=", ">=")} | {"<>": "!="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/"},
)


def parse(expression: str) -> Node:
    """Raises MathsError."""
    parser = _Parser(_tokens(expression))
    found = parser.level(0, 0)
    parser.end()
    return found


def names_in(node: Node) -> set[str]:
    """The ids that an expression mentions, bare words among the arguments included."""
    if isinstance(node, Name):
        return {node.text}
    if isinstance(node, Operation):
        return (names_in(node.left) if node.left is not None else set()) | names_in(node.right)
    below = (
        node.arguments if isinstance(node, FunctionCall) else node.items if isinstance(node, Items) else ()
    )
    return {name for item in below for name in names_in(item)}


def _tokens(expression: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, text = 0, expression.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise MathsError(f"Unexpected character '{text[at:].lstrip()[0]}'")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def level(self, level: int, depth: int) -> Node:
        """Operators of this level and tighter, from left to right."""
        if depth > DEPTH_MAX:
            raise MathsError("The expression is nested too deeply")
        if level == len(_LEVELS):
            return self._power(depth)
        left = self.level(level + 1, depth)
        while (operator := self._operator(level)) is not None:
            left = Operation(operator, left, self.level(level + 1, depth))
        return left

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise MathsError(f"Unexpected '{self._tokens[self._at][1]}'")

    def _operator(self, level: int) -> str | None:
        kind, text = self._peek()
        found = _LEVELS[level].get(text.upper()) if kind in ("sign", "name") else None
        if found is not None:
            self._at += 1
        return found

    def _power(self, depth: int) -> Node:
        base = self._signed(depth)
        if self._skip("^"):
            return Operation("^", base, self._power(_deeper(depth)))
        return base

    def _signed(self, depth: int) -> Node:
        if self._skip("-"):
            return Operation("-", None, self._signed(_deeper(depth)))
        if self._skip("+"):
            return self._signed(_deeper(depth))
        return self._primary(depth)

    def _primary(self, depth: int) -> Node:
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            return Number(float(text))
        if kind == "text":
            return Text(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "name":
            return FunctionCall(text.upper(), self._list(")", depth)) if self._skip("(") else Name(text)
        if text == "(":
            found = self.level(0, depth + 1)
            self._expect(")")
            return found
        if text == "[":
            return Items(self._list("]", depth))
        raise MathsError(f"Unexpected '{text}'" if text else "The expression ends too early")

    def _list(self, closing: str, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        if self._skip(closing):
            return ()
        while True:
            items.append(self.level(0, depth + 1))
            if not self._skip(","):
                break
        self._expect(closing)
        return tuple(items)

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _skip(self, sign: str) -> bool:
        is_there = self._peek() == ("sign", sign)
        self._at += is_there
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise MathsError(f"'{sign}' is missing")


def _deeper(depth: int) -> int:
    if depth >= DEPTH_MAX:
        raise MathsError("The expression is nested too deeply")
    return depth + 1
