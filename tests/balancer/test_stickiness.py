"""Clients that stay with their target, through a real HAProxy, by cookies to the letter of AWS's."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from tidegate.balancer.decisions.servers import Server, commands
from tidegate.balancer.decisions.stickiness import maps, opaque_id, signing_key
from tidegate.balancer.sticky_files import persistent_key
from tidegate.fleet.balancing import GroupStickiness
from tidegate.testing.balancing.running import (
    CHECK,
    GROUP,
    HTTP_PORT,
    HTTPS_PORT,
    PREFIX,
    RunningBalancer,
    eventually,
    running_balancer,
)
from tidegate.testing.balancing.targets import Target, answering

pytestmark = pytest.mark.timeout(60)

OTHER = f"{PREFIX}:targetgroup/other/fedcba9876543210"
BY_LOAD_BALANCER = GroupStickiness(type="lb_cookie", seconds=3600)
BY_APPLICATION = GroupStickiness(type="app_cookie", seconds=3600, cookie_name="SESSION")
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
FAST = replace(CHECK, interval_seconds=1, timeout_seconds=1, unhealthy_threshold=2, healthy_threshold=2)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningBalancer]:
    async with running_balancer(tmp_path) as started:
        yield started


@pytest.fixture
async def pair() -> AsyncIterator[list[Target]]:
    targets = [await Target(name=name).start() for name in "ab"]
    yield targets
    for target in targets:
        await target.stop()


class Client:
    """Keeps only the cookies that a test gives it."""

    def __init__(self, running: RunningBalancer) -> None:
        self._running = running

    async def get(
        self,
        cookies: dict[str, str] | None = None,
        *,
        is_tls: bool = False,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        scheme, port = ("https", HTTPS_PORT) if is_tls else ("http", HTTP_PORT)
        sent = dict(headers or {})
        if cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        async with httpx.AsyncClient(verify=False) as http:
            return await http.get(f"{scheme}://{self._running.address}:{port}/", headers=sent)


def set_cookies(response: httpx.Response) -> dict[str, str]:
    """The whole of each Set-Cookie, by the cookie's name."""
    lines = response.headers.get_list("set-cookie")
    found = {line.partition("=")[0]: line for line in lines}
    assert len(found) == len(lines), lines
    return found


def values(response: httpx.Response) -> dict[str, str]:
    """The cookies that a client would send back."""
    return {
        name: line.partition("=")[2].partition(";")[0]
        for name, line in set_cookies(response).items()
        if "_remove_" not in line
    }


async def serving(running: RunningBalancer, pair: list[Target], stickiness: GroupStickiness) -> Client:
    registered = [target.registered() for target in pair]
    running.group(*registered, stickiness=stickiness, health_check=FAST)
    await running.serving(*registered)
    return Client(running)


# What cookies say


def test_an_id_is_another_one_for_each_backend_and_balancer_and_always_the_same() -> None:
    ids = [
        opaque_id(b"key", "tg_1", "i-1_80"),
        opaque_id(b"key", "tg_2", "i-1_80"),
        opaque_id(b"key", "tg_1", "i-1_81"),
        opaque_id(b"yek", "tg_1", "i-1_80"),
    ]
    assert len(set(ids)) == 4
    assert opaque_id(b"key", "tg_1", "i-1_80") == ids[0]
    assert len({signing_key(b"key", "tg_1"), signing_key(b"key", "tg_2"), signing_key(b"yek", "tg_1")}) == 3


def test_a_new_server_is_in_the_maps_before_it_is_open() -> None:
    sticky = maps("/run", "tg_1")
    server = Server(name="a", address="::1", port=1, is_ready=True, opaque_id="0a")
    told = commands("tg_1", {}, {"a": server}, sticky)
    assert told[:2] == ("add map /run/tg_1.servers.map 0a a", "add map /run/tg_1.ids.map a 0a")
    assert commands("tg_1", {"a": replace(server, is_ready=False)}, {"a": server}, sticky) == (
        "set server tg_1/a state ready",
    )


def test_the_key_is_kept_and_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    key = persistent_key(path)
    assert (len(key), path.stat().st_mode & 0o777) == (32, 0o600)
    assert persistent_key(path) == key
    path.write_bytes(b"torn")
    assert persistent_key(path) != key


# Stickiness by the load balancer


@pytest.mark.proves("target-group-attribute:stickiness.enabled", "target-group-attribute:stickiness.type")
async def test_a_client_with_the_cookie_stays_with_its_target(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    for _ in range(2):
        first = await client.get()
        cookies = values(first)
        assert set(cookies) == {"AWSALB", "AWSALBCORS"}
        for _ in range(5):
            response = await client.get(cookies)
            assert response.text == first.text
            cookies = values(response)
    assert {(await client.get()).text for _ in range(2)} == {"a", "b"}


@pytest.mark.parametrize(("is_tls", "cors"), [(False, "; SameSite=None"), (True, "; SameSite=None; Secure")])
async def test_the_cookies_attributes_are_awss_to_the_letter(
    running: RunningBalancer, pair: list[Target], is_tls: bool, cors: str
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    lines = set_cookies(await client.get(is_tls=is_tls))
    form = re.compile(r"(AWSALB|AWSALBCORS)=([A-Za-z0-9+/=]+); Expires=([^;]+ GMT); Path=/(.*)")
    own, cross = (form.fullmatch(lines[name]) for name in ("AWSALB", "AWSALBCORS"))
    assert own is not None
    assert cross is not None
    assert (own[4], cross[4]) == ("", cors)
    assert own[2] == cross[2]
    expires = parsedate_to_datetime(own[3])
    assert abs(expires - datetime.now(UTC) - timedelta(days=7)) < timedelta(seconds=5)


async def test_a_cookie_does_not_tell_the_targets_name(running: RunningBalancer, pair: list[Target]) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    plain = b64decode(values(await client.get())["AWSALB"])
    assert re.fullmatch(rb"[0-9a-f]{16}\.\d{10}\.[0-9A-F]{32}", plain)
    assert str(pair[0].port).encode() not in plain.split(b".")[0]


async def test_where_both_cookies_come_the_cors_one_decides(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    one, two = await client.get(), await client.get()
    both = {"AWSALB": values(one)["AWSALB"], "AWSALBCORS": values(two)["AWSALBCORS"]}
    assert {(await client.get(both)).text for _ in range(6)} == {two.text}
    alone = {"AWSALB": values(one)["AWSALB"]}
    assert {(await client.get(alone)).text for _ in range(6)} == {one.text}


def tampered(value: str) -> list[str]:
    id_, deadline, signature = b64decode(value).decode().split(".")
    later = f"{id_}.{int(deadline) + 9999}.{signature}"
    other = f"{'0' * 16}.{deadline}.{signature}"
    return [
        "nonsense",
        "",
        value.replace("=", "%3D") if "=" in value else value.replace(value[0], "%", 1),
        b64encode(later.encode()).decode(),
        b64encode(other.encode()).decode(),
        b64encode(f"{id_}.{deadline}.".encode()).decode(),
        b64encode(f"{id_}.{deadline}".encode()).decode(),
    ]


async def test_a_cookie_that_we_did_not_give_names_nobody(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    given = values(await client.get())["AWSALB"]
    for value in tampered(given):
        answered = {(await client.get({"AWSALB": value})).text for _ in range(4)}
        assert answered == {"a", "b"}, value


@pytest.mark.proves("target-group-attribute:stickiness.lb_cookie.duration_seconds")
async def test_stickiness_ends_when_its_time_is_over(running: RunningBalancer, pair: list[Target]) -> None:
    client = await serving(running, pair, replace(BY_LOAD_BALANCER, seconds=2))
    cookies = values(await client.get())
    assert len({(await client.get(cookies)).text for _ in range(4)}) == 1
    await asyncio.sleep(2.1)
    assert {(await client.get(cookies)).text for _ in range(4)} == {"a", "b"}


async def test_a_client_whose_target_is_unhealthy_moves_and_stays_where_it_then_is(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    first = await client.get()
    old, new = (pair[0], pair[1]) if first.text == "a" else (pair[1], pair[0])
    old.check_status = 500
    await running.serving(new.registered())
    moved = await client.get(values(first))
    assert moved.text == new.name
    old.check_status = 200
    await running.serving(old.registered(), new.registered())
    assert {(await client.get(values(moved))).text for _ in range(4)} == {new.name}


async def test_a_client_whose_target_has_just_died_is_answered_by_another(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    first = await client.get()
    old, new = (pair[0], pair[1]) if first.text == "a" else (pair[1], pair[0])
    await old.stop()
    response = await client.get(values(first))
    assert (response.status_code, response.text) == (200, new.name)
    assert {(await client.get(values(response))).text for _ in range(4)} == {new.name}


async def test_a_client_whose_target_drains_moves(running: RunningBalancer, pair: list[Target]) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    first = await client.get()
    old, new = (pair[0], pair[1]) if first.text == "a" else (pair[1], pair[0])
    draining = old.registered(status="draining", drain_deadline=datetime.now().timestamp() + 60)
    running.group(draining, new.registered(), stickiness=BY_LOAD_BALANCER, health_check=FAST)
    await running.serving(new.registered())
    assert {(await client.get(values(first))).text for _ in range(3)} == {new.name}


async def test_targets_that_come_and_go_live_are_stuck_to_and_forgotten(
    running: RunningBalancer, pair: list[Target]
) -> None:
    one, two = pair
    client = await serving(running, [one], BY_LOAD_BALANCER)
    loaded = running.process.configuration.stat().st_mtime_ns
    running.group(one.registered(), two.registered(), stickiness=BY_LOAD_BALANCER, health_check=FAST)
    await running.serving(one.registered(), two.registered())
    answers = [await client.get() for _ in range(2)]
    [of_two] = [values(answer) for answer in answers if answer.text == "b"]
    assert {(await client.get(of_two)).text for _ in range(4)} == {"b"}
    running.group(one.registered(), stickiness=BY_LOAD_BALANCER, health_check=FAST)
    await running.serving(one.registered())
    assert (await client.get(of_two)).text == "a"
    running.group(one.registered(), two.registered(), stickiness=BY_LOAD_BALANCER, health_check=FAST)
    await running.serving(one.registered(), two.registered())
    assert {(await client.get(of_two)).text for _ in range(4)} == {"b"}
    assert running.process.configuration.stat().st_mtime_ns == loaded, "it was reloaded"


async def test_cookies_outlive_a_reload_and_a_restart(tmp_path: Path, pair: list[Target]) -> None:
    async with running_balancer(tmp_path) as running:
        client = await serving(running, pair, BY_LOAD_BALANCER)
        first = await client.get()
        loaded = running.process.configuration.stat().st_mtime_ns
        running.edge(idle_timeout_seconds=61)
        await eventually(lambda: running.process.configuration.stat().st_mtime_ns != loaded)
        assert {(await client.get(values(first))).text for _ in range(4)} == {first.text}
    async with running_balancer(tmp_path, address=running.address) as running:
        client = await serving(running, pair, BY_LOAD_BALANCER)
        assert {(await client.get(values(first))).text for _ in range(4)} == {first.text}


async def test_a_cookie_of_another_group_names_nobody(running: RunningBalancer, pair: list[Target]) -> None:
    client = await serving(running, pair, BY_LOAD_BALANCER)
    cookies = values(await client.get())
    registered = [target.registered() for target in pair]
    running.group(*registered, arn=OTHER, stickiness=BY_LOAD_BALANCER)
    running.edge(groups=(OTHER, GROUP))
    await running.serving(*registered, backend="tg_fedcba9876543210")
    assert {(await client.get(cookies)).text for _ in range(4)} == {"a", "b"}


async def test_a_response_that_the_load_balancer_makes_sets_no_cookie(running: RunningBalancer) -> None:
    running.group(stickiness=BY_LOAD_BALANCER)
    await running.answering(503)
    assert "set-cookie" not in (await Client(running).get()).headers


# Stickiness by the application


def logging_in(name: str) -> Target:
    return Target(answering(name, headers="Set-Cookie: SESSION=s1; Path=/; HttpOnly\r\n"), name=name)


REMOVED = {f"AWSALBAPP-{shard}": "_remove_" for shard in range(4)}


def shards(response: httpx.Response) -> dict[str, str]:
    return {
        name: line.partition("=")[2].partition(";")[0]
        for name, line in set_cookies(response).items()
        if name.startswith("AWSALBAPP")
    }


async def test_without_the_applications_cookie_there_is_nothing_to_stick_to(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_APPLICATION)
    response = await client.get()
    assert shards(response) == REMOVED
    expires = re.fullmatch(
        r"AWSALBAPP-2=_remove_; Expires=([^;]+); Path=/", set_cookies(response)["AWSALBAPP-2"]
    )
    assert expires is not None
    assert parsedate_to_datetime(expires[1]) > datetime.now(UTC) + timedelta(days=6, hours=23)


@pytest.mark.proves(
    "target-group-attribute:stickiness.type", "target-group-attribute:stickiness.app_cookie.cookie_name"
)
async def test_the_applications_cookie_begins_a_stickiness_that_needs_both_cookies(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_APPLICATION)
    for target in pair:
        target.handler = logging_in(target.name).handler
    first = await client.get()
    assert set_cookies(first)["SESSION"] == "SESSION=s1; Path=/; HttpOnly"
    assert {name for name, value in shards(first).items() if value == "_remove_"} == {
        "AWSALBAPP-1",
        "AWSALBAPP-2",
        "AWSALBAPP-3",
    }
    for target in pair:
        target.handler = answering(target.name)
    cookies = values(first)
    for _ in range(4):
        response = await client.get(cookies)
        assert response.text == first.text
        cookies |= values(response)
    # Only the name is looked at; the application may change what is inside.
    assert {(await client.get(cookies | {"SESSION": "s2"})).text for _ in range(4)} == {first.text}
    for missing in ("SESSION", "AWSALBAPP-0"):
        some = {name: value for name, value in cookies.items() if name != missing}
        assert {(await client.get(some)).text for _ in range(4)} == {"a", "b"}, missing


@pytest.mark.proves("target-group-attribute:stickiness.app_cookie.duration_seconds")
async def test_stickiness_by_the_application_ends_too(running: RunningBalancer, pair: list[Target]) -> None:
    client = await serving(running, pair, replace(BY_APPLICATION, seconds=2))
    for target in pair:
        target.handler = logging_in(target.name).handler
    cookies = values(await client.get())
    for target in pair:
        target.handler = answering(target.name)
    assert len({(await client.get(cookies)).text for _ in range(4)}) == 1
    await asyncio.sleep(2.1)
    assert {(await client.get(cookies)).text for _ in range(4)} == {"a", "b"}


async def test_a_client_that_lost_its_target_is_told_to_forget(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_APPLICATION)
    pair[0].handler = logging_in("a").handler
    pair[1].handler = logging_in("b").handler
    first = await client.get()
    old, new = (pair[0], pair[1]) if first.text == "a" else (pair[1], pair[0])
    new.handler = answering(new.name)
    old.check_status = 500
    await running.serving(new.registered())
    assert shards(await client.get(values(first))) == REMOVED


async def test_one_cookie_holds_the_state_of_several_groups(
    running: RunningBalancer, pair: list[Target]
) -> None:
    client = await serving(running, pair, BY_APPLICATION)
    registered = [target.registered() for target in pair]
    running.group(*registered, arn=OTHER, stickiness=BY_APPLICATION)
    for target in pair:
        target.handler = logging_in(target.name).handler
    first = await client.get()
    cookies = values(first)
    running.edge(groups=(OTHER, GROUP))
    await running.serving(*registered, backend="tg_fedcba9876543210")
    # The other group has nothing to stick to yet, and what it says keeps what the first group said.
    second = await client.get(cookies)
    cookies |= values(second)
    assert {(await client.get(cookies)).text for _ in range(4)} == {second.text}
    running.edge(groups=(GROUP, OTHER))
    await asyncio.sleep(1)
    assert {(await client.get(cookies)).text for _ in range(4)} == {first.text}


@pytest.mark.parametrize(
    ("is_tls", "headers", "suffix"),
    [
        (True, {"origin": "https://shop.test", "user-agent": CHROMIUM}, "; SameSite=None; Secure"),
        (True, {"origin": "https://shop.test", "user-agent": CHROMIUM.replace("126", "79")}, ""),
        (True, {"origin": "https://shop.test", "user-agent": "curl/8"}, ""),
        (True, {"user-agent": CHROMIUM}, ""),
        (False, {"origin": "https://shop.test", "user-agent": CHROMIUM}, ""),
    ],
)
async def test_browsers_that_ask_across_sites_are_told_that_they_may(
    running: RunningBalancer, pair: list[Target], is_tls: bool, headers: dict[str, str], suffix: str
) -> None:
    client = await serving(running, pair, BY_APPLICATION)
    lines = set_cookies(await client.get(is_tls=is_tls, headers=headers))
    assert all(line.partition("; Path=/")[2] == suffix for line in lines.values()), lines
