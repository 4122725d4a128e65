"""The security groups of a load balancer, at its listeners."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from tests.balancer.lab import PORT, Lab, fixed, listener

from tidegate.fleet.balancing import EdgeIngress

pytestmark = pytest.mark.timeout(60)

REQUEST = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"
ALL = EdgeIngress(from_port=0, to_port=65535, cidrs=("0.0.0.0/0",))


def ingress(*cidrs: str, from_port: int = PORT, to_port: int = PORT) -> EdgeIngress:
    return EdgeIngress(from_port=from_port, to_port=to_port, cidrs=cidrs)


async def letting_in(lab: Lab, *rules: EdgeIngress, port: int = PORT, **fields: Any) -> None:
    await lab.edge(listener(default=fixed(body="in"), port=port), ingress=rules, **fields)


async def gets_in(
    lab: Lab, client: str = "127.0.0.1", *, address: str | None = None, port: int = PORT
) -> bool:
    """Whether a request is answered. One that is not hears nothing, or, where the system does not let the
    balancer be silent, that its connection is gone."""
    reader, writer = await asyncio.open_connection(address or lab.address, port, local_addr=(client, 0))
    try:
        writer.write(REQUEST)
        async with asyncio.timeout(0.5):
            return (await reader.read(12)).startswith(b"HTTP/1.1 200")
    except (TimeoutError, ConnectionError):
        return False
    finally:
        writer.close()


async def test_only_addresses_of_a_rule_for_the_port_get_in(lab: Lab) -> None:
    await letting_in(lab, ingress("127.0.0.9/32", "10.0.0.0/8"), ingress("127.0.0.0/8", to_port=PORT - 1))
    assert await gets_in(lab, "127.0.0.9")
    assert not await gets_in(lab, "127.0.0.8")
    await letting_in(lab, ALL)
    assert await gets_in(lab, "127.0.0.8")


async def test_no_rule_lets_nobody_in_and_no_security_group_everybody(lab: Lab) -> None:
    await letting_in(lab)
    assert not await gets_in(lab)
    await lab.edge(listener(default=fixed(body="in")), ingress=None)
    assert await gets_in(lab)


async def test_rules_change_while_the_worker_lives_and_connections_go_on(lab: Lab) -> None:
    await letting_in(lab, ALL)
    worker = await lab.worker()
    async with lab.connection() as connection:
        await letting_in(lab, ingress("10.0.0.0/8"))
        assert not await gets_in(lab)
        assert (await connection.ask(REQUEST)).status == 200
    await letting_in(lab, ingress("127.0.0.0/8"))
    assert await gets_in(lab)
    assert await lab.worker() == worker


async def test_a_client_that_comes_by_name_is_looked_at_too(lab: Lab) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    rule = ingress("127.0.0.9/32", from_port=port, to_port=port)
    await letting_in(lab, rule, port=port, dns_name="lab.localhost")
    assert await gets_in(lab, "127.0.0.9", address="127.0.0.1", port=port)
    assert not await gets_in(lab, "127.0.0.8", address="127.0.0.1", port=port)


async def test_a_connection_by_name_goes_on_too_when_its_rule_is_revoked(lab: Lab) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    named = {"port": port, "dns_name": "lab.localhost"}
    await letting_in(lab, ALL, **named)
    async with lab.connection(port, "127.0.0.1") as connection:
        assert (await connection.ask(REQUEST)).status == 200
        await letting_in(lab, ingress("10.0.0.0/8"), **named)
        assert (await connection.ask(REQUEST)).status == 200
        assert not await gets_in(lab, address="127.0.0.1", port=port)
