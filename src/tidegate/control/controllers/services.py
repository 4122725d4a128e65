"""Services: load one service with its tasks and instances, plan, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.events import told_events, write_events
from tidegate.control.controllers.nodes import services_of_target
from tidegate.control.decisions.placement import Assignment, demand_of
from tidegate.control.decisions.services import (
    ServicePlan,
    ServiceSnapshot,
    Stop,
    TargetView,
    TaskView,
    history,
    plan,
    texts,
)
from tidegate.control.decisions.targets import host_port
from tidegate.control.decisions.task_health import task_health
from tidegate.control.decisions.task_tags import managed_tags
from tidegate.control.decisions.tasks import SCHEDULER_INITIATED, new_task, stop_task
from tidegate.control.rooms import room_on
from tidegate.control.service_history import current_deployment, follow_deployments, record_deployment
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    SERVICES,
    TARGET_HEALTH,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.arns import ArnMaker
from tidegate.domain.ecs import (
    ContainerInstance,
    LoadBalancerUse,
    Service,
    ServiceDeployment,
    Task,
    TaskDefinition,
)
from tidegate.domain.elbv2 import Target, TargetHealth
from tidegate.domain.elbv2.target import target_key


class Services:
    """Keyed by service."""

    name = "services"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        snapshot = self._context.store.snapshot
        # One commit may change every instance of a cluster: its services are looked up once.
        clusters: set[str] = set()
        for change in changes:
            row = change.new if change.new is not None else change.old
            if change.table is SERVICES:
                yield change.key
            elif isinstance(row, Task | ServiceDeployment) and row.service_arn:
                yield row.service_arn
            elif isinstance(row, Target) and row.registered_for:
                yield row.registered_for
            elif isinstance(row, TargetHealth):
                yield from services_of_target(snapshot, row)
            elif change.table is CONTAINER_INSTANCES and _read_of(change.old) != _read_of(change.new):
                clusters.add(row.cluster_arn)
        for cluster in clusters:
            yield from (service.arn for service in snapshot.by(SERVICES, "cluster", cluster))

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [service.arn for service in snapshot.all(SERVICES) if service.status != "INACTIVE"]

    async def reconcile(self, key: str) -> datetime | None:
        return await self._context.store.transact(lambda tx: self._step(tx, key))

    def _step(self, tx: Transaction, key: str) -> datetime | None:
        service = tx.get(SERVICES, key)
        if service is None or service.status == "INACTIVE":
            return None
        definition = tx.get(TASK_DEFINITIONS, service.task_definition_arn)
        if definition is None:
            # Revisions that a service uses are never deleted: the driver tells, and tries again.
            raise LookupError(f"the task definition {service.task_definition_arn} of {key} is not there")
        now = self._context.clock.now()
        decided = plan(self._load(tx, service, definition, now), now)
        self._commit(tx, definition, decided, now)
        return decided.next_look

    def _load(
        self, tx: Transaction, service: Service, definition: TaskDefinition, now: datetime
    ) -> ServiceSnapshot:
        tasks = sorted(tx.by(TASKS, "service", service.arn), key=lambda task: task.arn)
        views = _Views(tx, service)
        return ServiceSnapshot(
            service=service,
            tasks=[views.of(task) for task in tasks if task.last_status != "STOPPED"],
            stopped=[t for t in tasks if t.last_status == "STOPPED" and not t.is_outcome_counted],
            demand=demand_of(definition, service.placement_constraints, service.placement_strategy),
            instances=lambda: tx.by(CONTAINER_INSTANCES, "cluster", service.cluster_arn),
            room_of=lambda row: room_on(tx, row, now),
            deployment_number=self._context.ids.digits(19),
            stop_asked=history.asked_stop(current_deployment(tx, service)),
            told=told_events(tx, service),
        )

    def _commit(
        self, tx: Transaction, definition: TaskDefinition, decided: ServicePlan, now: datetime
    ) -> None:
        service = decided.service
        tx.put(SERVICES, service)
        for arn in decided.counted:
            task = tx.get(TASKS, arn)
            if task is not None:
                tx.put(TASKS, replace(task, is_outcome_counted=True))
        for arn in decided.healthy:
            task = tx.get(TASKS, arn)
            if task is not None:
                tx.put(TASKS, replace(task, healthy_at=now))
        started = [self._start(tx, service, definition, place, now) for place in decided.starts]
        events = [texts.started(started, decided.replaced)] if started else []
        events += decided.events
        events += _stop(tx, decided.stops, now)
        write_events(tx, service, events, self._context.ids, now)
        record_deployment(tx, service, self._context.ids, now)
        follow_deployments(tx, service, now)

    def _start(
        self, tx: Transaction, service: Service, definition: TaskDefinition, place: Assignment, now: datetime
    ) -> str:
        deployment_id = service.primary.id if service.primary else None
        settings = self._context.settings
        task = new_task(
            definition,
            demand_of(definition),
            place,
            cluster_arn=service.cluster_arn,
            group=f"service:{service.name}",
            arns=ArnMaker(region=settings.region, account=settings.account),
            ids=self._context.ids,
            now=now,
        )
        propagated = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}
        managed = managed_tags(service.cluster_arn, service.name) if service.enable_ecs_managed_tags else {}
        task = replace(
            task,
            service_arn=service.arn,
            deployment_id=deployment_id,
            started_by=deployment_id,
            enable_execute_command=service.enable_execute_command,
            tags={**propagated.get(service.propagate_tags, {}), **managed},
        )
        tx.put(TASKS, task)
        return task.arn


def _read_of(row: ContainerInstance | None) -> object:
    """What plans depend on of an instance. Versions, tags and times change more often, and wake nobody."""
    if row is None:
        return None
    return (
        row.status,
        row.agent_connected,
        row.resources,
        row.attributes,
        row.availability_zone,
        row.address,
        row.ec2_instance_id,
    )


def _stop(tx: Transaction, stops: Sequence[Stop], now: datetime) -> list[str]:
    """Stop tasks; the events for those that stop at once and that never ran. Of those that drain their
    targets tell."""
    running, pending = [], 0
    for stop in stops:
        task = tx.get(TASKS, stop.task_arn)
        if task is None:
            continue
        stopped = stop_task(
            task,
            has_targets=stop.has_targets,
            now=now,
            code=SCHEDULER_INITIATED,
            reason=stop.reason,
            has_failed_checks=stop.has_failed_checks,
        )
        tx.put(TASKS, stopped)
        if not stop.was_running:
            pending += 1
        elif stopped.last_status != "DEACTIVATING":
            running.append(task.arn)
    events = [texts.stopped(running)] if running else []
    if pending:
        events.append(texts.stopped_pending(pending))
    return events


class _Views:
    """Makes the views of one service's tasks; what many tasks share is looked up once."""

    def __init__(self, tx: Transaction, service: Service) -> None:
        self._tx = tx
        self._uses = {d.id: d.load_balancers for d in service.deployments}
        self._present_uses = service.load_balancers
        self._checked: dict[str, set[str]] = {}
        self._instances: dict[str, tuple[str, bool]] = {}

    def of(self, task: Task) -> TaskView:
        instance_id, is_draining = self._instance(task.container_instance_arn)
        uses = self._uses.get(task.deployment_id or "", self._present_uses)
        checked = self._checked_containers(task.task_definition_arn)
        return TaskView(
            task=task,
            targets=tuple(self._target(task, use, instance_id) for use in uses),
            has_health_check=bool(checked),
            container_health=task_health(task, checked) if checked else "UNKNOWN",
            is_on_draining_instance=is_draining,
        )

    def _target(self, task: Task, use: LoadBalancerUse, instance_id: str) -> TargetView:
        group_arn, port = use.target_group_arn, host_port(task, use) or 0
        key = target_key(group_arn, instance_id, port)
        target = self._tx.get(TARGETS, key)
        if target is None or target.registered_by != task.arn:
            return TargetView(target_group_arn=group_arn, instance_id=instance_id, port=port)
        # What the balancer last said of a target that drains may be of before.
        health = self._tx.get(TARGET_HEALTH, key) if target.status == "active" else None
        return TargetView(
            target_group_arn=group_arn,
            instance_id=instance_id,
            port=port,
            is_registered=True,
            state=health.state if health else "draining" if target.status == "draining" else None,
            description=health.description if health else None,
        )

    def _instance(self, arn: str) -> tuple[str, bool]:
        if arn not in self._instances:
            row = self._tx.get(CONTAINER_INSTANCES, arn)
            self._instances[arn] = (
                (row.ec2_instance_id or "", row.status == "DRAINING") if row else ("", False)
            )
        return self._instances[arn]

    def _checked_containers(self, definition_arn: str) -> set[str]:
        if definition_arn not in self._checked:
            definition = self._tx.get(TASK_DEFINITIONS, definition_arn)
            containers = definition.containers if definition else ()
            self._checked[definition_arn] = {c.name for c in containers if c.essential and c.health_check}
        return self._checked[definition_arn]
