"""Rules of composite alarms: states of other alarms, joined by AND, OR and NOT."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

DEPTH_MAX = 40
# Child alarms, TRUE, FALSE and parentheses: CloudWatch's limit.
ELEMENTS_MAX = 500

_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>[(),])|(?P<word>[^\s(),"]+))')
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


class RuleError(Exception):
    """The rule has no meaning; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class InState:
    """Whether an alarm, by its name or its ARN, is in a state."""

    state: str
    alarm: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """`word`: AND or OR of several, NOT of one."""

    word: str
    parts: tuple[Rule, ...]


Rule = InState | Constant | Joined


def parse_rule(text: str) -> Rule:
    """Raises RuleError."""
    parser = _Parser(_tokens(text))
    rule = parser.either(0)
    parser.end()
    return rule


def alarms_in(rule: Rule) -> list[str]:
    """The alarms that a rule names, in order."""
    if isinstance(rule, InState):
        return [rule.alarm]
    if isinstance(rule, Joined):
        return list(dict.fromkeys(name for part in rule.parts for name in alarms_in(part)))
    return []


def is_true(rule: Rule, state_of: Callable[[str], str]) -> bool:
    """`state_of`: an alarm's state by what the rule calls it."""
    if isinstance(rule, InState):
        return state_of(rule.alarm) == rule.state
    if isinstance(rule, Constant):
        return rule.value
    parts = [is_true(part, state_of) for part in rule.parts]
    if rule.word == "NOT":
        return not parts[0]
    return all(parts) if rule.word == "AND" else any(parts)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise RuleError("a name in quotes does not end")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._elements = 0

    def either(self, depth: int) -> Rule:
        return self._joined("OR", lambda: self._both(depth))

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise RuleError(f"'{self._tokens[self._at][1]}' is not expected")

    def _both(self, depth: int) -> Rule:
        return self._joined("AND", lambda: self._single(depth))

    def _joined(self, word: str, part: Callable[[], Rule]) -> Rule:
        parts = [part()]
        while self._peek() == ("word", word):
            self._at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _single(self, depth: int) -> Rule:
        if depth > DEPTH_MAX:
            raise RuleError("the rule is nested too deeply")
        kind, text = self._next()
        if (kind, text) == ("word", "NOT"):
            return Joined("NOT", (self._single(depth + 1),))
        self._count(2 if text == "(" else 1)
        if (kind, text) == ("sign", "("):
            rule = self.either(depth + 1)
            self._expect(")")
            return rule
        if (kind, text) in (("word", "TRUE"), ("word", "FALSE")):
            return Constant(text == "TRUE")
        if kind == "word" and text in _STATES:
            return self._state(text)
        if text == "AT_LEAST":
            raise RuleError("Tidegate does not serve the function AT_LEAST")
        raise RuleError(f"'{text}' is not expected" if text else "the rule ends too early")

    def _count(self, elements: int) -> None:
        self._elements += elements
        if self._elements > ELEMENTS_MAX:
            raise RuleError(f"the rule has more than {ELEMENTS_MAX} elements")

    def _state(self, state: str) -> Rule:
        self._expect("(")
        kind, text = self._next()
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        elif kind != "word":
            raise RuleError(f"{state} takes the name of an alarm")
        self._expect(")")
        return InState(state, text)

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _expect(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise RuleError(f"'{sign}' is missing")
