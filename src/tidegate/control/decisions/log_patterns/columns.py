"""Patterns of columns: `[ip, user, ..., status = 5* || status = 404, bytes > 1000]`.

A column of a message is a word, or what is between brackets or quotation marks. Without `...`, which stands
for any number of columns, a message must have as many as the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tidegate.control.decisions.log_patterns.conditions import (
    COMPARISONS,
    Expression,
    Test,
    check_expressions,
    comparison,
    tokens_of,
)
from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError, LogPattern

_ELLIPSIS = "..."
# One column of a pattern, up to a comma that is not within quotation marks or a regular expression.
_COLUMN = re.compile(r'(?:"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^,"%])*', re.DOTALL)
_WORD = re.compile(r"\S+")
_SPACE = re.compile(r"\s*")


def column_pattern(text: str) -> LogPattern:
    """Raises InvalidPatternError."""
    if not text.endswith("]"):
        raise InvalidPatternError("a bracket is not closed")
    columns = list(_split(text[1:-1]))
    if columns.count(_ELLIPSIS) > 1:
        raise InvalidPatternError("... may be there once")
    check_expressions(token for column in columns for token in tokens_of(column))
    tests = [_test(column) for column in columns if column != _ELLIPSIS]
    before = columns.index(_ELLIPSIS) if _ELLIPSIS in columns else None

    def matches(message: str) -> bool:
        found = fields_of(message)
        if before is None:
            return len(found) == len(tests) and _all(tests, found)
        behind = len(tests) - before
        return (
            len(found) >= len(tests)
            and _all(tests[:before], found[:before])
            and _all(tests[before:], found[len(found) - behind :])
        )

    return LogPattern(matches)


def fields_of(message: str) -> list[str]:
    """The columns of a message."""
    fields: list[str] = []
    # Where the next closing sign is, looked for once however many open before it.
    closing = {"[": ("]", -1), '"': ('"', -1)}
    at = _SPACE.match(message).end()  # type: ignore[union-attr] # it matches nothing too
    while at < len(message):
        sign = message[at]
        if sign in closing:
            mark, known = closing[sign]
            if at >= known:
                known = message.find(mark, at + 1)
                known = len(message) if known < 0 else known
                closing[sign] = (mark, known)
            if known < len(message) and message[known + 1 : known + 2].strip() == "":
                fields.append(message[at + 1 : known])
                at = _SPACE.match(message, known + 1).end()  # type: ignore[union-attr]
                continue
        word = _WORD.match(message, at)
        assert word is not None
        fields.append(word[0])
        at = _SPACE.match(message, word.end()).end()  # type: ignore[union-attr]
    return fields


def _all(tests: Sequence[Test[str] | None], fields: Sequence[str]) -> bool:
    return all(test is None or test(field) for test, field in zip(tests, fields, strict=True))


def _split(text: str) -> Iterator[str]:
    at = 0
    while True:
        found = _COLUMN.match(text, at)
        assert found is not None
        yield found[0].strip()
        if found.end() == len(text):
            return
        if text[found.end()] != ",":
            raise InvalidPatternError(f"unexpected {text[found.end() :][:20]}")
        at = found.end() + 1


def _test(column: str) -> Test[str] | None:
    """None: any value. Raises InvalidPatternError."""
    tokens = tokens_of(column)
    if len(tokens) <= 1:
        if tokens and tokens[0].kind != "word":
            raise InvalidPatternError(f"{column} is not the name of a column")
        return None
    names = set[str]()

    def condition(expression: Expression[str]) -> Test[str]:
        name, sign = expression.next(), expression.next()
        if name.kind != "word" or sign.kind != "sign" or sign.text not in COMPARISONS:
            raise InvalidPatternError(f"{column} is not a condition")
        names.add(name.text)
        return comparison(sign.text, expression.next())

    test = Expression[str](tokens, condition).test()
    if len(names) > 1:
        raise InvalidPatternError(f"{column} speaks of more than one column")
    return test
