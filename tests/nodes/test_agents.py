"""The conversation with an agent: connect procedure, orders, acknowledgements, heartbeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.nodes.agents import (
    HEARTBEAT_SECONDS,
    RESEND_SECONDS,
    AgentConversation,
    AgentConversations,
)
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import SessionClosedError
from tidegate.control.store import MemoryDatabase, Store, WriteRefusedError
from tidegate.control.store.database import StoredRow
from tidegate.control.store.tables import ALL, CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import VersionInfo
from tidegate.testing.builders import a_container_instance, a_definition, a_task
from tidegate.testing.clock import FakeClock
from tidegate.testing.sessions import FakeSession

INSTANCE = a_container_instance(1, agent_connected=False)
VERSION = VersionInfo(agent_version="1.2.3")
PENDING = a_task(1, last_status="PENDING")
STOPPING = a_task(2, last_status="STOPPING", desired_status="STOPPED")
RUNNING = a_task(3)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
async def conversation(context: NodeContext, session: FakeSession, put: Any) -> AgentConversation:
    await put(INSTANCE, a_definition())
    return AgentConversation(context, session, INSTANCE, VERSION)


def ordered(session: FakeSession) -> list[tuple[str, str]]:
    """(desired status, task ARN) of every order sent since the last look."""
    tasks = [task for message in session.take("PayloadMessage") for task in message["tasks"]]
    return [(task["desiredStatus"], task["arn"]) for task in tasks]


async def test_an_agent_that_connects_is_told_what_it_has_not_obeyed_then_what_it_should_run(
    conversation: AgentConversation, session: FakeSession, store: Store, put: Any
) -> None:
    await put(PENDING, STOPPING, RUNNING)
    await conversation.begin()
    assert [name for name, _ in session.sent] == ["PayloadMessage", "PayloadMessage", "TaskManifestMessage"]
    (manifest,) = session.take("TaskManifestMessage")
    assert {task["taskArn"] for task in manifest["tasks"]} == {PENDING.arn, RUNNING.arn}
    assert ordered(session) == [("STOPPED", STOPPING.arn), ("RUNNING", PENDING.arn)]
    row = store.snapshot.get(CONTAINER_INSTANCES, INSTANCE.arn)
    assert row is not None
    assert row.agent_connected
    assert row.version_info == VERSION


async def test_a_manifests_timeline_is_above_every_number_sent_before(
    context: NodeContext, session: FakeSession, put: Any
) -> None:
    await put(INSTANCE, a_definition())
    numbers: list[int] = []
    for number in range(3):
        again = AgentConversation(context, session, INSTANCE, VERSION)
        await put(replace(a_task(10 + number), last_status="PENDING"))
        await again.begin()
        await again.tick()
        await put(replace(a_task(20 + number), last_status="PENDING"))
        await again.tick()
        context.clock.advance(1)  # type: ignore[attr-defined]
        for name, message in session.sent:
            if name == "TaskManifestMessage":
                assert message["timeline"] > max(numbers, default=0)
                numbers.append(message["timeline"])
            elif name == "PayloadMessage":
                numbers.append(message["seqNum"])
        session.take()


async def test_a_new_task_is_ordered_once_and_its_acknowledgement_kept(
    conversation: AgentConversation, session: FakeSession, store: Store, put: Any
) -> None:
    await conversation.begin()
    session.take()
    await put(PENDING)
    await conversation.tick()
    (message,) = session.take("PayloadMessage")
    await conversation.tick()
    assert ordered(session) == []
    await conversation.hear("AckRequest", {"messageId": message["messageId"]})
    row = store.snapshot.get(TASKS, PENDING.arn)
    assert row is not None
    assert row.acknowledged_at is not None


async def test_an_agent_that_lost_what_it_acknowledged_is_told_again_when_it_connects(
    conversation: AgentConversation, session: FakeSession, clock: FakeClock, put: Any
) -> None:
    await put(replace(PENDING, acknowledged_at=clock.now()))
    await conversation.begin()
    assert ordered(session) == [("RUNNING", PENDING.arn)]
    clock.advance(RESEND_SECONDS)
    await conversation.tick()
    assert ordered(session) == []


async def test_an_order_that_is_not_acknowledged_is_repeated(
    conversation: AgentConversation, session: FakeSession, clock: FakeClock, put: Any
) -> None:
    await put(PENDING)
    await conversation.begin()
    assert ordered(session) == [("RUNNING", PENDING.arn)]
    for _ in range(int(RESEND_SECONDS)):
        clock.advance(1)
        await conversation.hear("HeartbeatAckRequest", {})
        await conversation.tick()
    assert ordered(session) == [("RUNNING", PENDING.arn)]


async def test_a_stop_order_is_repeated_until_the_task_is_reported_stopped(
    conversation: AgentConversation, session: FakeSession, clock: FakeClock, put: Any
) -> None:
    await put(STOPPING)
    await conversation.begin()
    (message,) = session.take("PayloadMessage")
    await conversation.hear("AckRequest", {"messageId": message["messageId"]})
    clock.advance(RESEND_SECONDS)
    await conversation.tick()
    assert ordered(session) == [("STOPPED", STOPPING.arn)]
    await put(replace(STOPPING, last_status="STOPPED"))
    clock.advance(RESEND_SECONDS)
    await conversation.tick()
    assert ordered(session) == []


async def test_a_pending_task_that_is_stopped_gets_a_stop_order_and_no_start(
    conversation: AgentConversation, session: FakeSession, put: Any
) -> None:
    await put(replace(PENDING, last_status="STOPPING", desired_status="STOPPED"))
    await conversation.begin()
    assert ordered(session) == [("STOPPED", PENDING.arn)]


async def test_every_message_names_cluster_and_instance_without_which_agents_drop_it(
    conversation: AgentConversation, session: FakeSession, put: Any
) -> None:
    await put(PENDING)
    await conversation.begin()
    await conversation.tick()
    for message in session.take():
        assert message["messageId"]
        assert message["clusterArn"] == INSTANCE.cluster_arn
        assert message["containerInstanceArn"] == INSTANCE.arn


async def test_heartbeats_go_on_while_they_are_answered(
    conversation: AgentConversation, session: FakeSession, clock: FakeClock
) -> None:
    await conversation.begin()
    session.take()
    for _ in range(5):
        delay = await conversation.tick()
        assert delay == HEARTBEAT_SECONDS
        (beat,) = session.take("HeartbeatMessage")
        await conversation.hear("HeartbeatAckRequest", {"messageId": beat["messageId"]})
        clock.advance(delay)


async def test_two_unanswered_heartbeats_end_the_session(
    conversation: AgentConversation, session: FakeSession, clock: FakeClock
) -> None:
    await conversation.begin()
    for _ in range(2):
        clock.advance(await conversation.tick())
    with pytest.raises(SessionClosedError):
        await conversation.tick()
    assert session.close_code == 1001


async def test_stop_candidates_are_looked_up_again_before_they_are_confirmed(
    conversation: AgentConversation, session: FakeSession, put: Any
) -> None:
    await conversation.begin()
    session.take()
    await put(RUNNING)
    await conversation.hear(
        "TaskStopVerificationMessage",
        {"messageId": "m", "stopCandidates": [{"taskArn": RUNNING.arn}, {"taskArn": "arn:gone"}]},
    )
    (answer,) = session.take("TaskStopVerificationAck")
    assert answer["messageId"] == "m"
    assert [task["taskArn"] for task in answer["stopTasks"]] == ["arn:gone"]


async def test_unknown_messages_and_acknowledgements_mean_nothing(
    conversation: AgentConversation, session: FakeSession
) -> None:
    await conversation.begin()
    session.take()
    await conversation.hear("AckRequest", {"messageId": "never sent"})
    await conversation.hear("Surprise", {"a": 1})
    assert session.sent == []


class TestConversations:
    """The registry: who is connected, and to which of two connections the instance belongs."""

    async def test_the_newest_connection_wins_and_the_instance_stays_connected(
        self, context: NodeContext, store: Store, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context)
        old, new = FakeSession(), FakeSession()
        first = asyncio.ensure_future(agents.serve(old, INSTANCE, VERSION))
        await until(lambda: bool(old.sent))
        second = asyncio.ensure_future(agents.serve(new, INSTANCE, VERSION))
        await first
        assert old.close_code == 1000
        assert new.close_code is None
        assert _is_connected(store)
        new.drop()
        await second
        assert not _is_connected(store)

    async def test_a_commit_for_an_agent_reaches_it_at_once(self, context: NodeContext, put: Any) -> None:
        await put(INSTANCE, a_definition())
        agents = AgentConversations(context)
        session = FakeSession()
        serving = asyncio.ensure_future(agents.serve(session, INSTANCE, VERSION))
        await until(lambda: any(name == "HeartbeatMessage" for name, _ in session.sent))
        await put(PENDING)
        await until(lambda: any(name == "PayloadMessage" for name, _ in session.sent))
        session.drop()
        await serving

    async def test_a_lost_connection_is_noted_with_its_time(
        self, context: NodeContext, store: Store, clock: FakeClock, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context)
        session = FakeSession()
        serving = asyncio.ensure_future(agents.serve(session, INSTANCE, VERSION))
        await until(lambda: _is_connected(store))
        clock.advance(7)
        session.drop()
        await serving
        row = store.snapshot.get(CONTAINER_INSTANCES, INSTANCE.arn)
        assert row is not None
        assert row.disconnected_at == clock.now()

    async def test_a_new_process_counts_nobody_as_connected(
        self, context: NodeContext, store: Store, put: Any
    ) -> None:
        await put(replace(INSTANCE, agent_connected=True))
        await AgentConversations(context).reset()
        assert not _is_connected(store)

    async def test_the_agent_of_an_instance_that_is_removed_is_sent_away(
        self, context: NodeContext, store: Store, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context)
        session = FakeSession()
        serving = asyncio.ensure_future(agents.serve(session, INSTANCE, VERSION))
        await until(lambda: _is_connected(store))
        await store.transact(lambda tx: tx.delete(CONTAINER_INSTANCES, INSTANCE.arn))
        await serving
        assert session.close_code == 1001

    async def test_agents_are_sent_away_with_the_code_that_brings_them_back_at_once(
        self, context: NodeContext, store: Store, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context)
        session = FakeSession()
        serving = asyncio.ensure_future(agents.serve(session, INSTANCE, VERSION))
        await until(lambda: _is_connected(store))
        await agents.close()
        assert session.close_code == 1001
        assert serving.done()


class FullDatabase(MemoryDatabase):
    """Refuses every write while `is_full`."""

    is_instant = False
    is_full = False

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        if self.is_full:
            raise WriteRefusedError("disk full")
        super().write(rows, revision)


class TestDisconnectionWhileTheDatabaseRefuses:
    """The row must not say for ever that an agent is connected."""

    @pytest.fixture
    def database(self) -> FullDatabase:
        return FullDatabase()

    @pytest.fixture
    async def store(self, database: FullDatabase) -> AsyncIterator[Store]:
        store = Store(database, ALL)
        yield store
        await store.close()

    async def test_it_is_written_as_soon_as_the_database_takes_it(
        self, context: NodeContext, store: Store, database: FullDatabase, clock: FakeClock, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context, retry_seconds=0.001)
        session = FakeSession()
        serving = asyncio.ensure_future(agents.serve(session, INSTANCE, VERSION))
        await eventually(lambda: _is_connected(store))
        database.is_full = True
        ended_at = clock.now()
        session.drop()
        await serving
        clock.advance(60)
        assert _is_connected(store)
        database.is_full = False
        await eventually(lambda: not _is_connected(store))
        row = store.snapshot.get(CONTAINER_INSTANCES, INSTANCE.arn)
        assert row is not None
        assert row.disconnected_at == ended_at

    async def test_an_agent_that_is_back_before_that_stays_connected(
        self, context: NodeContext, store: Store, database: FullDatabase, put: Any
    ) -> None:
        await put(INSTANCE)
        agents = AgentConversations(context, retry_seconds=0.001)
        first, second = FakeSession(), FakeSession()
        serving = asyncio.ensure_future(agents.serve(first, INSTANCE, VERSION))
        await eventually(lambda: _is_connected(store))
        database.is_full = True
        first.drop()
        await serving
        database.is_full = False
        again = asyncio.ensure_future(agents.serve(second, INSTANCE, VERSION))
        await eventually(lambda: bool(second.sent))
        commits = store.commits
        await asyncio.sleep(0.01)
        assert _is_connected(store)
        assert store.commits == commits
        second.drop()
        await again
        assert not _is_connected(store)


async def eventually(holds: Callable[[], bool]) -> None:
    """A database of its own thread takes real time."""
    for _ in range(10_000):
        if holds():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came")


def _is_connected(store: Store) -> bool:
    row = store.snapshot.get(CONTAINER_INSTANCES, INSTANCE.arn)
    return row is not None and row.agent_connected


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")
