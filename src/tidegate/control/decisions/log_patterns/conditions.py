"""Conditions on one value, and how they are joined: what selectors and columns have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError
from tidegate.control.decisions.log_patterns.regex import compile_regex

T = TypeVar("T")
Test = Callable[[T], bool]

# CloudWatch's, of a whole pattern.
_EXPRESSIONS_MAX = 2
# Nested deeper than anybody writes, and far from what Python's stack can hold.
_DEPTH_MAX = 30
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
COMPARISONS = tuple(_COMPARISONS)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: quoted, regex, sign (comparisons, `&&`, `||`, parentheses) or word."""

    kind: str
    text: str


_TOKEN = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>(?:[^%\\]|\\.)*)%|(?P<sign>&&|\|\||[<>!]=|[=<>()])'
    r"|(?P<word>(?:\['[^']*'\]|[^\s=<>!()&|\"%])+))",
    re.DOTALL,
)


def tokens_of(text: str) -> list[Token]:
    """Raises InvalidPatternError."""
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise InvalidPatternError(f"unexpected {text[at:].strip()[:20]}")
        tokens.append(Token(found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def check_expressions(tokens: Iterable[Token]) -> None:
    """Raises InvalidPatternError where a pattern has too many regular expressions."""
    if sum(token.kind == "regex" for token in tokens) > _EXPRESSIONS_MAX:
        raise InvalidPatternError(f"more than {_EXPRESSIONS_MAX} regular expressions")


class Expression(Generic[T]):
    """Joins what `condition` reads by `&&`, `||` and parentheses. `condition` takes the reader, which stands
    before it, and leaves it behind it."""

    def __init__(self, tokens: Sequence[Token], condition: Callable[[Expression[T]], Test[T]]) -> None:
        self._tokens = tokens
        self._condition = condition
        self._at = 0
        self._depth = 0

    def test(self) -> Test[T]:
        """The whole of it. Raises InvalidPatternError."""
        found = self._any()
        if self._at < len(self._tokens):
            raise InvalidPatternError(f"unexpected {self._tokens[self._at].text}")
        return found

    def next(self) -> Token:
        """Raises InvalidPatternError at the end."""
        if self._at >= len(self._tokens):
            raise InvalidPatternError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def taken(self, text: str) -> bool:
        """Whether this sign or word is next; then it is left behind."""
        is_next = (
            self._at < len(self._tokens)
            and self._tokens[self._at].kind in ("sign", "word")
            and self._tokens[self._at].text == text
        )
        self._at += is_next
        return is_next

    def _any(self) -> Test[T]:
        tests = [self._all()]
        while self.taken("||"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _all(self) -> Test[T]:
        tests = [self._one()]
        while self.taken("&&"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)

    def _one(self) -> Test[T]:
        if not self.taken("("):
            return self._condition(self)
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise InvalidPatternError("it is nested too deeply")
        found = self._any()
        self._depth -= 1
        if not self.taken(")"):
            raise InvalidPatternError("a parenthesis is not closed")
        return found


def comparison(sign: str, value: Token) -> Test[str | float]:
    """Whether a text or a number compares so with what the pattern has. Raises InvalidPatternError."""
    if value.kind == "sign":
        raise InvalidPatternError(f"unexpected {value.text}")
    number = _number(value)
    if sign not in ("=", "!="):
        if number is None:
            raise InvalidPatternError(f"{sign} needs a number, not {value.text}")
        return _compared(sign, number)
    equal = _equal(value, number)
    return equal if sign == "=" else lambda found: not equal(found)


def _number(value: Token) -> float | None:
    return number_of(value.text) if value.kind == "word" else None


def number_of(text: str) -> float | None:
    """A number as patterns and messages write it; `nan` and `1_000` are none."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        return None
    return float(text)


def _compared(sign: str, number: float) -> Test[str | float]:
    compare = _COMPARISONS[sign]

    def test(found: str | float) -> bool:
        value = number_of(found) if isinstance(found, str) else found
        return value is not None and compare(value, number)

    return test


def _equal(value: Token, number: float | None) -> Test[str | float]:
    if value.kind == "regex":
        is_in = compile_regex(value.text)
        return lambda found: isinstance(found, str) and is_in(found)
    like = _like(_ESCAPE.sub(r"\1", value.text) if value.kind == "quoted" else value.text)
    if number is None:
        return lambda found: isinstance(found, str) and like(found)
    compared = _compared("=", number)
    return lambda found: compared(found) or (isinstance(found, str) and like(found))


def _like(text: str) -> Callable[[str], bool]:
    """Equality where `*` stands for anything."""
    first, *rest = text.split("*")
    if not rest:
        return lambda found: found == text
    *middle, last = rest

    def test(found: str) -> bool:
        if len(found) < len(first) + len(last) or not found.startswith(first) or not found.endswith(last):
            return False
        at, end = len(first), len(found) - len(last)
        for part in middle:
            at = found.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return True

    return test
