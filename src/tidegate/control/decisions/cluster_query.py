"""The cluster query language: expressions over container instances.

    expression := conjunction ("||" conjunction)*       also: or
    conjunction := term ("&&" term)*                    also: and
    term := "!" "(" expression ")" | "(" expression ")" | test      also: not
    test := subject operator [argument]

`parse_query` compiles an expression once into a function of an instance's facts. A test of an attribute
that the instance does not have is false, but for those that deny something (`!=`, `!in`, `!~`, `!exists`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LENGTH_MAX = 2000


class QueryError(Exception):
    """The expression does not follow the grammar; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """What an expression may ask of an instance. An attribute's value may be None."""

    attributes: Mapping[str, str | None]
    agent_connected: bool
    agent_version: str
    ec2_instance_id: str
    registered_at: datetime
    running_tasks_count: int
    task_groups: frozenset[str]


Query = Callable[[InstanceFacts], bool]
# A value as it is compared: text, a number, a date or a version's parts.
_Value = Any
_Compare = Callable[[_Value, _Value], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')
        |(?P<sign>\|\||&&|==|!=|>=|<=|=~|!~|[()\[\],<>]|!(?=\s*(?:\(|in\b|exists\b)))
        |(?P<word>[^\s()\[\],"'=!<>&|~]+))""",
    re.VERBOSE,
)
_OPERATORS = {
    "equals": "==",
    "not_equals": "!=",
    "greater_than": ">",
    "greater_than_equal": ">=",
    "less_than": "<",
    "less_than_equal": "<=",
    "matches": "=~",
    "not_matches": "!~",
    "not_in": "!in",
    "not_exists": "!exists",
}
_ORDERS: Mapping[str, _Compare] = {
    "==": lambda found, wanted: found == wanted,
    ">": lambda found, wanted: found > wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<": lambda found, wanted: found < wanted,
    "<=": lambda found, wanted: found <= wanted,
}
_DENIALS = {"!=": "==", "!in": "in", "!~": "=~", "!exists": "exists"}


def parse_query(text: str) -> Query:
    """The expression as a function. Raises QueryError."""
    if len(text) > LENGTH_MAX:
        raise QueryError(f"an expression can have at most {LENGTH_MAX} characters")
    parser = _Parser(_tokens(text))
    try:
        query = parser.expression()
    except RecursionError as error:
        raise QueryError("parentheses are nested too deep") from error
    if parser.next is not None:
        raise QueryError(f"unexpected {parser.next}")
    return query


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    def __str__(self) -> str:
        return f"'{self.text}'"


def _tokens(text: str) -> list[_Token]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise QueryError(f"unexpected character at {position + 1}")
        value = found[found.lastgroup]
        tokens.append(_Token(found.lastgroup, value[1:-1] if found.lastgroup == "quoted" else value))
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._position = 0

    @property
    def next(self) -> _Token | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def expression(self) -> Query:
        parts = [self._conjunction()]
        while self._takes("||", "or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda facts: any(part(facts) for part in parts)

    def _conjunction(self) -> Query:
        parts = [self._term()]
        while self._takes("&&", "and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda facts: all(part(facts) for part in parts)

    def _term(self) -> Query:
        if self._takes("!", "not"):
            self._expect("(")
            denied = self._rest_of_group()
            return lambda facts: not denied(facts)
        if self._takes("("):
            return self._rest_of_group()
        return self._test()

    def _rest_of_group(self) -> Query:
        query = self.expression()
        self._expect(")")
        return query

    def _test(self) -> Query:
        subject = _subject(self._word("a subject"))
        operator = self._operator()
        affirmed = _DENIALS.get(operator, operator)
        test = self._affirmed(subject, affirmed)
        return test if affirmed == operator else lambda facts: not test(facts)

    def _affirmed(self, subject: _Subject, operator: str) -> Query:
        if operator == "exists":
            return lambda facts: bool(subject.exists(facts))
        if operator == "in":
            wanted = [subject.read(value) for value in self._list()]
            return lambda facts: any(found in wanted for found in subject.values(facts))
        value = self._word("a value")
        if operator == "=~":
            try:
                pattern = re.compile(value)
            # The second is of a repetition count beyond what Python takes.
            except (re.error, OverflowError) as error:
                raise QueryError(f"'{value}' is not a regular expression") from error
            return lambda facts: any(pattern.fullmatch(str(found)) for found in subject.texts(facts))
        one, compare = subject.read(value), _ORDERS[operator]
        return lambda facts: any(compare(found, one) for found in subject.values(facts))

    def _operator(self) -> str:
        token = self._take("an operator")
        if token.text == "!" and token.kind == "sign":
            return "!" + self._word("in or exists")
        name = _OPERATORS.get(token.text, token.text)
        if name not in _ORDERS and name not in _DENIALS and name not in ("in", "exists", "=~"):
            raise QueryError(f"{token} is not an operator")
        return name

    def _list(self) -> list[str]:
        self._expect("[")
        values = [self._word("a value")]
        while self._takes(","):
            values.append(self._word("a value"))
        self._expect("]")
        return values

    def _take(self, what: str) -> _Token:
        token = self.next
        if token is None:
            raise QueryError(f"{what} is missing at the end")
        self._position += 1
        return token

    def _word(self, what: str) -> str:
        token = self._take(what)
        if token.kind == "sign":
            raise QueryError(f"{what} is missing before {token}")
        return token.text

    def _takes(self, *texts: str) -> bool:
        token = self.next
        if token is None or token.kind == "quoted" or token.text not in texts:
            return False
        self._position += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise QueryError(
                f"'{text}' is missing" + (f" before {self.next}" if self.next else " at the end")
            )


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a test is about: its values of an instance (none: the instance has no such thing), and how an
    argument is read to be compared with them."""

    texts: Callable[[InstanceFacts], Sequence[str]]
    read: Callable[[str], _Value] = str
    exists: Callable[[InstanceFacts], object] = lambda _: True

    def values(self, facts: InstanceFacts) -> list[_Value]:
        return [self.read(text) for text in self.texts(facts)]


def _subject(name: str) -> _Subject:
    if name.startswith("attribute:"):
        return _attribute(name.removeprefix("attribute:"))
    if name not in _SUBJECTS:
        raise QueryError(f"'{name}' is not a subject")
    return _SUBJECTS[name]


def _attribute(name: str) -> _Subject:
    def texts(facts: InstanceFacts) -> Sequence[str]:
        value = facts.attributes.get(name)
        return () if value is None else (value,)

    return _Subject(texts, exists=lambda facts: name in facts.attributes)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise QueryError(f"'{text}' is not a number") from error


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryError(f"'{text}' is not a date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


_SUBJECTS: Mapping[str, _Subject] = {
    "agentConnected": _Subject(lambda facts: (str(facts.agent_connected).lower(),)),
    "agentVersion": _Subject(lambda facts: (facts.agent_version,) if facts.agent_version else (), _version),
    "ec2InstanceId": _Subject(lambda facts: (facts.ec2_instance_id,) if facts.ec2_instance_id else ()),
    "registeredAt": _Subject(lambda facts: (facts.registered_at.isoformat(),), _date),
    "runningTasksCount": _Subject(lambda facts: (str(facts.running_tasks_count),), _integer),
    "task:group": _Subject(lambda facts: sorted(facts.task_groups)),
}
