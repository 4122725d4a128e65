"""Redirects and fixed responses as clients get them from a real HAProxy."""

from __future__ import annotations

import asyncio

import pytest
from tests.balancer.lab import PORT, Answer, Lab, fixed, forward, listener, redirect, rule, values

pytestmark = pytest.mark.timeout(60)


def location(answer: Answer) -> str:
    [value] = answer.values("location")
    return value


@pytest.mark.proves("status:301")
async def test_a_redirect_has_awss_page_and_an_explicit_port(lab: Lab) -> None:
    await lab.edge(listener(default=redirect(protocol="HTTPS", port="443")))
    answer = await lab.ask("/a/b?c=d", host=f"Example.com:{PORT}")
    assert (answer.status, answer.reason, len(answer.body)) == (301, "Moved Permanently", 134)
    assert location(answer) == "https://example.com:443/a/b?c=d"
    assert answer.values("server") == ["awselb/2.0"]
    assert answer.values("content-type") == ["text/html"]


@pytest.mark.proves("status:302")
async def test_302_and_a_head_request(lab: Lab) -> None:
    await lab.edge(listener(default=redirect("HTTP_302", port=str(PORT + 1))))
    answer = await lab.ask("/", method="HEAD")
    assert (answer.status, answer.reason) == (302, "Found")
    assert answer.values("content-length") == ["110"]
    assert location(answer) == f"http://lab:{PORT + 1}/"


@pytest.mark.proves("action:redirect")
async def test_every_placeholder_stands_for_its_part_of_the_request(lab: Lab) -> None:
    to = redirect(
        host="www.#{host}",
        path="/x/#{path}/#{host}-#{port}",
        query="h=#{host}&p=#{port}&s=#{protocol}&q=#{query}&path=#{path}&100%",
    )
    await lab.edge(listener(default=to))
    answer = await lab.ask("/a/%20b?c=%64", host="lab.test")
    assert location(answer) == (
        f"http://www.lab.test:{PORT}/x/a/%20b/lab.test-{PORT}?h=lab.test&p={PORT}&s=http&q=c=%64&path=a/%20b&100%"
    )


async def test_an_empty_query_leaves_no_question_mark(lab: Lab) -> None:
    kept = rule(1, redirect(port="1"), values("path-pattern", "/kept"))
    dropped = rule(2, redirect(port="2", query=""), values("path-pattern", "/dropped"))
    await lab.edge(listener(kept, dropped, default=redirect(port="3", query="a=1&#{query}")))
    assert location(await lab.ask("/kept")) == "http://lab:1/kept"
    assert location(await lab.ask("/kept?")) == "http://lab:1/kept"
    assert location(await lab.ask("/kept?a?b")) == "http://lab:1/kept?a?b"
    assert location(await lab.ask("/dropped?a=b")) == "http://lab:2/dropped"
    assert location(await lab.ask("/x")) == "http://lab:3/x?a=1&"


async def test_a_request_without_a_host_is_sent_to_the_load_balancers_name(lab: Lab) -> None:
    await lab.edge(listener(default=redirect(port="81")))
    answer = await lab.ask("/", host=None, version="HTTP/1.0")
    assert location(answer) == "http://lab-1.us-east-1.elb.test:81/"


@pytest.mark.proves("status:507")
async def test_a_location_beyond_8_k_is_507(lab: Lab) -> None:
    await lab.edge(listener(default=redirect(port="81")))
    head = len("http://lab:81/")
    answer = await lab.ask("/" + "a" * (8192 - head))
    assert (answer.status, len(location(answer))) == (301, 8192)
    for beyond in (8193 - head, 12000):
        answer = await lab.ask("/" + "a" * beyond)
        assert (answer.status, answer.values("location")) == (507, [])
    twice = redirect(port="81", query="#{path}&#{path}&#{path}")
    await lab.edge(listener(default=twice))
    assert (await lab.ask("/" + "a" * 9000)).status == 507


@pytest.mark.parametrize(
    "body",
    [
        "plain",
        "quotes \" and ' and `, $HOME ${HOME} \\ \\n %[src] %% # {} }",
        "lines\r\nand\ttabs\n\n",
        "é…" + "\N{PILE OF POO}" * 1022,
    ],
    ids=["plain", "odd", "lines", "long"],
)
@pytest.mark.proves("action:fixed-response")
async def test_a_fixed_body_arrives_as_it_was_given(lab: Lab, body: str) -> None:
    await lab.edge(listener(default=fixed("200", body, "application/json")))
    answer = await lab.ask()
    assert answer.body == body.encode()
    assert answer.values("content-type") == ["application/json"]
    assert answer.values("content-length") == [str(len(body.encode()))]


async def test_every_status_that_aws_takes_can_be_given(lab: Lab) -> None:
    statuses = [*range(200, 300), *range(400, 600)]
    rules = [rule(one, fixed(str(one), "x"), values("path-pattern", f"/{one}")) for one in statuses]
    await lab.edge(listener(*rules, default=fixed("404")))
    answers = await asyncio.gather(*(lab.ask(f"/{one}") for one in statuses))
    assert [answer.status for answer in answers] == statuses
    bodiless = {answer.status for answer in answers if answer.body != b"x"}
    assert bodiless == {204, 205}
    assert {answer.status: answer.reason for answer in answers}[503] == "Service Temporarily Unavailable"


async def test_a_fixed_response_without_a_body_is_empty(lab: Lab) -> None:
    await lab.edge(listener(default=fixed("403")))
    answer = await lab.ask()
    assert (answer.status, answer.body, answer.values("content-length")) == (403, b"", ["0"])
    assert answer.values("server") == ["awselb/2.0"]


async def test_no_target_sees_what_is_answered_here(lab: Lab) -> None:
    await lab.edge(
        listener(
            rule(1, fixed(), values("path-pattern", "/fixed")),
            rule(2, redirect(port="1"), values("path-pattern", "/redirect")),
            default=forward("a"),
        )
    )
    for path in ("/fixed", "/redirect", "/"):
        await lab.ask(path, method="POST", body=b"x" * 100)
    assert [request.line for request in lab.seen] == ["POST / HTTP/1.1"]
