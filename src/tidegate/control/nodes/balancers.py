"""Balancers: documents down, observations up.

On connection a balancer is sent every group in use, then the edge, then what is left of the other groups;
after that whatever a commit changed, and only that. Its reports carry the generation that they belong to. A
report on a target counts only if the balancer knew the present registration when it made it: a target that
went and came back under the same address and port is another one, and old news of health or of a finished
drain is not its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import structlog

from tidegate.control.nodes.balancer_documents import edge_document, group_document
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.session import GOING_AWAY, NodeSession, SessionClosedError
from tidegate.control.nodes.staleness import is_edge_stale, stale_groups
from tidegate.control.store import Changes, Snapshot, Transaction
from tidegate.control.store.series import SeriesFailedError
from tidegate.control.store.tables import (
    LISTENERS,
    LOAD_BALANCERS,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
)
from tidegate.domain.elbv2 import Target, TargetHealth
from tidegate.fleet.balancing import (
    EdgeDocument,
    EdgeReport,
    FormerGroupDocument,
    GroupDocument,
    GroupReport,
    TargetReport,
    TrafficReceipt,
    TrafficReport,
)

# The edge's place among the documents, which are named after target groups.
_EDGE = ""

_log = structlog.get_logger(__name__)


class BalancerConversation:
    """`run` does it all; a test calls `tell` and `hear` itself."""

    def __init__(self, context: NodeContext, session: NodeSession) -> None:
        self._context = context
        self._session = session
        self._edge = EdgeDocument(generation=-1)
        self._groups: dict[str, GroupDocument] = {}
        # Groups that this edge has no more, and what was said of them last.
        self._former: dict[str, FormerGroupDocument | None] = {}
        # Per document: what it lists, and since which generation the balancer has known that.
        self._listed: dict[str, dict[str, tuple[object, int]]] = {}
        self._is_edge_stale = True
        self._stale_groups: set[str] = set()
        self._is_closing = False
        self._woken = asyncio.Event()

    def note(self, changes: Changes) -> None:
        """Remember which documents a commit has made stale."""
        snapshot = self._context.store.snapshot
        for change in changes:
            is_edge = is_edge_stale(change, snapshot)
            groups = stale_groups(change, snapshot, self._groups)
            self._is_edge_stale |= is_edge
            self._stale_groups |= groups
            if is_edge or groups:
                self._woken.set()

    def finish(self) -> None:
        """Have the conversation end by itself."""
        self._is_closing = True
        self._woken.set()

    async def run(self) -> None:
        """Converse until the session ends; raises SessionClosedError."""
        # Before the first report is read: one on what the balancer has kept while control was away must
        # find its generation known. If the documents are newer, the balancer reports again on them.
        await self.tell()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._speak())

    async def tell(self) -> None:
        """Send every document that is not what the balancer has."""
        snapshot = self._context.store.snapshot
        stale, self._stale_groups = self._stale_groups, set()
        edge = self._edge
        if self._is_edge_stale:
            self._is_edge_stale = False
            edge = edge_document(snapshot)
        # Groups before the edge that refers to them.
        for arn in edge.target_groups:
            if arn in stale or arn not in self._groups:
                await self._tell_group(snapshot, arn)
        if replace(edge, generation=self._edge.generation) != self._edge or self._edge.generation < 0:
            if self._edge.generation < 0:
                # Any group may have left since the balancer was last told.
                self._former = dict.fromkeys(row.arn for row in snapshot.all(TARGET_GROUPS))
            self._edge = edge
            former = (self._former.keys() | self._groups.keys()) - set(edge.target_groups)
            self._former = {arn: self._former.get(arn) for arn in sorted(former)}
            self._groups = {arn: self._groups[arn] for arn in edge.target_groups if arn in self._groups}
            self._list(_EDGE, {row.arn: None for row in edge.load_balancers}, edge.generation)
            await self._session.send("EdgeDocument", msgspec.to_builtins(edge))
        for arn, known in list(self._former.items()):
            if arn in stale or known is None:
                await self._tell_former(snapshot, arn)

    async def hear(self, type_: str, message: Mapping[str, Any]) -> None:
        """One report of the balancer. Unknown ones mean nothing."""
        now = self._context.clock.now()
        if type_ == "EdgeReport":
            edge = msgspec.convert(message, EdgeReport)
            await self._context.store.transact(lambda tx: self._record_edge(tx, edge))
        elif type_ == "GroupReport":
            group = msgspec.convert(message, GroupReport)
            await self._context.store.transact(lambda tx: self._record_group(tx, group, now))
        elif type_ == "TrafficReport":
            # Keys of mappings are text in JSON.
            await self._take(msgspec.convert(message, TrafficReport, str_keys=True))

    async def _take(self, traffic: TrafficReport) -> None:
        try:
            await self._context.metrics.take(
                traffic.samples, source=traffic.source, sequence=traffic.sequence
            )
        except SeriesFailedError as error:
            # Without a receipt it comes again. What is said of health does not wait for a disk of metrics.
            _log.warning("a report of traffic was not kept", sequence=traffic.sequence, error=str(error))
            return
        receipt = TrafficReceipt(source=traffic.source, sequence=traffic.sequence)
        await self._session.send("TrafficReceipt", msgspec.to_builtins(receipt))

    async def _listen(self) -> None:
        while True:
            await self.hear(*await self._session.receive())

    async def _speak(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self._is_closing:
                await self._session.close(GOING_AWAY)
                raise SessionClosedError
            await self.tell()

    async def _tell_group(self, snapshot: Snapshot, arn: str) -> None:
        document = group_document(snapshot, arn)
        if document is None:
            return
        known = self._groups.get(arn)
        present = {row.key: _registration(row) for row in snapshot.by(TARGETS, "target_group", arn)}
        before = self._listed.get(arn, {})
        self._list(arn, present, document.generation)
        # A new registration of the same address and port looks the same, but must be reported on anew.
        is_renewed = any(key in before and before[key][0] != present[key] for key in present)
        if known is None or is_renewed or replace(document, generation=known.generation) != known:
            self._groups[arn] = document
            await self._session.send("GroupDocument", msgspec.to_builtins(document))

    async def _tell_former(self, snapshot: Snapshot, arn: str) -> None:
        """What has become of a group's targets. Those of one that is gone are gone, too."""
        group = group_document(snapshot, arn)
        document = FormerGroupDocument(target_group_arn=arn, targets=group.targets if group else ())
        if document != self._former[arn]:
            await self._session.send("FormerGroupDocument", msgspec.to_builtins(document))
        self._former[arn] = document
        if group is None:
            del self._former[arn]

    def _list(self, document: str, present: Mapping[str, object], generation: int) -> None:
        known = self._listed.get(document, {})
        self._listed[document] = {
            key: known[key] if key in known and known[key][0] == identity else (identity, generation)
            for key, identity in present.items()
        }

    def _is_about(self, document: str, key: str, identity: object, generation: int) -> bool:
        known = self._listed.get(document, {}).get(key)
        return known is not None and known[0] == identity and generation >= known[1]

    def _record_edge(self, tx: Transaction, report: EdgeReport) -> None:
        names = {binding.listener_arn: binding for binding in report.names}
        for binding in report.listeners:
            listener = tx.get(LISTENERS, binding.listener_arn)
            if listener is None:
                continue
            is_bound = binding.error is None
            name = names.get(binding.listener_arn)
            observed = replace(
                listener,
                bound_address=binding.address if is_bound else None,
                bound_port=binding.port if is_bound else None,
                bind_error=binding.error,
                name_port=name.port if name is not None and name.error is None else None,
                name_error=name.error if name is not None else None,
            )
            tx.put(LISTENERS, observed)
        for row in list(tx.all(LOAD_BALANCERS)):
            if row.state == "provisioning" and self._is_about(_EDGE, row.arn, None, report.generation):
                tx.put(LOAD_BALANCERS, replace(row, state="active", state_reason=None))

    def _record_group(self, tx: Transaction, report: GroupReport, now: datetime) -> None:
        for one in report.targets:
            health = _health(report.target_group_arn, one, now)
            target = tx.get(TARGETS, health.key)
            if target is None:
                continue
            identity = _registration(target)
            if not self._is_about(target.target_group_arn, target.key, identity, report.generation):
                continue
            known = tx.get(TARGET_HEALTH, health.key)
            # Only a change is worth a commit: balancers repeat themselves.
            if known is None or replace(known, reported_at=now) != health:
                tx.put(TARGET_HEALTH, health)


def _registration(target: Target) -> object:
    return (target.registered_at, target.registered_by, target.status)


def _health(target_group_arn: str, report: TargetReport, now: datetime) -> TargetHealth:
    return TargetHealth(
        target_group_arn=target_group_arn,
        id=report.id,
        port=report.port,
        state=report.state,
        reason=report.reason,
        description=report.description,
        is_drained=report.is_drained,
        is_anomalous=report.is_anomalous,
        is_mitigated=report.is_mitigated,
        reported_at=now,
    )


class BalancerConversations:
    """The balancers that are connected to this process."""

    def __init__(self, context: NodeContext) -> None:
        self._context = context
        self._current: set[BalancerConversation] = set()
        context.store.subscribe(self._hear)

    def __len__(self) -> int:
        return len(self._current)

    async def serve(self, session: NodeSession) -> None:
        """Converse with one balancer until its session ends."""
        conversation = BalancerConversation(self._context, session)
        self._current.add(conversation)
        _log.info("balancer connected")
        try:
            await conversation.run()
        except* SessionClosedError:
            _log.info("balancer disconnected")
        finally:
            self._current.discard(conversation)

    def close(self) -> None:
        """Have all conversations end."""
        for conversation in self._current:
            conversation.finish()

    def _hear(self, changes: Changes) -> None:
        for conversation in self._current:
            conversation.note(changes)
