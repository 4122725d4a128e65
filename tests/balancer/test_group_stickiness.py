"""Clients that stay with the target group that was drawn for them, through a real HAProxy."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import pytest
from tests.balancer.lab import PORT, Answer, Lab, forward, listener, rule, values

pytestmark = pytest.mark.timeout(60)

TWO = forward("a", "b", weights=(1, 1), stickiness_seconds=3600)


def cookies(answer: Answer) -> dict[str, str]:
    """Each Set-Cookie by its name: the value alone."""
    pairs = (line.split(";")[0].partition("=") for line in answer.values("set-cookie"))
    return {name: value for name, _, value in pairs}


async def asked(lab: Lab, given: Mapping[str, str], target: str = "/") -> Answer:
    return await lab.ask(target, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in given.items())})


@pytest.mark.proves("action:forward with stickiness")
async def test_a_client_with_the_cookie_stays_with_its_group(lab: Lab) -> None:
    await lab.edge(listener(default=TWO))
    first = await lab.ask()
    for _ in range(10):
        assert (await asked(lab, cookies(first))).text == first.text
    for _ in range(10):
        assert (await asked(lab, {"AWSALBTG": cookies(first)["AWSALBTG"]})).text == first.text


async def test_both_cookies_come_on_every_answer_as_awss_do(lab: Lab) -> None:
    await lab.edge(listener(default=TWO))
    first = await lab.ask()
    second = await asked(lab, cookies(first))
    for answer in (first, second):
        plain, cross = answer.values("set-cookie")
        assert re.fullmatch(r"AWSALBTG=[\w+/]+=*; Expires=[^;]+ GMT; Path=/", plain)
        assert re.fullmatch(r"AWSALBTGCORS=[\w+/]+=*; Expires=[^;]+ GMT; Path=/; SameSite=None", cross)
        [expires] = re.findall(r"Expires=([^;]+)", plain)
        assert parsedate_to_datetime(expires).timestamp() > 0


async def test_the_value_says_nothing_of_the_group_and_cannot_be_made_up(lab: Lab) -> None:
    await lab.edge(listener(default=TWO))
    answers = {(await lab.ask()).text: "" for _ in range(20)}
    for _ in range(40):
        answer = await lab.ask()
        answers[answer.text] = cookies(answer)["AWSALBTG"]
    a, b = (b64decode(answers[name]).decode().split(".") for name in "ab")
    assert "tg_" not in b64decode(answers["a"]).decode()
    forged = b64encode(".".join((a[0], *b[1:])).encode()).decode()
    later = b64encode(f"{a[0]}.{int(a[1]) + 9}.{a[2]}".encode()).decode()
    for value in (forged, later, "x", "%41", ""):
        got = {(await asked(lab, {"AWSALBTG": value})).text for _ in range(40)}
        assert got == {"a", "b"}


async def test_the_cross_site_cookie_decides(lab: Lab) -> None:
    await lab.edge(listener(default=TWO))
    known: dict[str, str] = {}
    while len(known) < 2:
        answer = await lab.ask()
        known[answer.text] = cookies(answer)["AWSALBTG"]
    for _ in range(5):
        assert (await asked(lab, {"AWSALBTGCORS": known["b"], "AWSALBTG": known["a"]})).text == "b"


async def test_stickiness_ends_with_its_own_deadline(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(1, 1), stickiness_seconds=1)))
    first = await lab.ask()
    await lab.pause(2.1)
    assert {(await asked(lab, cookies(first))).text for _ in range(40)} == {"a", "b"}


async def test_clients_stay_while_weights_move_but_not_with_a_group_of_weight_zero(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(1, 0), stickiness_seconds=3600)))
    worker, first = await lab.worker(), await lab.ask()
    await lab.edge(listener(default=forward("a", "b", weights=(1, 999), stickiness_seconds=3600)))
    assert {(await asked(lab, cookies(first))).text for _ in range(20)} == {"a"}
    await lab.edge(listener(default=forward("a", "b", weights=(0, 1), stickiness_seconds=3600)))
    assert (await asked(lab, cookies(first))).text == "b"
    assert await lab.worker() == worker


async def test_the_cookie_holds_on_every_listener_and_after_a_reload(lab: Lab) -> None:
    await lab.edge(listener(default=TWO))
    first = await lab.ask()
    await lab.edge(listener(default=TWO), listener(default=TWO, port=PORT + 1))
    for port in (PORT, PORT + 1):
        given = {"Cookie": f"AWSALBTG={cookies(first)['AWSALBTG']}"}
        assert (await lab.ask(headers=given, port=port)).text == first.text


async def test_weights_that_are_all_zero_answer_503(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(0, 0), stickiness_seconds=60)))
    answer = await lab.ask()
    assert (answer.status, answer.values("set-cookie")) == (503, [])


async def test_a_rule_that_does_not_know_the_group_draws_its_own(lab: Lab) -> None:
    other = forward("c", "d", weights=(1, 0), stickiness_seconds=60)
    plain = rule(2, forward("e"), values("path-pattern", "/plain"))
    await lab.edge(listener(rule(1, other, values("path-pattern", "/other")), plain, default=TWO))
    first = await lab.ask()
    assert (await asked(lab, cookies(first), "/other")).text == "c"
    answer = await asked(lab, cookies(first), "/plain")
    assert (answer.text, answer.values("set-cookie")) == ("e", [])


async def test_a_sticky_group_may_have_a_backend_for_each_zone(lab: Lab) -> None:
    await lab.edge(listener(default=TWO), zones=("zone-a", "zone-b"))
    for name in ("a", "b"):
        lab.group(name, is_cross_zone=False, zone="all")
    await lab.until_text("backend tg_a00000000.1")
    first = await lab.ask()
    assert first.status == 200
    for _ in range(10):
        assert (await asked(lab, cookies(first))).text == first.text
