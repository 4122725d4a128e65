"""What the services decision looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tidegate.control.decisions.placement import Demand, Node
from tidegate.domain.ecs import Service, Task

# Without a load balancer and a health check a task counts as healthy once it has run this long
# (measured on ECS: a deployment of such a service completes no earlier).
UNCHECKED_HEALTHY_AFTER = timedelta(seconds=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A live task with what is observed of it.

    `target_states`: one entry per load balancer use of its service, None where no target is registered
    or reported yet. `has_health_check`: an essential container has one. `is_on_draining_instance`: its
    place is to be emptied.
    """

    task: Task
    target_states: tuple[str | None, ...] = ()
    target_reasons: tuple[str | None, ...] = ()
    has_health_check: bool = False
    container_health: str = "UNKNOWN"
    is_on_draining_instance: bool = False
    is_registered: bool = False

    @property
    def is_active(self) -> bool:
        return self.task.desired_status == "RUNNING"

    @property
    def is_running(self) -> bool:
        return self.task.last_status == "RUNNING"

    def is_healthy(self, now: datetime) -> bool:
        """Whether the task counts towards the minimum."""
        task = self.task
        if not (self.is_active and self.is_running):
            return False
        if self.has_health_check and self.container_health != "HEALTHY":
            return False
        if self.target_states:
            return all(self._serves(state) for state in self.target_states)
        if self.has_health_check:
            return True
        return task.started_at is not None and now - task.started_at >= UNCHECKED_HEALTHY_AFTER

    def _serves(self, state: str | None) -> bool:
        # A balancer that just came back has not probed yet. That is not knowing, which must not turn a
        # task that was healthy into one that may be stopped.
        is_unknown = state in (None, "initial", "unavailable")
        return state == "healthy" or (is_unknown and self.task.healthy_at is not None)

    def unhealthy_reason(self, grace: timedelta, now: datetime) -> str | None:
        """Why the task has to be replaced, in AWS's words; None when it has not."""
        started_at = self.task.started_at
        if not (self.is_active and self.is_running) or started_at is None or now - started_at < grace:
            return None
        if self.has_health_check and self.container_health == "UNHEALTHY":
            return "Task failed container health checks"
        for state, reason in zip(self.target_states, self.target_reasons, strict=True):
            if state == "unhealthy":
                return reason or "Task failed ELB health checks"
        return None


@dataclass(frozen=True)
class ServiceSnapshot:
    """One service and everything its next step depends on.

    `stopped`: its tasks that have stopped and are not yet counted in a deployment's failures. `ids`:
    fresh identifiers for what the plan may create, in the order it creates them: task ids are hex,
    `deployment_number` has 19 digits.
    """

    service: Service
    cluster_name: str
    tasks: Sequence[TaskView]
    stopped: Sequence[Task]
    nodes: Sequence[Node]
    demand: Demand
    port_hint: int
    deployment_number: str
    previous_events: Mapping[str, datetime]

    @cached_property
    def desired(self) -> int:
        return self.service.desired_count if self.service.status == "ACTIVE" else 0

    @cached_property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.service.health_check_grace_period_seconds or 0)
