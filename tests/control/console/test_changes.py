"""The stream of names: who hears of what, and when it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.control.console.asking import KEY, SECRET, ask, scope_of, signed

from tidegate.control.console import ChangeStream
from tidegate.control.console.changes import NAMES_MAX, names
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Change, MemoryDatabase, Store, Transaction
from tidegate.control.store.tables import ALL, CLUSTERS, TASKS
from tidegate.fleet.hosting import CONSOLE_CHANGES_PATH
from tidegate.testing.builders import a_cluster, a_task
from tidegate.testing.clock import FakeClock
from tidegate.wire.session_tokens import issue


class Line:
    """A reader of the stream."""

    def __init__(self, stream: ChangeStream, clock: FakeClock, **session: str) -> None:
        self._messages: asyncio.Queue[Any] = asyncio.Queue()
        self._leaving = asyncio.Event()
        headers = signed(CONSOLE_CHANGES_PATH, clock, **session)
        scope = scope_of("GET", CONSOLE_CHANGES_PATH, headers)
        self.job = asyncio.create_task(stream(scope, self._receive, self._messages.put))  # type: ignore[arg-type]

    async def _receive(self) -> Any:
        await self._leaving.wait()
        return {"type": "http.disconnect"}

    async def message(self) -> Any:
        return await asyncio.wait_for(self._messages.get(), 5)

    async def event(self) -> tuple[str, Any]:
        """The next event's name and data."""
        name, data = (await self.message())["body"].decode().rstrip("\n").split("\n")
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def leave(self) -> None:
        self._leaving.set()
        await self.job


@pytest.fixture
def store() -> Store:
    return Store(MemoryDatabase(), ALL)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stream(store: Store, clock: FakeClock) -> ChangeStream:
    settings = RegionSettings(region="eu-west-1", account="0" * 12, network="127.80", endpoint="x")
    return ChangeStream(
        store=store, clock=clock, credentials={KEY: SECRET}, settings=settings, started_at=clock.now()
    )


@asynccontextmanager
async def opened(stream: ChangeStream, clock: FakeClock, **session: str) -> AsyncIterator[Line]:
    """A line whose head and hello have come."""
    line = Line(stream, clock, **session)
    start = await line.message()
    assert (start["status"], start["headers"][0]) == (200, (b"content-type", b"text/event-stream"))
    hello = {"startedAt": "2026-01-01T00:00:00+00:00", "region": "eu-west-1", "account": "0" * 12}
    assert await line.event() == ("hello", hello)
    yield line
    await line.leave()


async def _put(store: Store, table: Any, *rows: Any) -> None:
    def write(transaction: Transaction) -> None:
        for row in rows:
            transaction.put(table, row)

    await store.transact(write)


async def test_a_commit_is_told_by_kind_and_name(
    store: Store, stream: ChangeStream, clock: FakeClock
) -> None:
    async with opened(stream, clock) as line:
        await _put(store, CLUSTERS, a_cluster())
        assert await line.event() == ("change", {"cluster": [a_cluster().arn]})


async def test_many_changes_of_a_moment_are_one_event(
    store: Store, stream: ChangeStream, clock: FakeClock
) -> None:
    async with opened(stream, clock) as line:
        await _put(store, CLUSTERS, a_cluster())
        assert (await line.event())[1] == {"cluster": [a_cluster().arn]}
        first, second = a_task(1), a_task(2)
        await _put(store, TASKS, first)
        await _put(store, TASKS, second)
        assert (await line.event())[1]["task"] == sorted({first.arn, second.arn})


async def test_a_task_is_told_of_with_what_counts_it() -> None:
    """So that a page asks for these alone, not for every service and instance."""
    task = replace(a_task(1), service_arn="its-service", container_instance_arn="its-instance")
    told = names([Change(TASKS, task.arn, None, task)])
    assert dict(told) == {
        "task": task.arn,
        "cluster": task.cluster_arn,
        "container-instance": "its-instance",
        "service": "its-service",
    }
    free = replace(task, service_arn=None, container_instance_arn=None)
    assert dict(names([Change(TASKS, free.arn, None, free)])) == {
        "task": task.arn,
        "cluster": task.cluster_arn,
    }


async def test_more_names_than_help_are_said_to_be_many(
    store: Store, stream: ChangeStream, clock: FakeClock
) -> None:
    async with opened(stream, clock) as line:
        await _put(store, CLUSTERS, *(a_cluster(name=f"c{number}") for number in range(NAMES_MAX + 1)))
        assert await line.event() == ("change", {"cluster": None})


async def test_what_nobody_may_see_is_not_named() -> None:
    hidden = {"certificate_authorities", "login_keys", "pending_notifications"}
    for table in (table for table in ALL if table.name in hidden):
        assert list(names([Change(table, "key", None, object())])) == []


async def test_a_line_ends_when_its_reader_leaves(stream: ChangeStream, clock: FakeClock) -> None:
    async with opened(stream, clock) as line:
        pass
    assert line.job.done()


async def test_every_line_ends_when_control_stops(stream: ChangeStream, clock: FakeClock) -> None:
    async with opened(stream, clock) as line:
        stream.close()
        assert await line.message() == {"type": "http.response.body", "body": b""}


async def test_a_line_ends_with_the_session_that_opened_it(
    store: Store, stream: ChangeStream, clock: FakeClock
) -> None:
    chance, lifetime = "0123456789ABCDEF", timedelta(hours=12)
    issued = issue(KEY, SECRET, chance=chance, lifetime=lifetime, now=clock.now())
    session = {"key": issued.access_key_id, "secret": issued.secret_key, "token": issued.token}
    async with opened(stream, clock, **session) as line, opened(stream, clock) as owners:
        clock.advance(lifetime.total_seconds())
        await _put(store, CLUSTERS, a_cluster())
        assert await line.message() == {"type": "http.response.body", "body": b""}
        assert await owners.event() == ("change", {"cluster": [a_cluster().arn]})


async def test_nobody_listens_without_a_signature(stream: ChangeStream) -> None:
    assert (await ask(stream, CONSOLE_CHANGES_PATH)).status == 403
