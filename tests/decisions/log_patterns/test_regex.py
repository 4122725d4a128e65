"""Regular expressions of filter patterns, against Python's own."""

from __future__ import annotations

import random
import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError
from tidegate.control.decisions.log_patterns.regex import compile_regex

ATOMS = st.sampled_from(
    ["a", "b", "1", ".", "[ab]", "[^a]", "[a-b1]", r"\d", r"\w", r"\s", r"\.", "[a-]", r"\x61"]
)
QUANTIFIERS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,}", "{2,}", "{0,3}"])
ROWS = st.tuples(
    st.sampled_from(["", "^"]),
    st.lists(st.tuples(ATOMS, QUANTIFIERS).map("".join), min_size=1, max_size=5).map("".join),
    st.sampled_from(["", "$"]),
).map("".join)


@given(st.lists(ROWS, min_size=1, max_size=3).map("|".join), st.text("ab1. -ü\n", max_size=12))
def test_it_finds_what_python_finds(text: str, message: str) -> None:
    # Python's $ is also before a newline at the end, and its classes know more than ASCII.
    python = re.compile(text.replace("$", r"\Z"), re.ASCII)
    assert compile_regex(text)(message) == (python.search(message) is not None)


@given(st.lists(ROWS, min_size=1, max_size=3).map("|".join), st.lists(st.text("ab1", max_size=6), max_size=5))
def test_what_it_has_learnt_of_one_message_is_true_for_the_next(text: str, messages: list[str]) -> None:
    matches = compile_regex(text)
    again = [matches(message) for message in messages]
    assert again == [compile_regex(text)(message) for message in messages]


@pytest.mark.parametrize("text", ["a*a*a*a*a*a*a*b", ".*.*.*.*=.*.*x", "a{0,500}b", "[ab]*a[ab]{12}$"])
def test_no_expression_takes_long(text: str) -> None:
    matches = compile_regex(text)
    began = time.process_time()
    assert matches("a" * 100_000 + "c") is False
    # Python's own would take hours for most of these.
    assert time.process_time() - began < 5.0


@pytest.mark.parametrize(
    "text",
    ["1.{0,990}Z", r"\d{1,3}.{0,200}timeout", "|".join(f"{c}.{{0,30}}Z" for c in string.ascii_lowercase)],
)
def test_many_optional_items_cost_little_where_states_are_new(text: str) -> None:
    matches = compile_regex(text)
    chance = random.Random(1)
    message = "".join(chance.choices(string.ascii_lowercase + "1", k=20_000))
    began = time.process_time()
    assert matches(message) is False
    # To walk over the optional items again from each place takes a minute.
    assert time.process_time() - began < 2.0


def test_alternatives_are_bounded_together() -> None:
    with pytest.raises(InvalidPatternError, match="too long"):
        compile_regex("|".join(["x.{0,990}y"] * 2))
