"""Scaling: load one scalable target with its service, policies and schedules, plan, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import structlog

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.desired_count import with_desired_count
from tidegate.control.decisions.scaling import PolicyView, ScalingPlan, ScalingSnapshot, plan
from tidegate.control.decisions.scaling.snapshot import ServiceView
from tidegate.control.scaling_alarms import alarms_calling, keep_alarms, policies_named
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import (
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SERVICES,
    TASKS,
)
from tidegate.domain.cloudwatch import MetricAlarm
from tidegate.domain.ecs import Service, Task
from tidegate.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction
from tidegate.domain.time import time_zone

_log = structlog.get_logger(__name__)


class Scaling:
    """Keyed by scalable target."""

    name = "scaling"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        snapshot = self._context.store.snapshot
        for change in changes:
            row = change.new if change.new is not None else change.old
            if isinstance(row, ScalableTarget | ScalingPolicy | ScheduledAction | ScalingActivity):
                yield row.resource_id
            elif isinstance(row, Service):
                yield from _targets_of(snapshot, row.arn)
            elif isinstance(row, MetricAlarm):
                yield from (policy.resource_id for policy in policies_named(snapshot, row))
            elif isinstance(row, Task) and row.service_arn and _moves_running(change):
                yield from _targets_of(snapshot, row.service_arn)

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.resource_id for row in snapshot.all(SCALABLE_TARGETS)]

    async def reconcile(self, key: str) -> datetime | None:
        now = self._context.clock.now()
        decided = await self._context.store.transact(lambda tx: self._step(tx, key, now))
        if decided is None:
            return None
        for activity in decided.activities:
            if not activity.id:
                _log.info(
                    "scaling activity",
                    target=key,
                    description=activity.description,
                    cause=activity.cause,
                    status=activity.status_code,
                    reasons=[reason.code for reason in activity.reasons],
                )
        return decided.next_look

    def _step(self, tx: Transaction, key: str, now: datetime) -> ScalingPlan | None:
        target = tx.get(SCALABLE_TARGETS, key)
        if target is None:
            return None
        service = tx.get(SERVICES, target.service_arn)
        if service is not None and service.status != "ACTIVE":
            service = None
        for policy in tx.by(SCALING_POLICIES, "target", key):
            keep_alarms(tx, policy, now)
        decided = plan(self._load(tx, target, service), now)
        self._commit(tx, service, decided)
        return decided

    def _load(self, tx: Transaction, target: ScalableTarget, service: Service | None) -> ScalingSnapshot:
        named = target.resource_id
        policies = sorted(tx.by(SCALING_POLICIES, "target", named), key=lambda row: row.name)
        return ScalingSnapshot(
            target=target,
            service=_service_view(tx, service) if service else None,
            zone_of=_zone,
            policies=[PolicyView(policy=row, alarms=alarms_calling(tx, row)) for row in policies],
            actions=sorted(tx.by(SCHEDULED_ACTIONS, "target", named), key=lambda row: row.name),
            open_activities=sorted(tx.by(SCALING_ACTIVITIES, "open", named), key=lambda row: row.number),
            cooldown_scale=1 / self._context.scaling_speed,
        )

    def _commit(self, tx: Transaction, service: Service | None, decided: ScalingPlan) -> None:
        if service is not None and decided.desired is not None:
            tx.put(SERVICES, with_desired_count(service, decided.desired))
        tx.put(SCALABLE_TARGETS, decided.target)
        for policy in decided.policies:
            tx.put(SCALING_POLICIES, policy)
        for action in decided.actions:
            tx.put(SCHEDULED_ACTIONS, action)
        for activity in decided.activities:
            tx.put(SCALING_ACTIVITIES, replace(activity, id=activity.id or self._context.ids.uuid()))


def _targets_of(snapshot: Snapshot, service_arn: str) -> Iterable[str]:
    return (row.resource_id for row in snapshot.by(SCALABLE_TARGETS, "service", service_arn))


def _moves_running(change: Change) -> bool:
    """Whether a task came to be RUNNING, or ceased to be."""
    before, after = (row is not None and row.last_status == "RUNNING" for row in (change.old, change.new))
    return before != after


def _service_view(tx: Transaction, service: Service) -> ServiceView:
    tasks = tx.by(TASKS, "service", service.arn)
    primary = service.primary
    return ServiceView(
        desired=service.desired_count,
        running=sum(1 for task in tasks if task.last_status == "RUNNING"),
        is_deploying=primary is not None and primary.rollout_state == "IN_PROGRESS",
    )


def _zone(name: str) -> tzinfo:
    # Zones are checked where they come in; one that the machine has lost since is no reason to stop.
    return time_zone(name) or UTC
