"""ACS: work orders to agents.

One conversation per connected agent. On connection: the agent counts as connected, the orders it has not
obeyed are sent, acknowledged or not, then the manifest of what it should run; after that, orders as the
state changes, and heartbeats. State reports do not come this way but through the ECS API
(api/ecs/agents.py), so a broken socket delays no report. The messages are those of Amazon's agent (its
`ecs-agent/acs`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from tidegate.control.nodes import outbox
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import GOING_AWAY, REPLACED, NodeSession, SessionClosedError
from tidegate.control.nodes.turns import Turns
from tidegate.control.store import Changes, StoreFailedError, Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import ContainerInstance, Task, VersionInfo

# The agent takes up to 60 s of silence; a second missed ack means that it is gone.
HEARTBEAT_SECONDS = 20.0
HEARTBEATS_MISSED_MAX = 2
# An order that is neither acknowledged nor obeyed is sent again. Repeating one does no harm.
RESEND_SECONDS = 30.0
CLOSE_SECONDS_MAX = 2.0
# Between attempts to write down that an agent is gone, while the database refuses.
RETRY_SECONDS = 1.0
# Conversations that go on in one turn of the event loop: one commit may wake them all.
CONVERSATIONS_PER_TURN = 50

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Sent:
    """Orders of this connection: when each was last sent, and which message carried which start."""

    at: dict[tuple[str, str], float] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)


class AgentConversation:
    """`run` does it all, in its share of `turns`; a simulation calls `begin`, `hear` and `tick` itself."""

    def __init__(
        self,
        context: NodeContext,
        session: NodeSession,
        instance: ContainerInstance,
        version_info: VersionInfo,
        turns: Turns | None = None,
    ) -> None:
        self._context = context
        self._session = session
        self._turns = turns or Turns(CONVERSATIONS_PER_TURN)
        self._arn = instance.arn
        self._cluster_arn = instance.cluster_arn
        self._version_info = version_info
        self._sent = _Sent()
        self._timeline = 0
        self._beat_at = context.clock.monotonic()
        self._beats_unanswered = 0
        self._woken = asyncio.Event()
        self._close_code: int | None = None
        self.ended = asyncio.Event()

    def wake(self) -> None:
        """The state of this agent's tasks may have changed."""
        self._woken.set()

    async def run(self) -> None:
        """Converse until the session ends; raises SessionClosedError."""
        # All agents come at once when control has restarted.
        await self._turns.take()
        await self.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._speak())

    def finish(self, code: int) -> None:
        """Have the conversation end by itself, with this close code."""
        self._close_code = code
        self._woken.set()

    async def begin(self) -> None:
        """The connect procedure."""
        await self._context.store.transact(self._connect)
        # The agent drops a manifest whose timeline is not above every number it has seen, payloads'
        # included. Connecting is a commit, so the revision after it is above all earlier ones.
        self._timeline = self._context.store.snapshot.revision
        await self._send_orders(sequence=self._timeline - 1, is_anew=True)
        tasks = outbox.manifest(self._context.store.snapshot, self._arn)
        await self._send("TaskManifestMessage", tasks=tasks, timeline=self._timeline)

    async def tick(self) -> float:
        """Send what is due; seconds until something may be due again. Raises SessionClosedError."""
        if self._close_code is not None:
            await self._session.close(self._close_code)
            raise SessionClosedError
        await self._send_orders(sequence=self._context.store.snapshot.revision)
        now = self._context.clock.monotonic()
        if now >= self._beat_at:
            if self._beats_unanswered >= HEARTBEATS_MISSED_MAX:
                _log.warning("agent answers no heartbeat", container_instance=self._arn)
                await self._session.close(GOING_AWAY)
                raise SessionClosedError
            self._beats_unanswered += 1
            self._beat_at = now + HEARTBEAT_SECONDS
            await self._send("HeartbeatMessage", healthy=True)
        return self._beat_at - now

    async def hear(self, type_: str, message: Mapping[str, Any]) -> None:
        """One message of the agent. Unknown ones mean nothing."""
        if type_ in ("HeartbeatAckRequest", "AckRequest"):
            self._beats_unanswered = 0
        if type_ == "AckRequest":
            task_arn = self._sent.starts.pop(str(message.get("messageId", "")), None)
            if task_arn is not None:
                await self._context.store.transact(lambda tx: self._acknowledge(tx, task_arn))
        elif type_ == "NackRequest":
            _log.warning("agent refuses a message", container_instance=self._arn, message=dict(message))
        elif type_ == "TaskStopVerificationMessage":
            await self._verify(message)

    async def _listen(self) -> None:
        while True:
            type_, message = await self._session.receive()
            await self._turns.take()
            await self.hear(type_, message)

    async def _speak(self) -> None:
        while True:
            await self._turns.take()
            self._woken.clear()
            delay = await self.tick()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, delay)):
                    await self._woken.wait()

    async def _send_orders(self, *, sequence: int, is_anew: bool = False) -> None:
        now = self._context.clock.monotonic()
        snapshot = self._context.store.snapshot
        for order in outbox.orders(snapshot, self._arn, is_anew=is_anew):
            name = (order.kind, order.task.arn)
            if now < self._sent.at.get(name, now - RESEND_SECONDS) + RESEND_SECONDS:
                continue
            content = outbox.content(snapshot, order)
            if content is None:
                continue
            self._sent.at[name] = now
            # One task a message: a task that the agent cannot decode keeps its message unacknowledged.
            message_id = await self._send("PayloadMessage", tasks=[content], seqNum=sequence)
            if order.kind == "start":
                self._sent.starts[message_id] = order.task.arn
            # An agent may have many orders due at once.
            await self._turns.take()

    async def _send(self, type_: str, **members: Any) -> str:
        message_id = self._context.ids.uuid()
        message = {
            "messageId": message_id,
            "clusterArn": self._cluster_arn,
            "containerInstanceArn": self._arn,
            "generatedAt": int(self._context.clock.now().timestamp() * 1000),
            **members,
        }
        await self._session.send(type_, message)
        return message_id

    async def _verify(self, message: Mapping[str, Any]) -> None:
        candidates = message.get("stopCandidates") or ()
        stops = outbox.confirmed_stops(self._context.store.snapshot, self._arn, candidates)
        answer = {
            "messageId": message.get("messageId", ""),
            "stopTasks": stops,
            "generatedAt": int(self._context.clock.now().timestamp() * 1000),
        }
        await self._session.send("TaskStopVerificationAck", answer)

    def _connect(self, tx: Transaction) -> None:
        row = tx.get(CONTAINER_INSTANCES, self._arn)
        if row is None:
            raise SessionClosedError
        row = replace(
            row,
            agent_connected=True,
            connected_at=self._context.clock.now(),
            version_info=self._version_info,
            version=row.version + 1,
        )
        tx.put(CONTAINER_INSTANCES, row)

    def _acknowledge(self, tx: Transaction, task_arn: str) -> None:
        task = tx.get(TASKS, task_arn)
        if task is not None and task.acknowledged_at is None:
            tx.put(TASKS, replace(task, acknowledged_at=self._context.clock.now()))


class AgentConversations:
    """The agents that are connected to this process."""

    def __init__(self, context: NodeContext, retry_seconds: float = RETRY_SECONDS) -> None:
        self._context = context
        self._retry_seconds = retry_seconds
        self._current: dict[str, AgentConversation] = {}
        # Disconnections that the database has not taken yet.
        self._owed: set[asyncio.Task[None]] = set()
        self._turns = Turns(CONVERSATIONS_PER_TURN)
        context.store.subscribe(self._hear)

    def __len__(self) -> int:
        return len(self._current)

    async def reset(self) -> None:
        """At start: whoever was connected to an earlier process is not connected to this one."""
        now = self._context.clock.now()

        def disconnect_all(tx: Transaction) -> None:
            for row in list(tx.all(CONTAINER_INSTANCES)):
                if row.agent_connected:
                    tx.put(CONTAINER_INSTANCES, _disconnected(row, now))

        await self._context.store.transact(disconnect_all)

    async def serve(
        self, session: NodeSession, instance: ContainerInstance, version_info: VersionInfo
    ) -> None:
        """Converse with one agent until its session ends. The newest connection of an instance wins."""
        conversation = AgentConversation(self._context, session, instance, version_info, self._turns)
        older = self._current.pop(instance.arn, None)
        self._current[instance.arn] = conversation
        if older is not None:
            older.finish(REPLACED)
        _log.info("agent connected", container_instance=instance.arn, version=version_info.agent_version)
        try:
            await conversation.run()
        except* SessionClosedError:
            pass
        finally:
            try:
                await self._end(instance.arn, conversation)
            finally:
                conversation.ended.set()

    async def close(self) -> None:
        """End all conversations so that agents look for the next process at once."""
        conversations = list(self._current.values())
        for conversation in conversations:
            conversation.finish(GOING_AWAY)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await asyncio.gather(*(conversation.ended.wait() for conversation in conversations))
        # The next process resets all rows.
        for job in self._owed:
            job.cancel()

    async def _end(self, arn: str, conversation: AgentConversation) -> None:
        if self._current.get(arn) is not conversation:
            return
        del self._current[arn]
        _log.info("agent disconnected", container_instance=arn)
        now = self._context.clock.now()
        try:
            await self._disconnect(arn, now)
        except StoreFailedError:
            # Left as it is, the row would say for ever that the agent is there: tasks would be placed on
            # it, and its host never be lost. Not waited for: the agent may come back meanwhile.
            job = asyncio.create_task(self._disconnect_at_last(arn, now))
            self._owed.add(job)
            job.add_done_callback(self._owed.discard)

    async def _disconnect_at_last(self, arn: str, now: datetime) -> None:
        while True:
            await asyncio.sleep(self._retry_seconds)
            with contextlib.suppress(StoreFailedError):
                await self._disconnect(arn, now)
                return

    async def _disconnect(self, arn: str, now: datetime) -> None:
        """Write that an agent is gone, unless it has come back. Raises StoreFailedError."""

        def disconnect(tx: Transaction) -> None:
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is not None and row.agent_connected and arn not in self._current:
                tx.put(CONTAINER_INSTANCES, _disconnected(row, now))

        await self._context.store.transact(disconnect)

    def _hear(self, changes: Changes) -> None:
        for change in changes:
            row = change.new if change.new is not None else change.old
            if isinstance(row, Task) and row.container_instance_arn in self._current:
                self._current[row.container_instance_arn].wake()
            elif change.table is CONTAINER_INSTANCES and change.new is None and change.key in self._current:
                # Deregistered: the agent must hear it where it connects, not find itself ignored.
                self._current[change.key].finish(GOING_AWAY)


def _disconnected(row: ContainerInstance, now: datetime) -> ContainerInstance:
    return replace(row, agent_connected=False, disconnected_at=now, version=row.version + 1)
