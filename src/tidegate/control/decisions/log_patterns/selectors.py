"""Patterns of JSON: `{ ($.user.id = 1) && ($.items[0] != "x*") || ($.error IS NULL) }`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from tidegate.control.decisions.log_patterns.conditions import (
    COMPARISONS,
    Expression,
    Test,
    Token,
    check_expressions,
    comparison,
    tokens_of,
)
from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError, LogPattern

_STEP = re.compile(r"\.?\['([^']+)'\]|\[(\d{1,6})\]|\.([^.\[\]]+)")
_STATES: dict[str, object] = {"NULL": None, "TRUE": True, "FALSE": False}

_decoder = msgspec.json.Decoder()


class _Missing:
    """What a selector finds where nothing is."""


def selector_pattern(text: str) -> LogPattern:
    """Raises InvalidPatternError."""
    if not text.endswith("}"):
        raise InvalidPatternError("a brace is not closed")
    tokens = tokens_of(text[1:-1])
    check_expressions(tokens)
    test = Expression[Any](tokens, _condition).test()

    def matches(message: str) -> bool:
        if not message.lstrip().startswith("{"):
            return False
        try:
            document = _decoder.decode(message)
        # Nested too deep is a RecursionError.
        except (msgspec.MsgspecError, RecursionError):
            return False
        return test(document)

    return LogPattern(matches)


def _condition(expression: Expression[Any]) -> Test[Any]:
    find = _selector(expression.next())
    if expression.taken("NOT"):
        if not expression.taken("EXISTS"):
            raise InvalidPatternError("NOT must be followed by EXISTS")
        return lambda document: find(document) is _Missing
    if expression.taken("IS"):
        state = expression.next().text
        if state not in _STATES:
            raise InvalidPatternError("IS must be followed by NULL, TRUE or FALSE")
        wanted = _STATES[state]
        return lambda document: find(document) is wanted
    sign = expression.next()
    if sign.kind != "sign" or sign.text not in COMPARISONS:
        raise InvalidPatternError(f"{sign.text} is not a comparison")
    compare = comparison(sign.text, expression.next())

    def test(document: Any) -> bool:
        found = find(document)
        is_comparable = isinstance(found, (str, int, float)) and not isinstance(found, bool)
        return is_comparable and compare(found)

    return test


def _selector(token: Token) -> Callable[[Any], Any]:
    """What a document has at `$.a.b[0]`, or _Missing. Raises InvalidPatternError."""
    if token.kind != "word" or not token.text.startswith("$"):
        raise InvalidPatternError(f"{token.text} is not a selector: they begin with $.")
    steps: list[str | int] = []
    at = 1
    while at < len(token.text):
        found = _STEP.match(token.text, at)
        if found is None:
            raise InvalidPatternError(f"{token.text} is not a selector")
        quoted, index, name = found.groups()
        steps.append(int(index) if index is not None else quoted or name)
        at = found.end()
    if not steps:
        raise InvalidPatternError("a selector must name something")

    def find(document: Any) -> Any:
        for step in steps:
            if isinstance(step, int):
                if not isinstance(document, list) or step >= len(document):
                    return _Missing
                document = document[step]
            elif not isinstance(document, dict) or step not in document:
                return _Missing
            else:
                document = document[step]
        return document

    return find
