"""Services: load one service with its tasks and instances, plan, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.events import write_events
from tidegate.control.controllers.nodes import nodes_of_cluster
from tidegate.control.decisions.placement import Assignment, demand_of
from tidegate.control.decisions.services import ServicePlan, ServiceSnapshot, TaskView, plan
from tidegate.control.decisions.services.stopping import Stop
from tidegate.control.decisions.services.texts import task_list
from tidegate.control.decisions.tasks import stop_task
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    SERVICE_EVENTS,
    SERVICES,
    TARGET_HEALTH,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.arns import ArnMaker, arn_name
from tidegate.domain.ecs import Container, ContainerDefinition, Service, Task, TaskDefinition
from tidegate.domain.elbv2 import Target, TargetHealth


class Services:
    name = "services"

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
                yield from self._services_of_group(row.target_group_arn)
            elif change.table is CONTAINER_INSTANCES:
                yield from self._services_of_cluster(row.cluster_arn)

    def _services_of_group(self, target_group_arn: str) -> Iterable[str]:
        snapshot = self._context.store.snapshot
        return [service.arn for service in snapshot.by(SERVICES, "target_group", target_group_arn)]

    def _services_of_cluster(self, cluster_arn: str) -> Iterable[str]:
        snapshot = self._context.store.snapshot
        return [service.arn for service in snapshot.by(SERVICES, "cluster", cluster_arn)]

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
            return None
        now = self._context.clock.now()
        snapshot = self._load(tx, service, definition)
        decided = plan(snapshot, now)
        self._commit(tx, service, definition, decided, now)
        return decided.next_look

    def _load(self, tx: Transaction, service: Service, definition: TaskDefinition) -> ServiceSnapshot:
        tasks = sorted(tx.by(TASKS, "service", service.arn), key=lambda task: task.arn)
        events = {
            event.message.removeprefix(f"(service {service.name}) "): event.created_at
            for event in sorted(tx.by(SERVICE_EVENTS, "service", service.arn), key=lambda e: e.sequence)
            if service.primary is None or event.created_at >= service.primary.created_at
        }
        return ServiceSnapshot(
            service=service,
            cluster_name=arn_name(service.cluster_arn),
            tasks=[_view(tx, service, task) for task in tasks if task.last_status != "STOPPED"],
            stopped=[t for t in tasks if t.last_status == "STOPPED" and not t.is_outcome_counted],
            nodes=nodes_of_cluster(tx.state, service.cluster_arn, f"service:{service.name}"),
            demand=demand_of(definition, service.placement_constraints, service.placement_strategy),
            port_hint=int(self._context.ids.digits(6)),
            deployment_number=self._context.ids.digits(19),
            previous_events=events,
        )

    def _commit(
        self,
        tx: Transaction,
        service: Service,
        definition: TaskDefinition,
        decided: ServicePlan,
        now: datetime,
    ) -> None:
        tx.put(SERVICES, decided.service)
        for arn in decided.counted:
            self._mark(tx, arn, counted=True, now=now)
        for arn in decided.healthy:
            self._mark(tx, arn, counted=False, now=now)
        events = list(decided.events)
        started = [self._start(tx, decided.service, definition, place, now) for place in decided.starts]
        if started:
            text = f"has started {len(started)} tasks: {task_list(started)}."
            if decided.replaced:
                text += f" Amazon ECS replaced {decided.replaced} tasks due to an unhealthy status."
            events.insert(0, text)
        events += self._stop(tx, decided.stops, now)
        write_events(tx, service, events, self._context.ids, now)

    def _mark(self, tx: Transaction, arn: str, *, counted: bool, now: datetime) -> None:
        task = tx.get(TASKS, arn)
        if task is not None:
            tx.put(
                TASKS, replace(task, is_outcome_counted=True) if counted else replace(task, healthy_at=now)
            )

    def _start(
        self, tx: Transaction, service: Service, definition: TaskDefinition, place: Assignment, now: datetime
    ) -> str:
        primary = service.primary
        assert primary is not None
        settings = self._context.settings
        arns = ArnMaker(region=settings.region, account=settings.account)
        cluster, task_id = arn_name(service.cluster_arn), self._context.ids.hex(32)
        arn = arns.task(cluster, task_id)
        demand = demand_of(definition)
        tags = {**(service.tags if service.propagate_tags == "SERVICE" else {})}
        if service.propagate_tags == "TASK_DEFINITION":
            tags = {**definition.tags}
        tx.put(
            TASKS,
            Task(
                arn=arn,
                cluster_arn=service.cluster_arn,
                task_definition_arn=definition.arn,
                group=f"service:{service.name}",
                service_arn=service.arn,
                deployment_id=primary.id,
                started_by=primary.id,
                container_instance_arn=place.container_instance_arn,
                availability_zone=place.availability_zone,
                cpu=demand.cpu,
                memory_mib=demand.memory_mib,
                ports=place.ports,
                containers=tuple(
                    new_container(arns, cluster, task_id, container, self._context.ids.uuid())
                    for container in definition.containers
                ),
                created_at=now,
                tags=tags,
            ),
        )
        return arn

    def _stop(self, tx: Transaction, stops: Sequence[Stop], now: datetime) -> list[str]:
        """Stop tasks; the events for those that drain, that stop at once, and that never ran."""
        draining, running, pending = 0, [], 0
        for stop in stops:
            task = tx.get(TASKS, stop.task_arn)
            if task is None:
                continue
            stopped = stop_task(
                task, has_targets=stop.has_targets, now=now, code=stop.code, reason=stop.reason
            )
            tx.put(TASKS, stopped)
            if stopped.last_status == "DEACTIVATING":
                draining += 1
            elif stop.was_running:
                running.append(task.arn)
            else:
                pending += 1
        events = []
        if draining:
            events.append(f"has begun draining connections on {draining} tasks.")
        if running:
            events.append(f"has stopped {len(running)} running tasks: {task_list(running)}.")
        if pending:
            events.append(f"stopped {pending} pending tasks.")
        return events


def new_container(
    arns: ArnMaker, cluster: str, task_id: str, definition: ContainerDefinition, container_id: str
) -> Container:
    """A container before its agent has heard of it."""
    return Container(
        arn=arns.container(cluster, task_id, container_id), name=definition.name, image=definition.image
    )


def _view(tx: Transaction, service: Service, task: Task) -> TaskView:
    deployment = next((d for d in service.deployments if d.id == task.deployment_id), None)
    uses = deployment.load_balancers if deployment else service.load_balancers
    instance = tx.get(CONTAINER_INSTANCES, task.container_instance_arn)
    states: list[str | None] = []
    reasons: list[str | None] = []
    is_registered = False
    for use in uses:
        health = None
        for port in task.ports:
            if (port.container_name, port.container_port) != (use.container_name, use.container_port):
                continue
            key = f"{use.target_group_arn}|{instance.ec2_instance_id if instance else ''}|{port.host_port}"
            target = tx.get(TARGETS, key)
            if target is not None and target.registered_by == task.arn:
                is_registered = True
                health = tx.get(TARGET_HEALTH, key)
        states.append(health.state if health else None)
        reasons.append(f"Task failed ELB health checks in (target-group {use.target_group_arn})")
    definition = tx.get(TASK_DEFINITIONS, task.task_definition_arn)
    checked = (
        {c.name for c in definition.containers if c.essential and c.health_check} if definition else set()
    )
    return TaskView(
        task=task,
        target_states=tuple(states),
        target_reasons=tuple(reasons),
        has_health_check=bool(checked),
        container_health=container_health(task, checked),
        is_on_draining_instance=instance is not None and instance.status == "DRAINING",
        is_registered=is_registered,
    )


def container_health(task: Task, checked: set[str]) -> str:
    """The task's health over its essential containers that have a health check."""
    states = {container.health_status for container in task.containers if container.name in checked}
    if "UNHEALTHY" in states:
        return "UNHEALTHY"
    return "UNKNOWN" if "UNKNOWN" in states or not states else "HEALTHY"
