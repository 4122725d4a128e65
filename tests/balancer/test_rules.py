"""Which rule a request gets, asked of a real HAProxy; every fixed response says its rule's name."""

from __future__ import annotations

import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, listener, rule, values

from tidegate.fleet.balancing import EdgeCondition

pytestmark = pytest.mark.timeout(60)


def hosts(*patterns: str) -> EdgeCondition:
    return values("host-header", *patterns)


def paths(*patterns: str) -> EdgeCondition:
    return values("path-pattern", *patterns)


def header(name: str, *patterns: str) -> EdgeCondition:
    return values("http-header", *patterns, header_name=name)


def queries(*pairs: tuple[str | None, str]) -> EdgeCondition:
    return EdgeCondition(field="query-string", queries=pairs)


async def only(lab: Lab, *conditions: EdgeCondition) -> None:
    """One rule that answers `yes`, and a default that answers `no`."""
    await lab.edge(listener(rule(10, fixed(body="yes"), *conditions), default=fixed(body="no")))


async def matched(lab: Lab, target: str = "/", **request: object) -> bool:
    answer = await lab.ask(target, **request)  # type: ignore[arg-type]
    assert answer.status == 200
    return answer.text == "yes"


@pytest.mark.proves("condition:host-header")
async def test_a_host_is_compared_whole_without_its_port_and_without_case(lab: Lab) -> None:
    await only(lab, hosts("Shop.example.com"))
    assert await matched(lab, host="shop.example.com")
    assert await matched(lab, host=f"SHOP.Example.com:{PORT}")
    assert not await matched(lab, host="a.shop.example.com")
    assert not await matched(lab, host="shop.example.com.au")
    assert not await matched(lab, host=None, version="HTTP/1.0")


async def test_a_star_in_a_host_spans_dots_but_a_domain_is_not_below_itself(lab: Lab) -> None:
    await only(lab, hosts("*.example.com"))
    assert await matched(lab, host="a.b.example.com")
    assert not await matched(lab, host="example.com")
    assert not await matched(lab, host="a.example.org")


async def test_a_question_mark_is_exactly_one_character(lab: Lab) -> None:
    await only(lab, hosts("a?.*.com"), paths("/v?/*.js"))
    assert await matched(lab, "/v1/x/y.js", host="a1.b.com")
    assert not await matched(lab, "/v1/x/y.js", host="a.b.com")
    assert not await matched(lab, "/v12/x.js", host="a1.b.com")
    assert not await matched(lab, "/v1/x.jsx", host="a1.b.com")


@pytest.mark.proves("condition:path-pattern")
async def test_a_path_has_its_case_and_ends_where_the_query_begins(lab: Lab) -> None:
    await only(lab, paths("/img/*", "/exact"))
    assert await matched(lab, "/img/")
    assert await matched(lab, "/img/a/b?x=/exact")
    assert await matched(lab, "/exact?a=b")
    assert not await matched(lab, "/Img/a")
    assert not await matched(lab, "/exact/")
    assert not await matched(lab, "/a?/img/")
    assert not await matched(lab, "/xexact")


async def test_a_path_is_compared_without_dot_segments_and_reaches_the_target_as_it_was(lab: Lab) -> None:
    rules = [rule(10, forward("secret"), paths("/admin/*")), rule(20, fixed(), paths("/%C3%A4*"))]
    await lab.edge(listener(*rules, default=forward("open")))
    for target in ("/a/../admin/x", "/%61dmin/x?y=/../z", "/./admin/.", "/../admin/x"):
        assert (await lab.ask(target)).text == "secret", target
        assert lab.seen[-1].line == f"GET {target} HTTP/1.1"
    assert (await lab.ask("/admin/../x")).text == "open"
    assert (await lab.ask("/%c3%a4")).text == "open"


async def test_escapes_of_a_query_reach_the_target_as_they_are(lab: Lab) -> None:
    await lab.edge(listener(rule(10, forward("secret"), paths("/admin/*")), default=forward("open")))
    for target, group in (("/x?sign=a%2Db", "open"), ("/admin/x?sign=%61%2Db/./c", "secret")):
        assert (await lab.ask(target)).text == group, target
        assert lab.seen[-1].line == f"GET {target} HTTP/1.1"


@pytest.mark.proves("condition:http-request-method")
async def test_methods_are_compared_with_their_case(lab: Lab) -> None:
    await only(lab, values("http-request-method", "POST", "PURGE-ALL"))
    assert await matched(lab, method="POST")
    assert await matched(lab, method="PURGE-ALL")
    assert not await matched(lab, method="GET")
    assert not await matched(lab, method="post")


@pytest.mark.proves("condition:http-header")
async def test_a_header_matches_by_any_of_its_lines_without_case(lab: Lab) -> None:
    await only(lab, header("X-Canary", "yes*", "on"))
    assert await matched(lab, headers=[("x-canary", "no"), ("X-CANARY", "YES, please")])
    assert await matched(lab, headers={"X-Canary": "On"})
    assert not await matched(lab, headers={"X-Canary": "only"})
    assert not await matched(lab, headers={"X-Canary": "a, on"})
    assert not await matched(lab)


async def test_wildcards_of_a_header_stand_for_visible_characters_only(lab: Lab) -> None:
    await only(lab, header("x'odd|name", "*a*"))
    assert await matched(lab, headers={"X'odd|name": "x a y"})
    assert not await matched(lab, headers={"X'odd|name": "\x01a"})
    assert not await matched(lab, headers={"X'odd|name": "a\xe4"})


async def test_two_header_conditions_must_both_hold(lab: Lab) -> None:
    await only(lab, header("x-a", "1"), header("x-b", "}", "*2"))
    assert await matched(lab, headers={"x-a": "1", "x-b": "12"})
    assert await matched(lab, headers={"x-a": "1", "x-b": "}"})
    assert not await matched(lab, headers={"x-a": "1"})
    assert not await matched(lab, headers={"x-b": "2"})


@pytest.mark.proves("condition:query-string")
async def test_a_pair_of_the_query_is_compared_key_by_key_without_case(lab: Lab) -> None:
    await only(lab, queries(("Version", "v?"), (None, "*beta*")))
    assert await matched(lab, "/?a=b&version=V1")
    assert await matched(lab, "/?x=the-beta-one&y=1")
    assert not await matched(lab, "/?version=v12")
    assert not await matched(lab, "/?aversion=v1")
    assert not await matched(lab, "/?beta=1")
    assert not await matched(lab, "/version=v1")


async def test_escaped_wildcards_of_a_query_are_the_characters_themselves(lab: Lab) -> None:
    await only(lab, queries((r"a\*", r"\?x*"), ("empty", "*")))
    assert await matched(lab, "/?a*=?xyz")
    assert not await matched(lab, "/?ab=?xyz")
    assert not await matched(lab, "/?a*=yxyz")
    assert await matched(lab, "/?empty")
    assert await matched(lab, "/?empty=&b")
    assert not await matched(lab, "/?empty2")


@pytest.mark.proves("condition:source-ip")
async def test_the_source_is_the_peer_and_never_a_header(lab: Lab) -> None:
    await only(lab, values("source-ip", "10.0.0.0/8", "127.0.0.0/8"))
    assert await matched(lab)
    await only(lab, values("source-ip", "10.0.0.0/8", "2001:db8::/32"))
    assert not await matched(lab, headers={"X-Forwarded-For": "10.0.0.1"})


@pytest.mark.proves("condition:path-pattern by expression", "condition:http-header by expression")
async def test_expressions_search_and_see_visible_characters_only(lab: Lab) -> None:
    agents = EdgeCondition(field="http-header", header_name="User-Agent", regex_values=("bot|crawl", "^x$"))
    await only(lab, EdgeCondition(field="path-pattern", regex_values=(r"^/v\d+/[a-z']+$",)), agents)
    assert await matched(lab, "/v12/it's", headers={"User-Agent": "A CRAWLER"})
    assert await matched(lab, "/v1/a?b", headers={"User-Agent": "x"})
    assert not await matched(lab, "/v1/A", headers={"User-Agent": "x"})
    assert not await matched(lab, "/v1/a", headers={"User-Agent": "xy"})
    assert not await matched(lab, "/v1/a", headers={"User-Agent": "bot\x7f"})


@pytest.mark.proves("condition:host-header by expression")
async def test_an_expression_for_hosts_ignores_case(lab: Lab) -> None:
    await only(lab, EdgeCondition(field="host-header", regex_values=(r"^Api-[0-9]+\.example\.com$",)))
    assert await matched(lab, host="API-7.example.com:80")
    assert not await matched(lab, host="api-x.example.com")


async def test_the_smallest_priority_wins_wherever_a_rule_stands(lab: Lab) -> None:
    """Trees, endings and the chain: each rule is found in another way."""
    await lab.edge(
        listener(
            rule(60, fixed(body="60"), paths("/a/*")),
            rule(20, fixed(body="20"), paths("/a/b/*"), header("x-a", "1")),
            rule(30, fixed(body="30"), hosts("h.test"), paths("/a/b*")),
            rule(10, fixed(body="10"), hosts("*.low.test")),
            rule(40, fixed(body="40"), paths("/*")),
            rule(50, fixed(body="50"), paths("/a/b/c")),
            rule(5, fixed(body="5"), hosts("h.test"), queries(("q", "1"))),
            default=fixed(body="default"),
        )
    )

    async def got(target: str, host: str = "x", **headers: str) -> str:
        return (await lab.ask(target, host=host, headers=headers)).text

    assert await got("/a/b/c") == "40"
    assert await got("/a/b/c", "h.test") == "30"
    assert await got("/a/b/c?q=1", "h.test") == "5"
    assert await got("/a/b/c", "h.test", x_a="1") == "30"
    assert await got("/a/b/c", "h.test", **{"x-a": "1"}) == "20"
    assert await got("/a/b/c", "h.low.test", **{"x-a": "1"}) == "10"
    assert await got("/z?q=1", "h.test") == "5"


@pytest.mark.proves("action:forward")
async def test_a_rule_forwards_to_its_group(lab: Lab) -> None:
    await lab.edge(listener(rule(1, forward("api"), paths("/api/*")), default=forward("web")))
    assert (await lab.ask("/api/1")).text == "api"
    assert (await lab.ask("/")).text == "web"
