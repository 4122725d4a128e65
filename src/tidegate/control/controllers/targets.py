"""Targets: of services' tasks, and those that the API deregistered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.events import told_events, write_events
from tidegate.control.controllers.nodes import services_of_target
from tidegate.control.decisions.targets import Host, TargetsSnapshot, plan, plan_deregistrations
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    INSTANCES,
    SERVICES,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
    TASKS,
)
from tidegate.domain.ecs import Service, Task
from tidegate.domain.elbv2 import Target, TargetHealth


class Targets:
    """Keyed by service."""

    name = "targets"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        for change in changes:
            row = change.new if change.new is not None else change.old
            if change.table is SERVICES:
                yield change.key
            elif isinstance(row, Task) and row.service_arn:
                yield row.service_arn
            elif isinstance(row, Target) and row.registered_for:
                yield row.registered_for
            elif isinstance(row, TargetHealth):
                yield from services_of_target(self._context.store.snapshot, row)

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [service.arn for service in snapshot.all(SERVICES)]

    async def reconcile(self, key: str) -> datetime | None:
        return await self._context.store.transact(lambda tx: self._step(tx, key))

    def _step(self, tx: Transaction, key: str) -> datetime | None:
        service = tx.get(SERVICES, key)
        if service is None:
            return None
        now = self._context.clock.now()
        decided = plan(_load(tx, service), now)
        for target in decided.puts:
            tx.put(TARGETS, target)
        for target_key in decided.removals:
            tx.delete(TARGETS, target_key)
            tx.delete(TARGET_HEALTH, target_key)
        for task in decided.tasks:
            tx.put(TASKS, task)
        told = told_events(tx, service) if decided.refusals else {}
        news = [text for text in decided.refusals if text not in told]
        write_events(tx, service, (*decided.events, *news), self._context.ids, now)
        return decided.next_look


def _load(tx: Transaction, service: Service) -> TargetsSnapshot:
    tasks = [task for task in tx.by(TASKS, "service", service.arn) if task.last_status != "STOPPED"]
    uses = {use.target_group_arn for use in service.load_balancers}
    uses |= {use.target_group_arn for d in service.deployments for use in d.load_balancers}
    uses |= {target.target_group_arn for target in tx.by(TARGETS, "service", service.arn)}
    groups = {arn: group for arn in uses if (group := tx.get(TARGET_GROUPS, arn)) is not None}
    return TargetsSnapshot(
        service=service,
        tasks=tasks,
        hosts={
            task.container_instance_arn: host
            for task in tasks
            if (host := host_of(tx, task.container_instance_arn)) is not None
        },
        groups=groups,
        targets={t.key: t for arn in uses for t in tx.by(TARGETS, "target_group", arn)},
        health={h.key: h for arn in uses for h in tx.by(TARGET_HEALTH, "target_group", arn)},
    )


def host_of(tx: Transaction, container_instance_arn: str) -> Host | None:
    """The EC2 instance and address behind a container instance."""
    row = tx.get(CONTAINER_INSTANCES, container_instance_arn)
    if row is None or row.address is None:
        return None
    instance = tx.get(INSTANCES, row.ec2_instance_id or "")
    return Host(
        ec2_instance_id=row.ec2_instance_id or row.arn.rsplit("/", 1)[-1],
        address=row.address,
        vpc_id=instance.vpc_id if instance else None,
        availability_zone=row.availability_zone,
    )


class Deregistrations:
    """Targets that no service owns: keyed by target group, removed when their drain is over."""

    name = "deregistrations"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        for change in changes:
            row = change.new if change.new is not None else change.old
            if isinstance(row, (Target, TargetHealth)):
                yield row.target_group_arn
            elif change.table is SERVICES and change.new is None:
                yield from (use.target_group_arn for use in row.load_balancers)
            elif change.table is TARGET_GROUPS:
                yield change.key

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return {target.target_group_arn for target in snapshot.all(TARGETS)}

    async def reconcile(self, key: str) -> datetime | None:
        return await self._context.store.transact(lambda tx: self._step(tx, key))

    def _step(self, tx: Transaction, key: str) -> datetime | None:
        targets = list(tx.by(TARGETS, "target_group", key))
        health = {row.key: row for row in tx.by(TARGET_HEALTH, "target_group", key)}
        owned = {t.key for t in targets if t.registered_for and tx.get(SERVICES, t.registered_for)}
        now = self._context.clock.now()
        decided = plan_deregistrations(tx.get(TARGET_GROUPS, key), targets, owned, health, now)
        for target_key in decided.removals:
            tx.delete(TARGETS, target_key)
        for target_key in health.keys() - ({target.key for target in targets} - set(decided.removals)):
            tx.delete(TARGET_HEALTH, target_key)
        return decided.next_look
