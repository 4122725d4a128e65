"""A rule's conditions in HAProxy's words: all must hold, each by any of its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.quoting import argument, verbatim
from tidegate.balancer.decisions.configuration.rules.patterns import (
    Pieces,
    alternation,
    is_literal,
    pieces,
    searched,
)
from tidegate.fleet.balancing import EdgeCondition

# HAProxy takes 64 words in a line, and a rule has five values: room for all else is left.
WORDS_MAX = 20

HOST, PATH, METHOD, QUERY, SOURCE = "var(txn.host)", "path", "method", "query", "src"

# A pair of the query string, and a key in one, never hold what separates them.
_IN_PAIR = r"[\x20-%'-~]"
_IN_KEY = r"[\x20-%'-<>-~]"

_WHOLE = ("^", r"\z")
_PAIR = ("(?:^|&)", r"(?:&|\z)")
_NEVER: Pieces = ("(?!)",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Whether any of `texts` is, or any of `expressions` matches, what `fetch` gives. One of both."""

    fetch: str
    flags: str = ""
    texts: tuple[str, ...] = ()
    expressions: tuple[Pieces, ...] = ()
    ends: tuple[str, str] = _WHOLE

    @property
    def acl(self) -> str:
        """An anonymous ACL: a rule has few values."""
        [words] = self.lines
        return f"{{ {words} }}"

    @property
    def lines(self) -> list[str]:
        """The same as the lines of a named ACL, of which any may hold."""
        if not self.texts:
            expression = self.ends[0] + alternation(self.expressions) + self.ends[1]
            return [f"{self.fetch} -m reg{self.flags} -- {verbatim(expression)}"]
        method = "ip" if self.fetch == SOURCE else "str"
        return [
            f"{self.fetch} -m {method}{self.flags} -- {' '.join(map(verbatim, some))}"
            for some in (self.texts[at : at + WORDS_MAX] for at in range(0, len(self.texts), WORDS_MAX))
        ]


def test_of(condition: EdgeCondition) -> Test:
    """A request's host is compared in lower case and without its port."""
    match condition.field:
        case "host-header":
            return _patterns(HOST, condition, is_lower=True)
        case "path-pattern":
            return _patterns(PATH, condition)
        case "http-request-method":
            return Test(fetch=METHOD, texts=condition.values)
        case "http-header":
            fetch = verbatim(f"req.fhdr({argument(condition.header_name.lower())})")
            return _patterns(fetch, condition, flags=" -i")
        case "query-string":
            pairs = tuple(_pair(key, value) for key, value in condition.queries)
            return Test(fetch=QUERY, flags=" -i", expressions=pairs, ends=_PAIR)
        case "source-ip":
            return Test(fetch=SOURCE, texts=condition.values)
    raise ValueError(f"unknown condition: {condition.field}")


def merged_tests(tests: Iterable[Test]) -> list[Test]:
    """Tests that hold whenever one of the given ones does, at most two for each fetch."""
    merged: dict[tuple[object, ...], Test] = {}
    for test in tests:
        key = (test.fetch, test.flags, test.ends, bool(test.texts))
        known = merged.get(key, Test(fetch=test.fetch, flags=test.flags, ends=test.ends))
        merged[key] = Test(
            fetch=test.fetch,
            flags=test.flags,
            ends=test.ends,
            texts=(*known.texts, *(one for one in test.texts if one not in known.texts)),
            expressions=(*known.expressions, *test.expressions),
        )
    return list(merged.values())


def _patterns(fetch: str, condition: EdgeCondition, *, flags: str = "", is_lower: bool = False) -> Test:
    """Values, which are compared cheaply when none has a wildcard, or the user's expressions."""
    if condition.regex_values:
        found = tuple(searched(one) for one in condition.regex_values)
        return Test(fetch=fetch, flags=" -i" if is_lower else flags, expressions=found)
    values = tuple(value.lower() if is_lower else value for value in condition.values)
    # A brace that stands alone would end the ACL.
    if all(is_literal(value) and value != "}" for value in values):
        return Test(fetch=fetch, flags=flags, texts=values)
    return Test(fetch=fetch, flags=flags, expressions=tuple(pieces(value) for value in values))


def _pair(key: str | None, value: str) -> Pieces:
    """A pair of the query string; without a key, any key with that value. A key that stands alone has an
    empty value."""
    if "&" in value or any(one in (key or "") for one in "&="):
        return _NEVER
    name = (f"{_IN_KEY}*",) if key is None else pieces(key, character=_IN_KEY, has_escapes=True)
    wanted = pieces(value, character=_IN_PAIR, has_escapes=True)
    return (*name, "=", *wanted) if value.strip("*") else (*name, f"(?:={''.join(wanted)})?")
