"""Workers of HAProxy's that have been replaced: what they are told of targets, and how long they live."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.decisions.left_groups import LeftGroups
from tidegate.balancer.decisions.old_workers import changes, over, own_servers, surplus
from tidegate.balancer.decisions.servers import Server, backend_name
from tidegate.fleet.balancing import FormerGroupDocument, GroupTarget
from tidegate.testing.balancing.running import (
    BACKEND,
    GROUP,
    HTTP_PORT,
    RunningBalancer,
    eventually,
    running_balancer,
)
from tidegate.testing.balancing.targets import Target, answering

pytestmark = pytest.mark.timeout(60)

OTHER = GROUP.replace("0123456789abcdef", "fedcba9876543210")
STATE = """# name
tg_1
tg_2

1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_port
3 tg_1 1 i-a_1 127.0.0.1 2 0 1 1 8001
3 tg_1 2 i-b_2 127.0.0.1 0 1 7 1 8002

"""


def a_server(name: str, *, ready: bool = True, weight: int = 1) -> Server:
    return Server(name=name, address="127.0.0.1", port=8000, is_ready=ready, weight=weight)


def named(*servers: Server) -> dict[str, Server]:
    return {server.name: server for server in servers}


# Decisions


def test_the_last_replaced_workers_stay_and_those_before_have_five_minutes() -> None:
    since = {pid: float(pid) for pid in range(1, 8)}
    assert over(since, {}, 307.0) == [1, 2]
    assert over(since, {}, 301.5) == [1]
    assert over(since, {}, 100_000.0) == [1, 2]


def test_a_worker_that_does_not_hear_of_targets_is_ended_when_it_has_been_so_for_five_minutes() -> None:
    assert over({1: 0.0, 2: 0.0}, {2: 50.0}, 349.0) == []
    assert over({1: 0.0, 2: 0.0}, {2: 50.0}, 350.0) == [2]


def test_a_worker_says_which_backends_it_has_and_what_is_in_them() -> None:
    assert own_servers(STATE) == {
        "tg_1": {
            "i-a_1": Server(name="i-a_1", address="127.0.0.1", port=8001, is_ready=True),
            "i-b_2": Server(name="i-b_2", address="127.0.0.1", port=8002, is_ready=False, weight=7),
        },
        "tg_2": {},
    }
    assert own_servers("Can't find the target PID matching the prefix '@!7'.") is None


def test_it_is_told_the_whole_difference_of_the_backends_that_it_has() -> None:
    told = {"tg_1": named(a_server("a"), a_server("b"), a_server("c"))}
    wanted = {
        "tg_1": named(a_server("a", weight=3), a_server("b", ready=False)),
        "tg_2": named(a_server("d")),
    }
    assert changes(told, wanted, "maps") == [
        "put server tg_1/a weight 3",
        "put server tg_1/b state maint",
        "put server tg_1/c state maint",
    ]
    assert list(surplus(told, wanted)) == [("tg_1", "c")]


def test_of_a_group_that_left_those_targets_are_open_that_are_still_active() -> None:
    left, before = (
        LeftGroups(),
        {GROUP: {"tg_1": named(a_server("i-a_1"), a_server("i-b_2"), a_server("i-c_3"))}},
    )
    left.note(before, {})
    assert left.of_all({}) == before[GROUP], "nothing has been said since then"
    targets = (
        GroupTarget(id="i-a", port=1, address=""),
        GroupTarget(id="i-b", port=2, address="", status="draining"),
        GroupTarget(id="i-n", port=4, address=""),
    )
    left.documents[GROUP] = FormerGroupDocument(target_group_arn=GROUP, targets=targets)
    assert left.of_all({}) == {"tg_1": named(a_server("i-a_1"), a_server("i-b_2", ready=False))}


def test_a_group_that_is_back_is_what_the_present_worker_knows() -> None:
    left, known = LeftGroups(), {GROUP: {"tg_1": named(a_server("a"))}}
    left.note(known, {})
    left.documents[GROUP] = FormerGroupDocument(target_group_arn=GROUP)
    left.note({}, known)
    left.keep({"tg_1"}, known)
    assert (left.of_all(known), left) == (known[GROUP], LeftGroups())


def test_backends_of_zones_that_are_others_now_have_all_targets_of_their_group() -> None:
    left, now = LeftGroups(), {GROUP: {"tg_1": named(a_server("a"), a_server("b"))}}
    left.note({GROUP: {"tg_1.0": named(a_server("a")), "tg_1.1": named(a_server("c"))}}, now)
    assert left.of_all(now) == dict.fromkeys(("tg_1", "tg_1.0", "tg_1.1"), now[GROUP]["tg_1"])


def test_what_no_worker_has_any_more_is_forgotten() -> None:
    left = LeftGroups()
    left.note({GROUP: {"tg_1": named(a_server("a"))}, OTHER: {"tg_2": {}}}, {})
    left.documents |= {arn: FormerGroupDocument(target_group_arn=arn) for arn in (GROUP, OTHER, "in use")}
    left.keep({"tg_2", "tg_3"}, {"in use"})
    assert (left.of_all({}), sorted(left.documents)) == ({"tg_2": {}}, sorted([OTHER, "in use"]))


# With real traffic


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningBalancer]:
    async with running_balancer(tmp_path) as started:
        yield started


@pytest.fixture
async def targets() -> AsyncIterator[list[Target]]:
    started = [await Target(name=name).start() for name in "abc"]
    yield started
    for target in started:
        await target.stop()


class Client:
    """One whose connection the old worker keeps over a reload."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connected(cls, running: RunningBalancer) -> Client:
        return cls(*await asyncio.open_connection(running.address, HTTP_PORT))

    async def ask(self) -> str:
        """The status of the answer and the first letter of its body."""
        self._writer.write(b"GET / HTTP/1.1\r\nHost: lb\r\n\r\n")
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 5)
        return f"{head[9:12].decode()} {(await self._reader.readexactly(1)).decode()}"


async def reloaded(running: RunningBalancer, **fields: Any) -> int:
    """Have another worker take over; the pid of the one before."""
    before = await running.process.worker()
    running.edge(**fields)
    deadline = time.monotonic() + 10
    while await running.process.worker() == before:
        assert time.monotonic() < deadline, "no other worker"
        await asyncio.sleep(0.02)
    return before


async def old_state(running: RunningBalancer, pid: int) -> dict[str, bool]:
    """Which servers of the group a worker has, and which are ready."""
    found = own_servers(await running.process.ask_master(f"@!{pid} show backend; @!{pid} show servers state"))
    return {name: server.is_ready for name, server in (found or {}).get(BACKEND, {}).items()}


async def until(running: RunningBalancer, pid: int, expected: dict[str, bool]) -> None:
    deadline = time.monotonic() + 15
    while (found := await old_state(running, pid)) != expected:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


async def until_ready(running: RunningBalancer, pid: int, expected: list[str]) -> None:
    deadline = time.monotonic() + 15
    while (found := [name for name, ready in (await old_state(running, pid)).items() if ready]) != expected:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)


def server(target: Target) -> str:
    return f"i-{target.name}_{target.port}"


def draining(target: Target, seconds: float) -> GroupTarget:
    return target.registered(status="draining", drain_deadline=time.time() + seconds)


async def test_servers_that_are_gone_are_deleted_from_it_too_and_may_come_again(
    running: RunningBalancer, targets: list[Target]
) -> None:
    a, b, _ = targets
    running.group(a.registered())
    await running.serving(a.registered())
    client = await Client.connected(running)
    assert await client.ask() == "200 a"
    pid = await reloaded(running, idle_timeout_seconds=61)
    await until(running, pid, {server(a): True})
    for _ in range(2):
        running.group(a.registered(), b.registered())
        await until(running, pid, {server(a): True, server(b): True})
        running.group(a.registered())
        await until(running, pid, {server(a): True})
    # The target that the worker began with, whose idle connection has to go first.
    running.group(b.registered())
    await until(running, pid, {server(b): True})
    assert await client.ask() == "200 b"


async def test_what_it_missed_it_is_told_when_it_answers_again_and_nothing_waits_for_it(
    running: RunningBalancer, targets: list[Target]
) -> None:
    a, b, c = targets
    running.group(a.registered())
    await running.serving(a.registered())
    clients = [await Client.connected(running)]
    assert await clients[0].ask() == "200 a"
    hanging = await reloaded(running, idle_timeout_seconds=61)
    clients.append(await Client.connected(running))
    assert await clients[1].ask() == "200 a"
    other = await reloaded(running, idle_timeout_seconds=62)
    for pid in (hanging, other):
        await until(running, pid, {server(a): True})
    os.kill(hanging, signal.SIGSTOP)
    try:
        running.group(draining(a, 1), b.registered(), c.registered())
        await running.serving(b.registered(), c.registered())
        # No deadline waits for it, and no other worker does.
        await eventually(lambda: running.target_reports()[a.registered().id].is_drained, 4)
        running.group(draining(b, 300), c.registered(), drains_early=True)
        await running.serving(c.registered())
        await until_ready(running, other, [server(c)])
        # Longer than it is waited for, and than a target has to rest.
        await asyncio.sleep(1.5)
        assert not running.target_reports()[b.registered().id].is_drained, "it may still send requests there"
    finally:
        os.kill(hanging, signal.SIGCONT)
    await until(running, hanging, {server(b): False, server(c): True})
    await eventually(lambda: running.target_reports()[b.registered().id].is_drained, 3)
    await a.stop()
    for client in clients:
        assert await client.ask() == "200 c"


async def test_a_group_that_has_left_is_told_of_until_its_targets_are_gone(
    running: RunningBalancer, targets: list[Target]
) -> None:
    a, b, c = targets
    a.handler = answering("late", delay=30)
    running.group(a.registered())
    await running.serving(a.registered())
    # The second one keeps the worker when the first is done.
    held = [await Client.connected(running) for _ in range(2)]
    asked = asyncio.create_task(held[0].ask())
    await eventually(lambda: len(a.requests) == 1)
    running.group(a.registered(), c.registered())
    await running.serving(a.registered(), c.registered())
    running.group(b.registered(), arn=OTHER)
    pid = await reloaded(running, groups=(OTHER,))
    await running.serving(b.registered(), backend=backend_name(OTHER))
    await until(running, pid, {server(a): True, server(c): True})

    def former(*left: GroupTarget) -> None:
        running.balancer.take(FormerGroupDocument(target_group_arn=GROUP, targets=left))

    former(draining(a, 1), c.registered())
    await until(running, pid, {server(a): False, server(c): True})
    # What is in flight is cut off at the deadline, and asked of another target.
    assert await asyncio.wait_for(asked, 5) == "200 c"
    assert len(a.requests) == 1
    former(c.registered())
    await until(running, pid, {server(c): True})
    assert (await running.request()).body == b"b"
    former()
    await until(running, pid, {})


async def test_who_tells_them_can_be_stopped_at_any_moment(running: RunningBalancer) -> None:
    news = running.balancer._targets.old_workers.news
    for turns in range(5):
        following = asyncio.create_task(running.balancer._follow_old_workers())
        await asyncio.sleep(0)
        news.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        following.cancel()
        done, _ = await asyncio.wait([following], timeout=3)
        assert done, f"{turns} turns after it was told"
