"""HAProxy finds the rule that the model finds, for any rules and requests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.balancer.lab import PORT, PREFIX, Lab, fixed, listener
from tests.balancer.rule_model import Asked, first_rule, like

from tidegate.fleet.balancing import EdgeCondition, EdgeRule

pytestmark = pytest.mark.timeout(120)

HOSTS = st.sampled_from(["a.test", "b.test", "b.a.test", "c.b.a.test", "a.test.b"])
HOST_PATTERNS = st.sampled_from(
    ["a.test", "B.test", "b.a.test", "*.test", "*.a.test", "?.test", "b.*", "*.*.test", "*a.test"]
)
PATHS = st.text("ab/.", max_size=5).map(lambda text: f"/{text}")
PATH_PATTERNS = st.one_of(
    PATHS, st.text("ab/", max_size=3).map(lambda text: f"/{text}*"), st.text("ab/*?", min_size=1, max_size=5)
)
VALUES = st.text("ab ,=", max_size=4).map(str.strip)
VALUE_PATTERNS = st.text("aAb*?", min_size=1, max_size=4)
QUERIES = st.text("ab=&*", max_size=7)
QUERY_PATTERNS = st.text("aB*?", min_size=1, max_size=3) | st.sampled_from([r"a\*", r"\*", "a*\\*b", "b="])


def patterned(field: str, patterns: st.SearchStrategy[str]) -> st.SearchStrategy[EdgeCondition]:
    some = st.lists(patterns, min_size=1, max_size=2).map(tuple)
    return st.builds(EdgeCondition, field=st.just(field), values=some)


SINGLE = (
    patterned("host-header", HOST_PATTERNS),
    patterned("path-pattern", PATH_PATTERNS),
    st.builds(
        EdgeCondition,
        field=st.just("path-pattern"),
        regex_values=st.sampled_from([("a",), ("^/a", "b$"), (r"^/[ab]+\.?$",)]),
    ),
    st.builds(EdgeCondition, field=st.just("http-request-method"), values=st.just(("GET", "PUT"))),
    st.builds(
        EdgeCondition, field=st.just("source-ip"), values=st.sampled_from([("127.0.0.0/8",), ("10.0.0.0/8",)])
    ),
)
HEADER = st.builds(
    EdgeCondition,
    field=st.just("http-header"),
    header_name=st.sampled_from(["x-a", "X-B"]),
    values=st.lists(VALUE_PATTERNS, min_size=1, max_size=2).map(tuple),
)
QUERY = st.builds(
    EdgeCondition,
    field=st.just("query-string"),
    queries=st.lists(st.tuples(st.none() | QUERY_PATTERNS, QUERY_PATTERNS), min_size=1, max_size=2).map(
        tuple
    ),
)


def one_of_each(conditions: list[EdgeCondition]) -> tuple[EdgeCondition, ...]:
    """No rule has two conditions of these fields."""
    single = {one.field: one for one in conditions if one.field not in ("http-header", "query-string")}
    return (*single.values(), *(one for one in conditions if one.field in ("http-header", "query-string")))


CONDITIONS = st.lists(st.one_of(*SINGLE, HEADER, QUERY), min_size=1, max_size=3).map(one_of_each)
RULES = st.lists(CONDITIONS, min_size=1, max_size=12)
ASKED = st.builds(
    Asked,
    host=HOSTS,
    path=PATHS.filter(lambda path: "/." not in path),
    query=QUERIES,
    method=st.sampled_from(["GET", "PUT", "POST"]),
    headers=st.lists(st.tuples(st.sampled_from(["x-a", "x-b"]), VALUES), max_size=3),
)


@settings(
    max_examples=60,
    deadline=None,
    # Every example costs a reload: shrinking would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rules=RULES, requests=st.lists(ASKED, min_size=4, max_size=8))
async def test_haproxy_finds_the_models_rule(
    lab: Lab, rules: list[tuple[EdgeCondition, ...]], requests: list[Asked]
) -> None:
    made = [
        EdgeRule(
            arn=f"{PREFIX}:listener-rule/app/lab/1/2/{number}",
            priority=number,
            conditions=conditions,
            action=fixed(body=str(number)),
        )
        for number, conditions in enumerate(rules, 1)
    ]
    await lab.edge(listener(*made, default=fixed(body="0")))
    for asked in requests:
        answer = await lab.ask(
            f"{asked.path}?{asked.query}" if asked.query else asked.path,
            method=asked.method,
            host=f"{asked.host}:{PORT}",
            headers=asked.headers,
        )
        assert int(answer.text) == first_rule(made, asked), asked


@pytest.mark.parametrize(
    ("pattern", "text", "is_like"),
    [
        ("*", "", True),
        ("?", "", False),
        ("a*c", "abbc", True),
        ("a*c", "abcd", False),
        ("a?c", "abc", True),
        ("a\x01*", "a\x01b", True),
        ("a*", "a\x01", False),
        (r"\*", "*", True),
        (r"\*", "x", False),
    ],
)
def test_the_models_patterns_are_awss(pattern: str, text: str, is_like: bool) -> None:
    assert like(pattern, text, escapes=True) is is_like
