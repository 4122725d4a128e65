"""Regular expressions that rules may have."""

from __future__ import annotations

import pytest

from tidegate.control.api.elbv2 import expressions
from tidegate.wire import Fault


@pytest.mark.parametrize(
    "expression",
    [
        r"^/api/(v\d+)/users/?$",
        r"^/[a-z]{2}(-[A-Z]{2})?/i/",
        r"^(?:www\.)?example\.com:8443$",
        r"(?i)^/Admin",
        r"(?<version>v[0-9]+)",
        r"[[:alpha:]]+[^]x]*",
        r"a*?b+?c??",
        r"\++",
        r"[*+?]+",
        r"\(\?=",
        r"\x41{1,1000}",
        "(" * 50 + ")" * 50,
        "()" * 60,
    ],
)
def test_what_every_dialect_reads_is_taken(expression: str) -> None:
    expressions.check(expression)


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        (r"^(?=x)", "lookahead assertions"),
        (r"^(?!x)", "lookahead assertions"),
        (r"(?<=x)y", "lookbehind assertions"),
        (r"(?<!x)y", "lookbehind assertions"),
        (r"(?>x)y", "atomic groups"),
        (r"x(?R)", "recursive patterns"),
        (r"(x)(?1)", "recursive patterns"),
        (r"(?P>name)", "subroutines"),
        (r"(?&name)", "subroutines"),
        (r"(x)\1", "backreferences"),
        (r"(?P<n>x)(?P=n)", "backreferences"),
        (r"(?<n>x)\k<n>", "backreferences"),
        (r"(x)(?(1)y|z)", "backreferences"),
        (r"x++", "possessive quantifiers"),
        (r"x{2}+", "possessive quantifiers"),
        (r"\p{L}", "Unicode properties"),
        (r"[\P{L}]", "Unicode properties"),
        (r"x{1001}", "more than 1000 repetitions"),
        ("(" * 51 + ")" * 51, "more than 50 nested groups"),
        ("(" * 900, "more than 50 nested groups"),
    ],
)
def test_what_costs_more_than_linear_time_is_refused_by_name(expression: str, what: str) -> None:
    with pytest.raises(Fault) as caught:
        expressions.check(expression)
    assert caught.value.code == "ValidationError"
    text = f"The regular expression '{expression}' is not valid: {what} are not supported"
    assert caught.value.message == text


@pytest.mark.parametrize(
    "expression", ["(", "a)", "[a", "[z-a]", "*a", "a**", "x\\", r"\Qx\E", r"\y", "a\nb", "ü", "(?P<1>x)"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(Fault, match="is not valid"):
        expressions.check(expression)
