"""What users ask for: the desired rows as the API writes them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tidegate.control.decisions.services import history
from tidegate.control.decisions.targets import drain
from tidegate.control.decisions.task_protection import (
    protected,
    refusal_to_change,
    refusal_to_protect,
    unprotected,
)
from tidegate.control.decisions.tasks import stop_task
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    INSTANCES,
    SCALABLE_TARGETS,
    SCHEDULED_ACTIONS,
    SERVICE_DEPLOYMENTS,
    SERVICES,
    TARGET_GROUPS,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import (
    CircuitBreaker,
    Deployment,
    DeploymentConfiguration,
    HealthCheckCommand,
    Service,
    TaskDefinition,
)
from tidegate.domain.elbv2 import Target
from tidegate.domain.ids import Ids
from tidegate.testing.builders import ARNS, a_definition, a_deployment, a_group, a_service
from tidegate.testing.region.agents import Quality
from tidegate.testing.scaling import a_scalable_target, an_action

Action = Callable[[Transaction], None]

NAMES = ("web", "api", "jobs", "fixed", "checked", "worker")
# Services without a load balancer, and those whose containers have a health check.
_WITHOUT_GROUP = ("jobs", "worker")
CHECKED = ("checked", "worker")
_HEALTH_CHECK = HealthCheckCommand(command=("CMD", "true"))
# (minimum, maximum): the usual ones, and those that stop before they start.
_WINDOWS = ((100, 200), (50, 200), (50, 150), (50, 100), (0, 100), (0, 200), (75, 150))
_DESIRED_MAX = 5


class Users:
    """Each method gives one request as a transaction, or None when there is nothing to ask."""

    def __init__(self, chance: random.Random, ids: Ids) -> None:
        self._chance = chance
        self._ids = ids
        self.qualities: dict[str, Quality] = {}

    def ask(self, snapshot: Snapshot, now: datetime) -> Action | None:
        """A request of some user."""
        requests = (
            (self._create, 3),
            (self._deploy, 4),
            (self._scale, 4),
            (self._make_scalable, 2),
            (self._stop_task, 3),
            (self._protect_task, 3),
            (self._drain_or_restore, 2),
            (self._deregister_target, 1),
            (self._stop_deployment, 2),
            (self._delete, 1),
        )
        request = self._chance.choices([r for r, _ in requests], [weight for _, weight in requests])[0]
        return request(snapshot, now)

    def make_whole(self, service: Service, now: datetime) -> Action:
        """The request that ends all trouble: a good image, and a window that always moves."""

        def action(tx: Transaction) -> None:
            definition = self._register(tx, service.name, Quality.GOOD)
            row = replace(service, deployment_configuration=DeploymentConfiguration())
            tx.put(SERVICES, self._deployed(row, definition, now))

        return action

    def _create(self, snapshot: Snapshot, now: datetime) -> Action | None:
        taken = {s.name for s in snapshot.all(SERVICES) if s.status != "INACTIVE"}
        free = [name for name in NAMES if name not in taken]
        if not free:
            return None
        name = self._chance.choice(free)

        def action(tx: Transaction) -> None:
            definition = self._register(tx, name, self._quality())
            group = ARNS.target_group(name, f"{NAMES.index(name):016x}")
            has_group = name not in _WITHOUT_GROUP
            if has_group and tx.get(TARGET_GROUPS, group) is None:
                tx.put(TARGET_GROUPS, a_group(arn=group, delay=self._chance.choice((0, 10, 30))))
            minimum, maximum = self._chance.choice(_WINDOWS)
            service = a_service(
                name,
                desired=self._desired(name),
                minimum=minimum,
                maximum=maximum,
                breaker=self._breaker(),
                group_arn=group if has_group else None,
                deployments=(self._deployment(definition, now),),
                health_check_grace_period_seconds=self._chance.choice((0, 5, 20)),
                created_at=now,
            )
            tx.put(SERVICES, service)

        return action

    def _deploy(self, snapshot: Snapshot, now: datetime) -> Action | None:
        service = self._some_service(snapshot)
        if service is None:
            return None

        def action(tx: Transaction) -> None:
            # Forced: the same definition again.
            definition = tx.get(TASK_DEFINITIONS, service.task_definition_arn)
            if definition is None or self._chance.random() < 0.7:
                definition = self._register(tx, service.name, self._quality())
            tx.put(SERVICES, self._deployed(service, definition, now))

        return action

    def _scale(self, snapshot: Snapshot, now: datetime) -> Action | None:  # noqa: ARG002 - one signature
        service = self._some_service(snapshot)
        if service is None:
            return None
        desired = self._desired(service.name)
        return lambda tx: tx.put(SERVICES, replace(service, desired_count=desired))

    def _make_scalable(self, snapshot: Snapshot, now: datetime) -> Action | None:
        """Bounds that take effect at once, and others within minutes."""
        service = self._some_service(snapshot)
        if service is None:
            return None
        named = service.arn.split(":", 5)[5]
        low, high = sorted((self._desired(service.name), self._desired(service.name)))
        later, limit = now + timedelta(seconds=self._chance.randint(60, 300)), self._desired(service.name)
        action_id = self._ids.uuid()

        def action(tx: Transaction) -> None:
            known = tx.get(SCALABLE_TARGETS, named)
            row = known or a_scalable_target(
                resource_id=named, service_arn=service.arn, arn=ARNS.scalable_target(action_id)
            )
            tx.put(SCALABLE_TARGETS, replace(row, min_capacity=low, max_capacity=high, is_bounds_new=True))
            scheduled = an_action(
                "later",
                f"at({later:%Y-%m-%dT%H:%M:%S})",
                arn=ARNS.scheduled_action(action_id, named, "later"),
                resource_id=named,
                max_capacity=limit,
                next_at=later,
            )
            tx.put(SCHEDULED_ACTIONS, scheduled)

        return action

    def _stop_task(self, snapshot: Snapshot, now: datetime) -> Action | None:
        running = sorted(t.arn for t in snapshot.all(TASKS) if t.desired_status == "RUNNING")
        if not running:
            return None
        arn = self._chance.choice(running)

        def action(tx: Transaction) -> None:
            task = tx.get(TASKS, arn)
            if task is None:
                return
            has_targets = any(target.registered_by == arn for target in tx.all(TARGETS))
            code, reason = "UserInitiated", "Task stopped by user"
            tx.put(TASKS, stop_task(task, has_targets=has_targets, now=now, code=code, reason=reason))

        return action

    def _protect_task(self, snapshot: Snapshot, now: datetime) -> Action | None:
        """UpdateTaskProtection: for some minutes, or no longer."""
        owned = sorted(t.arn for t in snapshot.all(TASKS) if t.service_arn and t.desired_status == "RUNNING")
        if not owned:
            return None
        arn, minutes = self._chance.choice(owned), self._chance.choice((0, 1, 2, 3))

        def action(tx: Transaction) -> None:
            task = tx.get(TASKS, arn)
            service = tx.get(SERVICES, task.service_arn) if task and task.service_arn else None
            if task is None or service is None or refusal_to_change(task) is not None:
                return
            if minutes == 0:
                tx.put(TASKS, unprotected(task))
            elif refusal_to_protect(task, service, tx.by(TASKS, "service", service.arn), now) is None:
                tx.put(TASKS, protected(task, now, minutes))

        return action

    def _drain_or_restore(self, snapshot: Snapshot, now: datetime) -> Action | None:  # noqa: ARG002
        rows = sorted(snapshot.all(CONTAINER_INSTANCES), key=lambda row: row.arn)
        if not rows:
            return None
        row = self._chance.choice(rows)
        status = {"ACTIVE": "DRAINING", "DRAINING": "ACTIVE"}.get(row.status, row.status)
        return lambda tx: tx.put(CONTAINER_INSTANCES, replace(row, status=status))

    def _deregister_target(self, snapshot: Snapshot, now: datetime) -> Action | None:
        targets = sorted((t for t in snapshot.all(TARGETS) if t.status == "active"), key=lambda t: t.key)
        if not targets:
            return None
        target: Target = self._chance.choice(targets)
        group = snapshot.get(TARGET_GROUPS, target.target_group_arn)
        return (lambda tx: tx.put(TARGETS, drain(target, group, now))) if group else None

    def _stop_deployment(self, snapshot: Snapshot, now: datetime) -> Action | None:
        """StopServiceDeployment of one that is under way."""
        opened = sorted(
            (row for row in snapshot.all(SERVICE_DEPLOYMENTS) if row.is_open), key=lambda row: row.arn
        )
        if not opened:
            return None
        stop_type: history.StopType = self._chance.choice(("ROLLBACK", "ROLLBACK", "ABORT"))
        arn = self._chance.choice(opened).arn

        def action(tx: Transaction) -> None:
            row = tx.get(SERVICE_DEPLOYMENTS, arn)
            asked = history.asked_to_stop(row, stop_type, now) if row else None
            if asked is not None:
                tx.put(SERVICE_DEPLOYMENTS, asked)

        return action

    def _delete(self, snapshot: Snapshot, now: datetime) -> Action | None:  # noqa: ARG002
        service = self._some_service(snapshot)
        if service is None:
            return None
        return lambda tx: tx.put(SERVICES, replace(service, status="DRAINING", desired_count=0))

    def activate(self, container_instance_arn: str) -> Action:
        """UpdateContainerInstancesState to ACTIVE."""

        def action(tx: Transaction) -> None:
            row = tx.get(CONTAINER_INSTANCES, container_instance_arn)
            if row is not None and row.status == "DRAINING":
                tx.put(CONTAINER_INSTANCES, replace(row, status="ACTIVE"))

        return action

    def terminate(self, ec2_id: str) -> Action:
        """TerminateInstances."""

        def action(tx: Transaction) -> None:
            row = tx.get(INSTANCES, ec2_id)
            if row is not None and row.state == "running":
                tx.put(INSTANCES, replace(row, state="shutting-down"))

        return action

    def _some_service(self, snapshot: Snapshot) -> Service | None:
        services = sorted((s for s in snapshot.all(SERVICES) if s.status == "ACTIVE"), key=lambda s: s.arn)
        return self._chance.choice(services) if services else None

    def _deployed(self, service: Service, definition: TaskDefinition, now: datetime) -> Service:
        deployment = replace(self._deployment(definition, now), load_balancers=service.load_balancers)
        former = tuple(replace(d, status="ACTIVE") for d in service.deployments)
        return replace(
            service,
            task_definition_arn=definition.arn,
            deployments=(deployment, *former),
            steady_at=None,
        )

    def _deployment(self, definition: TaskDefinition, now: datetime) -> Deployment:
        return replace(
            a_deployment(),
            id=f"ecs-svc/{self._ids.digits(19)}",
            task_definition_arn=definition.arn,
            created_at=now,
            updated_at=now,
        )

    def _register(self, tx: Transaction, name: str, quality: Quality) -> TaskDefinition:
        revision = sum(1 for _ in tx.by(TASK_DEFINITIONS, "family", name)) + 1
        # The service `fixed` insists on one host port, so an instance has room for one of its tasks.
        definition = a_definition(revision, family=name, host_port=8000 if name == "fixed" else 0)
        if name in CHECKED:
            (container,) = definition.containers
            definition = replace(definition, containers=(replace(container, health_check=_HEALTH_CHECK),))
        self.qualities[definition.arn] = quality
        tx.put(TASK_DEFINITIONS, definition)
        return definition

    def _quality(self) -> Quality:
        return self._chance.choices(list(Quality), (7, 1, 1, 1))[0]

    def _desired(self, name: str) -> int:
        return self._chance.randint(0, 2 if name == "fixed" else _DESIRED_MAX)

    def _breaker(self) -> CircuitBreaker:
        is_on = self._chance.random() < 0.5
        return CircuitBreaker(enable=is_on, rollback=is_on and self._chance.random() < 0.6)
