"""Terms: all that stand alone must be in a message, none of those with a minus, and where there are only
those with a question mark, one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError, LogPattern
from tidegate.control.decisions.log_patterns.regex import compile_regex

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))(?=\s|$)', re.DOTALL)
# CloudWatch says of no bound for them, but each is run over every message.
_EXPRESSIONS_MAX = 5
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Term:
    """`text`: what a message must have as it is; None where it is a regular expression."""

    sign: str
    is_in: Callable[[str], bool]
    text: str | None


def term_pattern(text: str) -> LogPattern:
    """Raises InvalidPatternError."""
    terms = _terms(text)
    needed = [term for term in terms if term.sign == ""]
    excluded = [term for term in terms if term.sign == "-"]
    # Beside others they mean nothing.
    optional = [term for term in terms if term.sign == "?"] if not needed and not excluded else []

    def matches(message: str) -> bool:
        return (
            all(term.is_in(message) for term in needed)
            and not any(term.is_in(message) for term in excluded)
            and (not optional or any(term.is_in(message) for term in optional))
        )

    return LogPattern(matches, tuple(term.text.encode() for term in needed if term.text is not None))


def _terms(text: str) -> list[_Term]:
    terms: list[_Term] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise InvalidPatternError(f"no term can begin with {text[at:].strip()[:20]}")
        terms.append(_term(*found.groups()))
        if sum(term.text is None for term in terms) > _EXPRESSIONS_MAX:
            raise InvalidPatternError(f"more than {_EXPRESSIONS_MAX} regular expressions")
        at = found.end()
    return terms


def _term(sign: str, quoted: str | None, regex: str | None, word: str | None) -> _Term:
    if regex is not None:
        return _Term(sign, compile_regex(regex), None)
    text = word if quoted is None else _ESCAPE.sub(r"\1", quoted)
    assert text is not None
    return _Term(sign, lambda message: text in message, text)
