"""The checker in its thread, with real targets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.health import Checker
from tidegate.balancer.health.record import Record
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument
from tidegate.testing.balancing.http2_target import Http2Target
from tidegate.testing.balancing.running import eventually

pytestmark = pytest.mark.timeout(30)

# Shorter than the API allows, so that a test sees several.
CHECK = HealthCheckDocument(interval_seconds=0, timeout_seconds=1, unhealthy_threshold=2)


class Watching:
    """A checker, and the last known state of each target."""

    def __init__(self, folder: Path) -> None:
        self.states: dict[str, str] = {}
        self.checker = Checker(self._note, Record(folder))
        self.checker.start()

    def _note(self, _: str, key: Key, health: Health) -> None:
        self.states[key[0]] = health.state

    def group(self, *targets: GroupTarget, check: HealthCheckDocument = CHECK, **fields: Any) -> None:
        self.checker.watch(
            GroupDocument(
                target_group_arn="group", generation=1, health_check=check, targets=targets, **fields
            )
        )


@pytest.fixture
async def watching(tmp_path: Path) -> AsyncIterator[Watching]:
    started = Watching(tmp_path)
    yield started
    started.checker.stop()


SETTINGS_AND_GOAWAY = b"\0\0\0\4\0\0\0\0\0" + b"\0\0\x08\7\0\0\0\0\0" + bytes(8)


@asynccontextmanager
async def goodbye(port: int) -> AsyncIterator[list[None]]:
    """An HTTP/2 server that is about to stop: it says so before anything is asked. Gives its connections."""
    heard: list[None] = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(None)
        writer.write(SETTINGS_AND_GOAWAY)
        await asyncio.sleep(0.05)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", port):
        yield heard


async def test_a_target_that_says_goodbye_before_it_is_asked_fails_and_is_asked_again(
    watching: Watching,
) -> None:
    target = await Http2Target(name="a").start()
    watching.group(target.registered(), protocol_version="HTTP2")
    await eventually(lambda: watching.states == {"i-a": "healthy"})
    await target.stop()
    async with goodbye(target.port) as heard:
        await eventually(lambda: watching.states == {"i-a": "unhealthy"})
        before = len(heard)
        await eventually(lambda: len(heard) > before + 5)


async def test_a_check_that_cannot_even_be_made_counts_as_failed_and_is_made_again(
    watching: Watching,
) -> None:
    watching.group(GroupTarget(id="i-1", port=80, address="no..address"))
    await eventually(lambda: watching.states == {"i-1": "unhealthy"})
    before = watching.checker.probes
    await eventually(lambda: watching.checker.probes > before + 5)


async def test_targets_that_no_security_group_lets_through_delay_nobodys_checks(watching: Watching) -> None:
    target = await Http2Target(name="a").start()
    shut = (
        GroupTarget(id=f"z-{n}", port=1, address="127.0.0.1", is_check_admitted=False) for n in range(1100)
    )
    check = HealthCheckDocument(interval_seconds=300, timeout_seconds=120)
    watching.group(*shut, target.registered(), check=check, protocol_version="HTTP2")
    await eventually(lambda: watching.states.get("i-a") == "healthy")
    await target.stop()


async def test_a_shorter_interval_holds_at_once(watching: Watching) -> None:
    target = await Http2Target(name="a").start()
    rare = HealthCheckDocument(interval_seconds=300, timeout_seconds=1, unhealthy_threshold=2)
    watching.group(target.registered(), check=rare, protocol_version="HTTP2")
    await eventually(lambda: watching.states == {"i-a": "healthy"})
    await target.stop()
    often = HealthCheckDocument(interval_seconds=1, timeout_seconds=1, unhealthy_threshold=2)
    watching.group(target.registered(), check=often, protocol_version="HTTP2")
    await eventually(lambda: watching.states == {"i-a": "unhealthy"})
