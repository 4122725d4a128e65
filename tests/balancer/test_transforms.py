"""What targets see of a request that a rule transforms."""

from __future__ import annotations

import pytest
from tests.balancer.lab import PORT, Lab, forward, listener, rule, values

from tidegate.fleet.balancing import EdgeTransform

pytestmark = pytest.mark.timeout(60)


def url(*rewrites: tuple[str, str]) -> EdgeTransform:
    return EdgeTransform(type="url-rewrite", rewrites=rewrites)


def host(*rewrites: tuple[str, str]) -> EdgeTransform:
    return EdgeTransform(type="host-header-rewrite", rewrites=rewrites)


async def transformed(lab: Lab, *transforms: EdgeTransform) -> None:
    """A rule on /api/* with these, and a default without any."""
    changed = rule(1, forward("a"), values("path-pattern", "/api/*"), transforms=transforms)
    await lab.edge(listener(changed, default=forward("b")))


async def seen_line(lab: Lab, target: str) -> str:
    assert (await lab.ask(target)).status == 200
    return lab.seen[-1].line.split(" ")[1]


@pytest.mark.proves("transform:url-rewrite")
async def test_path_and_query_are_rewritten_with_the_groups_that_matched(lab: Lab) -> None:
    await transformed(lab, url((r"^/api/([^/?]+)/([^?]*)\??(.*)$", r"/v2/$2?name=$1&$3&a=(b,c)'\"$$x")))
    assert await seen_line(lab, "/api/users/7?q=1") == r"""/v2/7?name=users&q=1&a=(b,c)'\"$$x"""


async def test_only_what_matches_is_replaced(lab: Lab) -> None:
    await transformed(lab, url(("/api/", "/")))
    assert await seen_line(lab, "/api/x?y=/api/") == "/x?y=/api/"


async def test_a_request_that_the_expression_misses_passes_unchanged(lab: Lab) -> None:
    await transformed(lab, url(("^/never", "/x")), host(("^never$", "x")))
    assert await seen_line(lab, "/api/%7e/../x?a") == "/api/%7e/../x?a"
    assert lab.seen[-1].values("host") == [f"lab:{PORT}"]


async def test_other_rules_are_not_transformed(lab: Lab) -> None:
    await transformed(lab, url(("^/", "/x/")), host(("^lab$", "other.test")))
    assert await seen_line(lab, "/other") == "/other"
    assert lab.seen[-1].values("host") == [f"lab:{PORT}"]


@pytest.mark.proves("transform:host-header-rewrite")
async def test_the_host_is_rewritten_and_the_rule_saw_the_old_one(lab: Lab) -> None:
    changed = rule(
        1,
        forward("a"),
        values("host-header", "*.example.com"),
        transforms=(host((r"^([a-z]+)\.Example\.com$", "$1.internal.test:81")),),
    )
    wrong = rule(2, forward("b"), values("host-header", "*.internal.test"))
    await lab.edge(listener(changed, wrong, default=forward("c")))
    assert (await lab.ask("/", host="Shop.example.com")).text == "a"
    assert lab.seen[-1].values("host") == ["shop.internal.test:81"]


@pytest.mark.parametrize("replacement", ["relative", "/with space", "/\x7f", ""])
@pytest.mark.proves("status:500")
async def test_a_path_that_cannot_be_is_500(lab: Lab, replacement: str) -> None:
    await transformed(lab, url(("^/api/.*$", replacement)))
    assert (await lab.ask("/api/x")).status == 500
    assert lab.seen == []


@pytest.mark.parametrize("replacement", ["a b", "", "a/b", "a:b"])
async def test_a_host_that_cannot_be_is_500(lab: Lab, replacement: str) -> None:
    await transformed(lab, host(("^.*$", replacement)))
    assert (await lab.ask("/api/x")).status == 500
    assert lab.seen == []
