"""From the servers that HAProxy knows to those that it should: which commands, in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.balancer.decisions.servers import (
    LINE_BYTES_MAX,
    Server,
    after,
    commands,
    idle_max,
    lines,
    transport,
)
from tidegate.fleet.balancing import GroupDocument, HealthCheckDocument

POOL = "pool-max-conn 1000 pool-purge-delay 5s"


def a_server(name: str = "a", *, ready: bool = True, port: int = 1) -> Server:
    return Server(name=name, address="127.0.0.1", port=port, is_ready=ready)


def servers(*given: Server) -> dict[str, Server]:
    return {server.name: server for server in given}


def test_a_new_server_is_added_and_opened() -> None:
    told = commands("tg_1", {}, servers(a_server()))
    assert told == (f"add server tg_1/a 127.0.0.1:1 {POOL}", "set server tg_1/a state ready")


def test_a_server_that_is_not_ready_is_only_added() -> None:
    assert len(commands("tg_1", {}, servers(a_server(ready=False)))) == 1


def test_opening_comes_before_closing() -> None:
    known = servers(a_server("a"), a_server("b", ready=False))
    wanted = servers(a_server("a", ready=False), a_server("b"))
    assert commands("tg_1", known, wanted) == (
        "set server tg_1/b state ready",
        "set server tg_1/a state maint",
    )


def test_a_server_that_is_no_longer_wanted_is_closed_and_lingers() -> None:
    known = servers(a_server())
    assert commands("tg_1", known, {}) == ("set server tg_1/a state maint",)
    assert after(known, {}) == servers(a_server(ready=False))
    assert commands("tg_1", after(known, {}), {}) == ()


def test_a_lingering_server_that_is_wanted_again_is_opened_where_it_now_is() -> None:
    lingering = servers(a_server(ready=False))
    moved = servers(replace(a_server(), address="127.0.0.2"))
    assert commands("tg_1", lingering, moved) == (
        "set server tg_1/a addr 127.0.0.2 port 1",
        "set server tg_1/a state ready",
    )


def test_told_once_nothing_is_left_to_tell() -> None:
    known, wanted = servers(a_server("a"), a_server("b")), servers(a_server("b", ready=False), a_server("c"))
    assert commands("tg_1", after(known, wanted), wanted) == ()


def test_a_weight_is_changed_before_the_server_is_opened() -> None:
    known, wanted = servers(a_server(ready=False)), servers(replace(a_server(), weight=7))
    assert commands("tg_1", known, wanted) == ("set server tg_1/a weight 7", "set server tg_1/a state ready")


def test_a_new_server_is_added_with_all_that_it_needs() -> None:
    wanted = servers(replace(a_server(ready=False), transport="ssl verify none", weight=7))
    assert commands("tg_1", {}, wanted) == (f"add server tg_1/a 127.0.0.1:1 {POOL} ssl verify none weight 7",)


@pytest.mark.parametrize(
    ("protocol", "version", "expected", "idle"),
    [
        ("HTTP", "HTTP1", "sni var(txn.apart)", 1000),
        ("HTTPS", "HTTP1", "ssl verify none", 1000),
        ("HTTP", "HTTP2", "proto h2 sni var(txn.apart)", 100),
        ("HTTP", "GRPC", "proto h2 sni var(txn.apart)", 100),
        ("HTTPS", "GRPC", "ssl verify none alpn h2 proto h2", 1000),
    ],
)
def test_targets_are_spoken_to_as_their_group_says(
    protocol: str, version: str, expected: str, idle: int
) -> None:
    group = GroupDocument(
        target_group_arn="arn:tg/1",
        generation=1,
        protocol=protocol,
        protocol_version=version,
        health_check=HealthCheckDocument(),
    )
    assert (transport(group), idle_max(group)) == (expected, idle)


def test_commands_are_joined_into_lines_that_haproxy_reads_whole() -> None:
    texts = [f"set server tg_1/{number:05} state ready" for number in range(1000)]
    joined = list(lines(texts))
    assert all(len(line) <= LINE_BYTES_MAX for line in joined)
    assert "; ".join(joined).split("; ") == texts
