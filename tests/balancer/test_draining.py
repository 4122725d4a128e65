"""Draining: what is in flight ends well, nothing new comes, and some groups are done early."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tidegate.balancer.decisions.draining import done_early, idle_since, overdue
from tidegate.balancer.decisions.evidence import sessions
from tidegate.balancer.edge import Edge
from tidegate.balancer.haproxy.process import ConfigurationError
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.testing.balancing.running import (
    HTTP_PORT,
    RunningBalancer,
    eventually,
    running_balancer,
)
from tidegate.testing.balancing.targets import Request, Target, answering

pytestmark = pytest.mark.timeout(60)

A, B = ("i-a", 1), ("i-b", 1)
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


# The decision


def test_a_drain_is_overdue_at_its_deadline() -> None:
    assert overdue({A: 10.0, B: 11.0}, 10.0) == {A}


def test_a_target_is_done_early_after_a_second_with_nothing_in_flight() -> None:
    idle = idle_since({}, {A: 0, B: 1}, 5.0)
    assert idle == {A: 5.0}
    assert done_early(idle, 5.9) == set()
    assert done_early(idle, 6.0) == {A}


def test_the_second_counts_from_when_it_was_last_seen_busy() -> None:
    idle = idle_since(idle_since({}, {A: 0}, 5.0), {A: 1}, 5.5)
    assert idle_since(idle, {A: 0}, 5.7) == {A: 5.7}


def test_what_is_not_known_is_not_idle() -> None:
    assert idle_since({A: 5.0}, {}, 5.5) == {}


def test_requests_in_flight_are_counted_over_all_backends() -> None:
    rows = [
        {"svname": "i-a_1", "scur": "2"},
        {"svname": "i-a_1", "scur": "1"},
        {"svname": "i-c_1", "scur": "7"},
    ]
    assert sessions(rows, [A, B]) == {A: 3}


# With real traffic


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


def draining(target: Target, seconds: float) -> object:
    return target.registered(status="draining", drain_deadline=time.time() + seconds)


def is_drained(running: RunningBalancer, target: Target) -> bool:
    report = running.target_reports().get(target.registered().id)
    return report is not None and report.is_drained


async def test_an_idle_target_of_a_group_that_drains_early_is_done_after_a_second(
    running: RunningBalancer, pair: list[Target]
) -> None:
    old, new = pair
    running.group(old.registered(), new.registered(), drains_early=True)
    await running.serving(old.registered(), new.registered())
    await running.request()
    began = time.monotonic()
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await eventually(lambda: is_drained(running, old), 5)
    assert 1.0 <= time.monotonic() - began < 5


async def test_other_groups_drain_for_the_whole_delay(running: RunningBalancer, pair: list[Target]) -> None:
    old, new = pair
    running.group(old.registered(), new.registered())
    await running.serving(old.registered(), new.registered())
    running.group(draining(old, 3), new.registered())
    await asyncio.sleep(2.5)
    assert not is_drained(running, old)
    await eventually(lambda: is_drained(running, old), 2)


async def test_a_request_in_flight_is_waited_for(running: RunningBalancer, pair: list[Target]) -> None:
    old, new = pair
    old.handler = answering("late", delay=3.0)
    running.group(old.registered(), drains_early=True)
    await running.serving(old.registered())
    asked = asyncio.create_task(running.request())
    await eventually(lambda: len(old.requests) == 1)
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await running.serving(new.registered())
    while not asked.done():
        assert not is_drained(running, old)
        await asyncio.sleep(0.1)
    assert asked.result().body == b"late"
    await eventually(lambda: is_drained(running, old), 3)


@pytest.mark.parametrize("is_of_an_old_worker", [False, True])
async def test_a_websocket_holds_a_target_until_the_deadline(
    running: RunningBalancer, pair: list[Target], is_of_an_old_worker: bool
) -> None:
    old, new = pair

    async def upgrade(_: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n" + UPGRADE)
        writer.write(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    old.handler = upgrade
    running.group(old.registered(), drains_early=True)
    await running.serving(old.registered())
    reader, writer = await asyncio.open_connection(running.address, HTTP_PORT)
    writer.write(b"GET / HTTP/1.1\r\nHost: lb\r\nSec-WebSocket-Version: 13\r\n" + UPGRADE)
    writer.write(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    if is_of_an_old_worker:
        reloads = running.process.reloads
        running.edge(idle_timeout_seconds=61)
        await eventually(lambda: running.process.reloads > reloads)
    running.group(draining(old, 4), new.registered(), drains_early=True)
    await running.serving(new.registered())
    await asyncio.sleep(2.5)
    writer.write(b"still here\n")
    assert await reader.readline() == b"still here\n"
    assert not is_drained(running, old)
    await eventually(lambda: is_drained(running, old), 4)
    assert await asyncio.wait_for(reader.read(), 2) == b"", "it is cut off at the deadline"
    writer.close()


async def test_a_replaced_worker_sends_what_it_still_gets_to_targets_of_today(
    running: RunningBalancer, pair: list[Target]
) -> None:
    old, new = pair
    running.group(old.registered(), drains_early=True)
    await running.serving(old.registered())
    # An idle connection, which the old worker keeps over a reload.
    reader, writer = await asyncio.open_connection(running.address, HTTP_PORT)
    writer.write(b"GET / HTTP/1.1\r\nHost: lb\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert await reader.readexactly(1) == b"a"
    reloads = running.process.reloads
    running.edge(idle_timeout_seconds=61)
    await eventually(lambda: running.process.reloads > reloads)
    running.group(old.registered(), new.registered(), drains_early=True)
    await running.serving(old.registered(), new.registered())
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await eventually(lambda: is_drained(running, old), 5)
    await old.stop()
    writer.write(b"GET / HTTP/1.1\r\nHost: lb\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert await reader.readexactly(1) == b"b"
    writer.close()


@pytest.mark.parametrize("is_refused", [False, True])
async def test_a_request_on_a_worker_that_was_just_replaced_holds_its_drain_up(
    running: RunningBalancer, pair: list[Target], monkeypatch: pytest.MonkeyPatch, is_refused: bool
) -> None:
    """The second half of the reload takes its time, or fails: nobody has looked at old workers by then."""
    old, new = pair
    old.handler = answering("late", delay=5.0)
    running.group(old.registered(), drains_early=True)
    await running.serving(old.registered())
    asked = asyncio.create_task(running.request())
    await eventually(lambda: len(old.requests) == 1)
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await running.serving(new.registered())

    async def late(*_: object) -> None:
        await asyncio.sleep(0 if is_refused else 2.5)
        if is_refused:
            raise ConfigurationError("the second reload is refused")

    monkeypatch.setattr(Edge, "_awaken", late)
    running.edge(idle_timeout_seconds=61)
    while not asked.done():
        assert not is_drained(running, old)
        await asyncio.sleep(0.05)
    assert (await asked).status == 200
    await eventually(lambda: is_drained(running, old), 20)


async def test_a_deploy_that_drains_early_fails_no_request(running: RunningBalancer) -> None:
    """As ECS does it: a new target, healthy; the old one drains, and ends as soon as that is over."""
    old = await Target(name="0").start()
    running.group(old.registered(), drains_early=True)
    await running.serving(old.registered())
    kinds = [
        Kind(name="kept"),
        Kind(name="new", keep_alive=False),
        Kind(name="POST", method="POST", keep_alive=False),
    ]
    load = LoadGenerator(running.address, HTTP_PORT, host="lb", rate=150, kinds=kinds)
    load.start()
    began = time.monotonic()
    for revision in range(1, 5):
        new = await Target(answering(str(revision), delay=0.05), name=str(revision)).start()
        running.group(old.registered(), new.registered(), drains_early=True)
        await running.serving(old.registered(), new.registered())
        running.group(draining(old, 300), new.registered(), drains_early=True)
        await eventually(lambda gone=old: is_drained(running, gone), 10)  # type: ignore[misc]
        running.group(new.registered(), drains_early=True)
        await old.stop()
        old = new
    elapsed = time.monotonic() - began
    await asyncio.sleep(0.5)
    tally = await asyncio.to_thread(load.stop)
    await old.stop()
    assert tally.failures == []
    assert tally.completed > 300
    assert elapsed < 20, "a deploy takes seconds, not its delay"


async def test_a_target_that_comes_back_is_not_done(running: RunningBalancer, pair: list[Target]) -> None:
    old, new = pair
    running.group(old.registered(), new.registered(), drains_early=True)
    await running.serving(old.registered(), new.registered())
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await eventually(lambda: is_drained(running, old), 5)
    running.group(old.registered(), new.registered(), drains_early=True)
    await running.serving(old.registered(), new.registered())
    assert not is_drained(running, old)
    running.group(draining(old, 300), new.registered(), drains_early=True)
    await asyncio.sleep(0.3)
    assert not is_drained(running, old)
    await eventually(lambda: is_drained(running, old), 5)
