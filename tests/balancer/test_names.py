"""Load balancers by their names, which all lead to 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.balancer.lab import PREFIX, Answer, Lab, fixed, forward, rule, values

from tidegate.balancer.haproxy import binary
from tidegate.balancer.main import Balancer
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import (
    EdgeCertificate,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    EdgeTls,
)
from tidegate.testing.certificates import a_certificate

pytestmark = pytest.mark.timeout(60)

SHARED = "127.0.0.1"


def load_balancer(lab: Lab, name: str, port: int, **fields: Any) -> EdgeLoadBalancer:
    """With one listener, at an address of its own."""
    number = sum(name.encode())
    last = EdgeRule(arn="default", action=fields.pop("default", None) or forward(name))
    one = EdgeListener(
        **{
            "arn": f"{PREFIX}:listener/app/{name}/{number}/{number:016d}",
            "port": port,
            "protocol": "HTTP",
            "rules": (*fields.pop("rules", ()), last),
            **{key: fields.pop(key) for key in ("protocol", "tls") if key in fields},
        }
    )
    return EdgeLoadBalancer(
        **{
            "arn": f"{PREFIX}:loadbalancer/app/{name}/{number}",
            "name": name,
            "dns_name": f"{name}-1.us-east-1.elb.localhost",
            "address": f"{lab.address.rsplit('.', 1)[0]}.{number % 200 + 1}",
            "listeners": (one,),
            **fields,
        }
    )


async def by_name(lab: Lab, host: str, port: int, target: str = "/", **request: Any) -> Answer:
    return await lab.ask(target, host=host, port=port, address=SHARED, **request)


async def two(lab: Lab, port: int, **fields: Any) -> None:
    await lab.edges(load_balancer(lab, "one", port, **fields), load_balancer(lab, "two", port, **fields))


async def test_each_request_goes_to_the_load_balancer_that_it_names(lab: Lab, port: int) -> None:
    await two(lab, port)
    for name in ("one", "two", "ONE"):
        host = f"{name}-1.us-east-1.elb.localhost:{port}"
        assert (await by_name(lab, host, port)).text == name.lower()
    async with lab.connection(port, SHARED) as connection:
        for name in ("one", "two", "one"):
            head = f"GET / HTTP/1.1\r\nHost: {name}-1.us-east-1.elb.localhost\r\n\r\n"
            assert (await connection.ask(head.encode())).text == name


async def test_a_name_that_nobody_has_is_404(lab: Lab, port: int) -> None:
    await two(lab, port)
    answer = await by_name(lab, "three.localhost", port)
    assert (answer.status, answer.text) == (404, "No load balancer is called three.localhost.\n")
    assert (await by_name(lab, "x", port, version="HTTP/1.0")).status == 404


async def test_a_load_balancer_that_is_alone_gets_every_host(lab: Lab, port: int) -> None:
    await lab.edges(load_balancer(lab, "one", port))
    for host in ("localhost", "shop.example.com"):
        assert (await by_name(lab, host, port)).text == "one"


async def test_the_name_of_a_load_balancer_elsewhere_leads_to_none_here(lab: Lab, port: int) -> None:
    """Another installation's, whose port at this address we have."""
    await lab.edges(load_balancer(lab, "one", port))
    assert (await by_name(lab, "one-1.us-east-1.elb.localhost", port)).text == "one"
    answer = await by_name(lab, "other-7.us-east-1.elb.localhost", port)
    assert (answer.status, answer.text) == (
        404,
        "No load balancer is called other-7.us-east-1.elb.localhost.\n",
    )


async def test_hosts_that_rules_ask_for_lead_to_their_load_balancer(lab: Lab, port: int) -> None:
    hosts = values("host-header", "shop.test", "*.two.test")
    await lab.edges(
        load_balancer(lab, "one", port), load_balancer(lab, "two", port, rules=(rule(1, fixed(), hosts),))
    )
    assert (await by_name(lab, "shop.test", port)).status == 200
    assert (await by_name(lab, "a.two.test", port)).status == 200
    assert (await by_name(lab, "two.test", port)).status == 404


async def test_all_that_a_load_balancer_does_it_does_by_name_too(lab: Lab, port: int) -> None:
    """It sees the client's own address, and speaks of its own port."""
    mine = rule(1, forward("mine"), values("source-ip", "127.0.0.9/32"), values("path-pattern", "/a*"))
    await lab.edges(load_balancer(lab, "one", port, rules=(mine,)), load_balancer(lab, "two", port))
    head = b"POST /abc HTTP/1.1\r\nHost: one-1.us-east-1.elb.localhost\r\nContent-Length: 3\r\n\r\nxyz"
    [answer] = await lab.send(head, port=port, address=SHARED, local=("127.0.0.9", 0))
    assert answer.text == "mine"
    [seen] = lab.seen
    assert (seen.body, seen.values("x-forwarded-for"), seen.values("x-forwarded-port")) == (
        b"xyz",
        ["127.0.0.9"],
        [str(port)],
    )
    [answer] = await lab.send(head, port=port, address=SHARED, local=("127.0.0.8", 0))
    assert answer.text == "one"


async def test_nobody_else_can_say_who_the_client_is(lab: Lab, port: int) -> None:
    await lab.edges(load_balancer(lab, "one", port))
    forged = b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\nHost: one\r\n\r\n"
    [answer] = await lab.send(forged, port=port, address=SHARED)
    assert answer.status == 400
    folder = lab.balancer._process.configuration.with_name("names")
    assert [path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())] == [0, 0]


def certificate(name: str) -> EdgeCertificate:
    made = a_certificate(name)
    arn = f"arn:aws:acm:us-east-1:0:certificate/{name.replace('*', 'any')}"
    return EdgeCertificate(arn=arn, pem=(made.pem + made.key_pem).decode(), names=(name,))


def tls_of(own: EdgeCertificate) -> EdgeTls:
    suites = ("TLS_AES_128_GCM_SHA256",)
    return EdgeTls(certificates=(own.arn,), policy="p", protocols=("TLSv1.3",), ciphers=suites)


async def shown(port: int, server_name: str | None) -> str:
    """The answer to a request over TLS; `none` when the handshake fails."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        reader, writer = await asyncio.open_connection(SHARED, port, ssl=context, server_hostname=server_name)
    except (ssl.SSLError, ConnectionError):
        return "none"
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.decode().rpartition("\r\n\r\n")[2]


async def test_https_is_told_apart_by_the_name_that_the_client_asks_for(lab: Lab, port: int) -> None:
    one, two = certificate("shop.test"), certificate("*.two.test")
    balancers = [
        load_balancer(lab, name, port, protocol="HTTPS", tls=tls_of(own))
        for name, own in (("one", one), ("two", two))
    ]
    await lab.edges(*balancers, certificates=(one, two))
    assert await shown(port, "one-1.us-east-1.elb.localhost") == "one"
    assert await shown(port, "TWO-1.us-east-1.elb.localhost") == "two"
    assert await shown(port, "shop.test") == "one"
    assert await shown(port, "a.two.test") == "two"
    assert await shown(port, "unknown.test") == "none"
    assert lab.seen[-1].values("x-forwarded-for") == [SHARED]
    await lab.edges(balancers[0], certificates=(one, two))
    assert await shown(port, "unknown.test") == "one"


async def test_without_an_address_of_its_own_the_name_is_the_only_place(lab: Lab, port: int) -> None:
    """As where the system has no more than one loopback address."""
    await lab.edges(
        load_balancer(lab, "one", port, address="203.0.113.1"),
        load_balancer(lab, "two", port, address=SHARED),
    )
    own = lab.balancer._edge.bindings.own
    assert [(one.address, one.port, one.error) for one in own] == [(SHARED, port, None)] * 2
    for name in ("one", "two"):
        assert (await by_name(lab, f"{name}-1.us-east-1.elb.localhost", port)).text == name


async def test_a_port_speaks_one_protocol_and_the_other_is_reported(lab: Lab, port: int) -> None:
    own = certificate("shop.test")
    secure = load_balancer(lab, "two", port, protocol="HTTPS", tls=tls_of(own))
    await lab.edges(load_balancer(lab, "one", port), secure, certificates=(own,))
    assert [one.error for one in lab.balancer._edge.bindings.own] == [None, None]
    errors = [one.error for one in lab.balancer._edge.bindings.by_name]
    assert errors == [None, f"127.0.0.1:{port}: speaks HTTP, for another load balancer"]


async def test_a_port_that_another_program_has_is_left_alone_and_taken_when_it_is_free(
    lab: Lab, port: int
) -> None:
    other = socket.create_server((SHARED, port))
    await lab.edges(load_balancer(lab, "one", port))
    [report] = [one for one in lab.balancer.reports() if hasattr(one, "names")]
    assert [one.error for one in report.names] == [f"127.0.0.1:{port}: Address already in use"]
    assert [one.error for one in report.listeners] == [None]
    other.close()
    assert lab.balancer._edge.look_again()
    lab.balancer._wake.set()
    await lab.until(lambda: not lab.balancer._edge.bindings.taken)
    assert (await by_name(lab, "localhost", port)).text == "one"


async def test_a_port_that_somebody_has_for_a_moment_leaves_all_listeners_answering(
    lab: Lab, port: int
) -> None:
    await lab.edges(load_balancer(lab, "one", port))
    process = lab.balancer._process
    reload = process.reload

    async def reload_in_the_way() -> None:
        # After the look at which ports are free, once. HAProxy waits for two seconds.
        process.reload = reload  # type: ignore[method-assign]
        with socket.create_server((SHARED, port + 1)):
            reloading = asyncio.create_task(reload())
            await lab.pause(1)
        await reloading

    process.reload = reload_in_the_way  # type: ignore[method-assign]
    one, two = load_balancer(lab, "one", port), load_balancer(lab, "two", port + 1)
    await lab.edges(one, two)
    for balancer, number in ((one, port), (two, port + 1)):
        for address in (balancer.address, SHARED):
            assert (await lab.ask(port=number, address=address)).text == balancer.name


@asynccontextmanager
async def another(settings: BalancerSettings, edge: EdgeDocument) -> AsyncIterator[Balancer]:
    """A second balancer's HAProxy, without its targets."""
    balancer = Balancer(settings, binary.find())
    balancer._documents.load()
    balancer._documents.take_edge(edge)
    await balancer._edge.start()
    try:
        yield balancer
    finally:
        await balancer._process.stop()


async def test_a_second_product_takes_no_connection_of_the_first(lab: Lab, port: int, tmp_path: Path) -> None:
    await lab.edges(load_balancer(lab, "one", port))
    theirs = load_balancer(lab, "two", port, default=fixed(body="two"))
    settings = replace(lab.settings, data_dir=tmp_path / "second")
    async with another(settings, EdgeDocument(generation=1, load_balancers=(theirs,))) as second:
        [named], [own] = second._edge.bindings.by_name, second._edge.bindings.own
        assert named.error == f"127.0.0.1:{port}: Address already in use"
        assert {(await by_name(lab, "localhost", port)).text for _ in range(50)} == {"one"}
        # Its own address is not shared.
        assert (await lab.ask(port=own.port, address=own.address)).text == "two"


async def test_a_balancer_that_begins_anew_keeps_the_ports_of_the_haproxy_that_it_finds(
    lab: Lab, port: int
) -> None:
    mine = load_balancer(lab, "one", port, default=fixed(body="one"))
    await lab.edges(mine)
    assert await lab.balancer._process.held() >= {(SHARED, port)}
    async with another(lab.settings, EdgeDocument(generation=9, load_balancers=(mine,))) as later:
        bindings = later._edge.bindings
        assert [one.error for one in (*bindings.own, *bindings.by_name)] == [None, None]
        assert (await by_name(lab, "localhost", port)).text == "one"


async def test_a_listener_with_the_port_of_one_that_is_gone_keeps_it(lab: Lab, port: int) -> None:
    first = load_balancer(lab, "one", port)
    await lab.edges(first)
    [old] = first.listeners
    renewed = replace(old, arn=f"{old.arn}9", rules=(EdgeRule(arn="d", action=fixed(body="new")),))
    await lab.edges(replace(first, listeners=(renewed,)))
    bindings = lab.balancer._edge.bindings
    assert [one.error for one in (*bindings.own, *bindings.by_name)] == [None, None]
    assert (await by_name(lab, "localhost", port)).text == "new"


async def test_a_port_that_somebody_takes_at_the_last_moment_costs_the_other_listeners_nothing_more(
    lab: Lab, port: int
) -> None:
    """HAProxy is not asked for it again and again: each time all listeners would stand still."""
    await lab.edges(load_balancer(lab, "one", port))
    candidate = lab.balancer._process.configuration.with_suffix(".new")

    async def take() -> contextlib.AbstractContextManager[object]:
        while not candidate.exists():  # noqa: ASYNC110 - it is there for a moment only
            await asyncio.sleep(0)
        try:
            return socket.create_server((SHARED, port + 1))
        except OSError:
            # A connection of another test has it, which is as good.
            return contextlib.nullcontext()

    taking = asyncio.create_task(take())
    other = load_balancer(lab, "two", port + 1, default=fixed(body="two"))
    await lab.edges(load_balancer(lab, "one", port), other)
    errors = [one.error for one in lab.balancer._edge.bindings.by_name]
    assert errors == [None, f"{SHARED}:{port + 1}: Address already in use"]
    assert (await lab.ask(port=port + 1, address=other.address)).text == "two"
    assert f"{SHARED}:{port + 1}" not in lab.balancer._process.configuration.read_text()
    worker = await lab.worker()
    assert not lab.balancer._edge.look_again()
    assert (await lab.worker(), lab.balancer._edge.has_work) == (worker, False)
    with await taking:
        pass
