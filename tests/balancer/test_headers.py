"""The headers that targets and clients get, by a load balancer's and a listener's attributes."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time

import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, listener, rule, running, values

pytestmark = pytest.mark.timeout(60)

ID = r"1-[0-9a-f]{8}-[0-9a-f]{24}"


async def forwarding(lab: Lab, **attributes: object) -> None:
    await lab.edge(listener(default=forward("a")), **attributes)


async def seen(lab: Lab, name: str, headers: list[tuple[str, str]] | None = None) -> list[str]:
    """What the target got under a name."""
    assert (await lab.ask(headers=headers or ())).status == 200
    return lab.seen[-1].values(name)


# X-Forwarded-*


@pytest.mark.proves("load-balancer-attribute:routing.http.xff_header_processing.mode")
async def test_the_peers_address_is_appended(lab: Lab) -> None:
    await forwarding(lab)
    assert await seen(lab, "x-forwarded-for") == ["127.0.0.1"]
    assert await seen(lab, "x-forwarded-for", [("X-Forwarded-For", "1.2.3.4, 5.6.7.8")]) == [
        "1.2.3.4, 5.6.7.8, 127.0.0.1"
    ]


async def test_no_line_is_lost_when_a_client_sends_several(lab: Lab) -> None:
    await forwarding(lab)
    sent = [("X-Forwarded-For", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]
    assert ", ".join(await seen(lab, "x-forwarded-for", sent)) == "1.1.1.1, 2.2.2.2, 127.0.0.1"


@pytest.mark.proves("load-balancer-attribute:routing.http.xff_client_port.enabled")
async def test_the_clients_port_comes_with_it_when_asked_for(lab: Lab) -> None:
    await forwarding(lab, xff_has_client_port=True)
    [alone] = await seen(lab, "x-forwarded-for")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", alone)
    [appended] = await seen(lab, "x-forwarded-for", [("X-Forwarded-For", "1.2.3.4:5")])
    assert re.fullmatch(r"1\.2\.3\.4:5, 127\.0\.0\.1:\d+", appended)


@pytest.mark.proves("load-balancer-attribute:routing.http.xff_header_processing.mode")
async def test_preserved_it_is_untouched_and_never_added(lab: Lab) -> None:
    await forwarding(lab, xff_mode="preserve")
    assert await seen(lab, "x-forwarded-for") == []
    assert await seen(lab, "x-forwarded-for", [("X-Forwarded-For", "1.2.3.4")]) == ["1.2.3.4"]


async def test_removed_it_never_arrives(lab: Lab) -> None:
    await forwarding(lab, xff_mode="remove")
    assert await seen(lab, "x-forwarded-for", [("X-Forwarded-For", "1.2.3.4")]) == []


async def test_protocol_and_port_are_the_listeners_whatever_the_client_says(lab: Lab) -> None:
    await forwarding(lab)
    lies = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443")]
    assert await seen(lab, "x-forwarded-proto", lies) == ["http"]
    assert lab.seen[-1].values("x-forwarded-port") == [str(PORT)]


async def test_the_names_that_aws_writes_keep_their_case(lab: Lab) -> None:
    await forwarding(lab)
    await seen(lab, "host", [("Connection", "Upgrade"), ("Upgrade", "x")])
    names = {name for name, _ in lab.seen[-1].headers}
    assert names >= {
        "Connection",
        "Host",
        "Upgrade",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
    }


async def test_rules_see_the_clients_own_headers(lab: Lab) -> None:
    theirs = values("http-header", "1.2.3.4", header_name="X-Forwarded-For")
    absent = values("http-header", "*", header_name="X-Amzn-Trace-Id")
    await lab.edge(
        listener(rule(1, forward("b"), theirs), rule(2, forward("c"), absent), default=forward("a"))
    )
    assert (await lab.ask()).text == "a"
    assert (await lab.ask(headers={"X-Forwarded-For": "1.2.3.4"})).text == "b"
    assert (await lab.ask(headers={"X-Forwarded-For": "1.2.3.4, 5.6.7.8"})).text == "a"
    assert (await lab.ask(headers={"X-Amzn-Trace-Id": "x"})).text == "c"


# X-Amzn-Trace-Id


async def test_a_request_gets_a_root_of_now(lab: Lab) -> None:
    await forwarding(lab)
    values = [value for _ in range(50) for value in await seen(lab, "x-amzn-trace-id")]
    assert len(set(values)) == 50
    assert all(re.fullmatch(f"Root={ID}", value) for value in values)
    assert abs(int(values[0].split("-")[1], 16) - time()) < 60


@pytest.mark.parametrize(
    ("given", "forwarded"),
    [
        ("Root=1-67891233-abcdef012345678912345678", rf"Self={ID};Root=1-67891233-abcdef012345678912345678"),
        ("Root=1-2-3;K=v;L=w", rf"Self={ID};Root=1-2-3;K=v;L=w"),
        ("Self=1-0-0;Root=1-2-3;K=v", rf"Self={ID};Root=1-2-3;K=v"),
        ("Root=1-2-3;K=v;Self=1-0-0", rf"Self={ID};Root=1-2-3;K=v"),
        ("Root=1-2-3;Self=1-0-0;K=v", rf"Self={ID};Root=1-2-3;K=v"),
        ("K=v", rf"Root={ID};K=v"),
        ("Self=1-0-0", rf"Root={ID}"),
    ],
)
async def test_a_given_trace_is_kept_with_a_self_of_this_load_balancer(
    lab: Lab, given: str, forwarded: str
) -> None:
    await forwarding(lab)
    [value] = await seen(lab, "x-amzn-trace-id", [("X-Amzn-Trace-Id", given)])
    assert re.fullmatch(forwarded, value)


async def test_among_more_than_7_kb_of_headers_a_trace_begins_anew(lab: Lab) -> None:
    await forwarding(lab)
    given = ("X-Amzn-Trace-Id", "Root=1-2-3;K=v")
    [kept] = await seen(lab, "x-amzn-trace-id", [given, ("X-Large", "a" * 7000)])
    assert kept.endswith(";Root=1-2-3;K=v")
    [renewed] = await seen(lab, "x-amzn-trace-id", [given, ("X-Large", "a" * 7200)])
    assert re.fullmatch(f"Root={ID}", renewed)


# Host


async def host_seen(lab: Lab, host: str | None, port: int, **request: str) -> list[str]:
    assert (await lab.ask(host=host, port=port, **request)).status == 200  # type: ignore[arg-type]
    return lab.seen[-1].values("host")


async def test_a_port_is_added_to_the_host_unless_it_is_the_protocols_own(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), listener(default=forward("a"), port=80))
    usual = lab.port_of(80)
    assert await host_seen(lab, "example.com", PORT) == [f"example.com:{PORT}"]
    assert await host_seen(lab, "example.com:9", PORT) == ["example.com:9"]
    assert await host_seen(lab, "example.com", usual) == ["example.com"]
    assert await host_seen(lab, "example.com:80", usual) == ["example.com"]
    assert await host_seen(lab, "[::1]:80", usual) == ["[::1]"]
    assert await host_seen(lab, "[::1]", usual) == ["[::1]"]


@pytest.mark.proves("load-balancer-attribute:routing.http.preserve_host_header.enabled")
async def test_a_preserved_host_stays_as_it_came(lab: Lab) -> None:
    await lab.edge(
        listener(default=forward("a")), listener(default=forward("a"), port=80), preserves_host=True
    )
    usual = lab.port_of(80)
    for host in ("example.com", "example.com:80", f"example.com:{PORT}", "Example.com"):
        assert await host_seen(lab, host, PORT) == [host]
        assert await host_seen(lab, host, usual) == [host]


@pytest.mark.parametrize("preserves_host", [True, False])
async def test_http_1_0_without_a_host_gets_the_load_balancers_name(lab: Lab, preserves_host: bool) -> None:
    await forwarding(lab, preserves_host=preserves_host)
    assert await host_seen(lab, None, PORT, version="HTTP/1.0") == [f"lab-1.us-east-1.elb.test:{PORT}"]


async def test_an_absolute_target_is_taken_when_it_names_the_host(lab: Lab) -> None:
    await forwarding(lab)
    assert (await lab.ask("http://lab/a?b", host="lab")).status == 200
    assert lab.seen[-1].line == "GET /a?b HTTP/1.1"
    assert (await lab.ask("http://other/a", host="lab")).status == 400


# Names that are no good


@pytest.mark.proves("load-balancer-attribute:routing.http.drop_invalid_header_fields.enabled")
async def test_names_with_other_characters_pass_or_are_dropped(lab: Lab) -> None:
    odd = [("x_under", "1"), ("x.dot", "2"), ("x-good1", "3")]
    await forwarding(lab)
    assert await seen(lab, "x_under", odd) == ["1"]
    await forwarding(lab, drops_invalid_headers=True)
    assert await seen(lab, "x_under", odd) == []
    assert [lab.seen[-1].values(name) for name in ("x.dot", "x-good1")] == [[], ["3"]]


# Towards clients


async def test_only_own_answers_say_the_server_and_the_date(lab: Lab) -> None:
    own = rule(1, fixed("404"), values("path-pattern", "/own"))
    await lab.edge(listener(own, default=forward("a")))
    lab.targets["a"].headers = (("Server", "theirs"),)
    answer = await lab.ask("/own")
    assert answer.values("server") == ["awselb/2.0"]
    [date] = answer.values("date")
    assert abs(parsedate_to_datetime(date).timestamp() - time()) < 60
    answer = await lab.ask("/")
    assert (answer.values("server"), answer.values("date")) == (["theirs"], [])


@pytest.mark.proves("listener-attribute:routing.http.response.server.enabled")
async def test_the_servers_name_can_be_kept_back(lab: Lab) -> None:
    own = rule(1, fixed("404"), values("path-pattern", "/own"))
    await lab.edge(listener(own, default=forward("a"), names_server=False))
    lab.targets["a"].headers = (("Server", "theirs"),)
    assert (await lab.ask("/own")).values("server") == []
    assert (await lab.ask("/", method="TRACE")).values("server") == []
    assert (await lab.ask("/")).values("server") == ["theirs"]


async def test_a_listeners_headers_are_on_every_answer_and_replace_a_targets(lab: Lab) -> None:
    chosen = {"X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'self'; x \"100%\" $y"}
    own = rule(1, fixed("404"), values("path-pattern", "/own"))
    await lab.edge(listener(own, default=forward("a"), response_headers=chosen))
    lab.targets["a"].headers = (("x-frame-options", "SAMEORIGIN"), ("X-Frame-Options", "other"))
    answers = [await lab.ask(path) for path in ("/own", "/")]
    answers += [await lab.ask("/", method="TRACE"), await lab.ask("/", host=None)]
    assert [answer.status for answer in answers] == [404, 200, 405, 400]
    for answer in answers:
        assert {name: answer.values(name) for name in chosen} == {
            name: [value] for name, value in chosen.items()
        }
        assert answer.values("server") == ([] if answer.status == 200 else ["awselb/2.0"])


@pytest.mark.parametrize(("header_kib", "status"), [(15, 502), (64, 200)])
async def test_how_long_headers_may_be_is_an_option(tmp_path: Path, header_kib: int, status: int) -> None:
    long = tuple((f"x-{number}", "x" * 10_000) for number in range(3))
    async with running(tmp_path, header_kib=header_kib) as lab:
        await lab.edge(listener(default=forward("web")))
        lab.targets["web"].headers = long
        assert (await lab.ask("/")).status == status
        lab.targets["web"].headers = ()
        answer = await lab.ask("/", headers=long)
        assert answer.status == (200 if status == 200 else 400)
        arrived = {name: value for one in lab.seen for name, value in one.headers if value.startswith("xxx")}
        assert arrived == (dict(long) if status == 200 else {})
