"""Host supervisors: which virtual instances run on this host, and which of them do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import structlog

from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import GOING_AWAY, NodeSession, SessionClosedError
from tidegate.control.store import Changes, Snapshot, Transaction
from tidegate.control.store.tables import INSTANCES
from tidegate.domain.ec2.instance import INSTANCE_TYPES
from tidegate.fleet.hosting import HostDocument, HostReport, VirtualInstance

_WANTED_STATES = ("pending", "running")

_log = structlog.get_logger(__name__)


def host_document(snapshot: Snapshot) -> HostDocument:
    """Every EC2 instance that runs an agent, until it is terminated."""
    instances = []
    for row in snapshot.all(INSTANCES):
        if row.cluster_name is None or row.state not in _WANTED_STATES:
            continue
        cpu, memory_mib = INSTANCE_TYPES[row.instance_type]
        instance = VirtualInstance(
            instance_id=row.id,
            cluster_name=row.cluster_name,
            address=row.private_ip_address,
            availability_zone=row.availability_zone,
            instance_type=row.instance_type,
            cpu=cpu,
            memory_mib=memory_mib,
        )
        instances.append(instance)
    instances.sort(key=lambda instance: instance.instance_id)
    return HostDocument(generation=snapshot.revision, instances=tuple(instances))


class HostConversations:
    """The supervisors that are connected to this process; on one machine there is one."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context
        self._woken: set[asyncio.Event] = set()
        self._is_closing = False
        self.killed: frozenset[str] = frozenset()
        context.store.subscribe(self._hear)

    async def serve(self, session: NodeSession) -> None:
        """Keep one supervisor told until its session ends."""
        woken = asyncio.Event()
        self._woken.add(woken)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._speak(session, woken))
                group.create_task(self._listen(session))
        except* SessionClosedError:
            pass
        finally:
            self._woken.discard(woken)

    def close(self) -> None:
        """Have all conversations end."""
        self._is_closing = True
        for woken in self._woken:
            woken.set()

    async def _speak(self, session: NodeSession, woken: asyncio.Event) -> None:
        told: tuple[VirtualInstance, ...] | None = None
        while True:
            if self._is_closing:
                await session.close(GOING_AWAY)
                raise SessionClosedError
            woken.clear()
            document = host_document(self._context.store.snapshot)
            if document.instances != told:
                await session.send("HostDocument", msgspec.to_builtins(document))
                told = document.instances
            await woken.wait()

    async def _listen(self, session: NodeSession) -> None:
        while True:
            type_, message = await session.receive()
            if type_ == "HostReport":
                await self.record(message)

    async def record(self, message: Mapping[str, Any]) -> None:
        """An instance whose agent runs is `running`. What was killed waits for its silence to be noticed,
        as a host that lost its power would."""
        report = msgspec.convert(message, HostReport)
        if frozenset(report.killed) != self.killed:
            self.killed = frozenset(report.killed)
            _log.info("instances killed by an operator", instances=sorted(self.killed))

        def record(tx: Transaction) -> None:
            for instance_id in report.running:
                row = tx.get(INSTANCES, instance_id)
                if row is not None and row.state == "pending":
                    tx.put(INSTANCES, replace(row, state="running"))

        await self._context.store.transact(record)

    def _hear(self, changes: Changes) -> None:
        if any(change.table is INSTANCES for change in changes):
            for woken in self._woken:
                woken.set()
