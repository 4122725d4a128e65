"""One service played against its own plans, without a store: for tests of the services decision.

`pass_` plans once and carries the plan out; the other methods are what nodes and users do meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tidegate.control.decisions.placement import Assignment, Room, demand_of, room_of
from tidegate.control.decisions.services import (
    ServicePlan,
    ServiceSnapshot,
    TargetView,
    TaskView,
    history,
    plan,
)
from tidegate.control.decisions.tasks import new_task, stop_task
from tidegate.domain.ecs import ContainerInstance, Deployment, Service, Task
from tidegate.testing.builders import ARNS, a_container_instance, a_definition, a_deployment, a_service
from tidegate.testing.clock import EPOCH
from tidegate.testing.ids import SeededIds

_ROOMY: dict[str, Any] = {"cpu": 100_000, "memory_mib": 100_000}


@dataclass
class ServicePlay:
    """`states`: what the balancer says of a task's target, by task ARN; absent means not registered.
    `healths`: what agents say of tasks whose container has a health check; None: no container has one."""

    service: Service
    instances: Sequence[ContainerInstance] = field(
        default_factory=lambda: [
            a_container_instance(
                number, zone=f"us-east-1{'abc'[number % 3]}", memory_mib=100_000, cpu=100_000
            )
            for number in range(1, 7)
        ]
    )
    tasks: dict[str, Task] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    healths: dict[str, str] | None = None
    stop_asked: history.StopType | None = None
    told: list[str] = field(default_factory=list)
    now: datetime = EPOCH
    ids: SeededIds = field(default_factory=SeededIds)

    @classmethod
    def running(cls, desired: int, *, is_checked: bool = False, **more: Any) -> ServicePlay:
        """A steady service: `desired` healthy tasks of a completed deployment."""
        play = cls(a_service(desired=desired, **more), healths={} if is_checked else None)
        play.until_rest()
        play.told.clear()
        return play

    @property
    def live(self) -> list[Task]:
        return [task for task in self.tasks.values() if task.last_status != "STOPPED"]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Live tasks of the PRIMARY deployment, of older ones, and stopping ones."""
        primary = self.service.primary
        wanted = [task for task in self.live if task.desired_status == "RUNNING"]
        new = sum(1 for task in wanted if primary is not None and task.deployment_id == primary.id)
        return new, len(wanted) - new, len(self.live) - len(wanted)

    @property
    def healthy(self) -> int:
        return sum(1 for view in self.views() if view.is_healthy(self.now))

    def deploy(self, number: int, **more: Any) -> None:
        """UpdateService with another revision."""
        deployment = a_deployment(number, created_at=self.now, updated_at=self.now, **more)
        deployment = replace(deployment, load_balancers=self.service.load_balancers)
        former: tuple[Deployment, ...] = tuple(replace(d, status="ACTIVE") for d in self.service.deployments)
        self.service = replace(
            self.service,
            deployments=(deployment, *former),
            task_definition_arn=deployment.task_definition_arn,
            steady_at=None,
        )

    def snapshot(self) -> ServiceSnapshot:
        stopped = [t for t in self.tasks.values() if t.last_status == "STOPPED" and not t.is_outcome_counted]
        return ServiceSnapshot(
            service=self.service,
            tasks=self.views(),
            stopped=stopped,
            demand=demand_of(a_definition()),
            instances=lambda: self.instances,
            room_of=self._room,
            deployment_number="7" * 19,
            stop_asked=self.stop_asked,
            told=dict.fromkeys(self.told, self.now),
        )

    def views(self) -> list[TaskView]:
        draining = {row.arn for row in self.instances if row.status == "DRAINING"}
        return [
            TaskView(
                task=task,
                targets=tuple(
                    TargetView(
                        target_group_arn=use.target_group_arn,
                        instance_id="i-1",
                        port=task.ports[0].host_port,
                        is_registered=task.arn in self.states,
                        state=self.states.get(task.arn),
                    )
                    for use in self.service.load_balancers
                ),
                has_health_check=self.healths is not None,
                container_health=(self.healths or {}).get(task.arn, "UNKNOWN"),
                is_on_draining_instance=task.container_instance_arn in draining,
            )
            for task in self.live
        ]

    def pass_(self) -> ServicePlan:
        """Plan, and carry the plan out."""
        decided = plan(self.snapshot(), self.now)
        self.service = decided.service
        for arn in decided.counted:
            self.tasks[arn] = replace(self.tasks[arn], is_outcome_counted=True)
        for arn in decided.healthy:
            self.tasks[arn] = replace(self.tasks[arn], healthy_at=self.now)
        for place in decided.starts:
            self._start(place)
        for stop in decided.stops:
            self.tasks[stop.task_arn] = stop_task(
                self.tasks[stop.task_arn],
                has_targets=stop.has_targets,
                now=self.now,
                code="ServiceSchedulerInitiated",
                reason=stop.reason,
                has_failed_checks=stop.has_failed_checks,
            )
        self.told += decided.events
        return decided

    def work(self) -> None:
        """Nodes do what they are told: pending tasks run and are healthy, stopping ones stop."""
        for arn, task in self.tasks.items():
            if task.last_status == "PENDING":
                self.tasks[arn] = replace(task, last_status="RUNNING", started_at=self.now)
                self.states[arn] = "healthy"
                if self.healths is not None:
                    self.healths[arn] = "HEALTHY"
            elif task.last_status in ("DEACTIVATING", "STOPPING"):
                self.end(arn)

    def end(self, arn: str, code: str | None = None, reason: str | None = None) -> None:
        """The task stops; without a code, because it was told to."""
        task = self.tasks[arn]
        self.states.pop(arn, None)
        self.tasks[arn] = replace(
            task,
            last_status="STOPPED",
            desired_status="STOPPED",
            stopped_at=self.now,
            stop_code=task.stop_code or code,
            stopped_reason=task.stopped_reason or reason or "told to",
        )

    def until_rest(
        self, *, after_each: Callable[[ServicePlay], None] | None = None, passes: int = 60
    ) -> None:
        """Pass after pass, 50 s apart, until the service is steady and nothing moves."""
        for _ in range(passes):
            decided = self.pass_()
            if after_each is not None:
                after_each(self)
            is_quiet = all(task.last_status == "RUNNING" for task in self.live)
            if not decided.starts and not decided.stops and is_quiet and self.service.steady_at is not None:
                return
            self.work()
            self.now += timedelta(seconds=50)
        raise AssertionError(f"no rest after {passes} passes: {self.counts}")

    def _start(self, place: Assignment) -> None:
        task = new_task(
            a_definition(),
            demand_of(a_definition()),
            place,
            cluster_arn=self.service.cluster_arn,
            group=f"service:{self.service.name}",
            arns=ARNS,
            ids=self.ids,
            now=self.now,
        )
        primary = self.service.primary
        self.tasks[task.arn] = replace(
            task, service_arn=self.service.arn, deployment_id=primary.id if primary else None
        )

    def _room(self, instance: ContainerInstance) -> Room:
        tasks = [task for task in self.tasks.values() if task.container_instance_arn == instance.arn]
        return room_of(instance, tasks, (), self.now)
