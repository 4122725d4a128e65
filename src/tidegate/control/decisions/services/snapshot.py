"""What the services decision looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tidegate.control.decisions.placement import Demand, Placement, Room, place
from tidegate.control.decisions.services.history import StopType
from tidegate.domain.ecs import ContainerInstance, Service, Task

# Without a load balancer and a health check a task counts as healthy once it has run this long: ECS's API
# reference says so of `minimumHealthyPercent` (DeploymentConfiguration).
UNCHECKED_HEALTHY_AFTER = timedelta(seconds=40)
# How long ECS bears a target that its load balancer does not use is not documented: as long as checks take to
# fail with AWS's defaults. Without any time, task would follow task.
UNUSED_FAILS_AFTER = timedelta(seconds=60)
# What a balancer says of a target that it has not probed yet. It is not knowing, not a bad result.
_NOT_PROBED = (None, "initial", "unavailable")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """A use of a load balancer by a task: where it registers, and what the balancer observes. `state` None:
    nothing is registered or reported yet."""

    target_group_arn: str
    instance_id: str = ""
    port: int = 0
    is_registered: bool = False
    state: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A live task with what is observed of it. `has_health_check`: an essential container has one, and
    `container_health` is its result. `is_on_draining_instance`: its place is to be emptied."""

    task: Task
    targets: tuple[TargetView, ...] = ()
    has_health_check: bool = False
    container_health: str = "UNKNOWN"
    is_on_draining_instance: bool = False

    @property
    def is_active(self) -> bool:
        return self.task.desired_status == "RUNNING"

    @property
    def is_running(self) -> bool:
        return self.task.last_status == "RUNNING"

    @property
    def is_registered(self) -> bool:
        return any(target.is_registered for target in self.targets)

    def is_healthy(self, now: datetime) -> bool:
        """Whether the task counts towards the minimum."""
        if not (self.is_active and self.is_running):
            return False
        if self.has_health_check and self.container_health != "HEALTHY":
            return False
        if self.targets:
            return all(target.state == "healthy" for target in self.targets)
        return self.has_health_check or self._has_proved_itself(now)

    def may_serve(self, now: datetime) -> bool:
        """Whether the task serves, or did and nothing speaks against it. A balancer that just came back
        has not probed yet: such a task does not count as healthy, but to stop it may still cost."""
        if self.is_healthy(now):
            return True
        if not (self.is_active and self.is_running) or self.task.healthy_at is None:
            return False
        return not self._fails_checks and all(
            target.state == "healthy" or target.state in _NOT_PROBED for target in self.targets
        )

    @property
    def is_last_resort(self) -> bool:
        """Whether the task serves when the load balancer fails open: it did serve, and nothing but its
        targets' health speaks against it."""
        return (
            self.is_active
            and self.is_running
            and self.is_registered
            and self.task.healthy_at is not None
            and not self._fails_checks
            and all(target.state != "unused" for target in self.targets)
        )

    def unhealthy_reason(self, grace: timedelta, now: datetime) -> str | None:
        """Why the task has to be replaced, in AWS's words; None when it has not."""
        since = self.unhealthy_from(grace)
        if since is None or now < since:
            return None
        if self._fails_checks:
            return "Task failed container health checks"
        group = self.failing_targets[0].target_group_arn
        return f"Task failed ELB health checks in (target-group {group})"

    def unhealthy_from(self, grace: timedelta) -> datetime | None:
        """From when on the task has to be replaced, unless something changes; None when nothing is wrong."""
        started_at = self.task.started_at
        if started_at is None or not (self.is_active and self.is_running):
            return None
        states = {target.state for target in self.failing_targets}
        if self._fails_checks or "unhealthy" in states:
            return started_at + grace
        return started_at + max(grace, UNUSED_FAILS_AFTER) if states else None

    @property
    def failing_targets(self) -> Sequence[TargetView]:
        """Those that are unhealthy, or unused: in a zone that the load balancer does not serve."""
        return [target for target in self.targets if target.state in ("unhealthy", "unused")]

    @property
    def _fails_checks(self) -> bool:
        return self.has_health_check and self.container_health == "UNHEALTHY"

    def _has_proved_itself(self, now: datetime) -> bool:
        started_at = self.task.started_at
        return started_at is not None and now - started_at >= UNCHECKED_HEALTHY_AFTER


@dataclass(frozen=True)
class ServiceSnapshot:
    """One service and everything its next step depends on.

    `tasks`: the live ones. `stopped`: those whose end is not counted yet. `instances` and `room_of` are
    asked only when a task needs a place. `deployment_number`: 19 digits for a roll-back, should there be
    one. `stop_asked`: what a user asked of the PRIMARY deployment. `told`: texts of events since the service
    was last steady, with the time of the newest.
    """

    service: Service
    tasks: Sequence[TaskView]
    demand: Demand
    instances: Callable[[], Iterable[ContainerInstance]]
    room_of: Callable[[ContainerInstance], Room]
    deployment_number: str
    stop_asked: StopType | None = None
    stopped: Sequence[Task] = ()
    told: Mapping[str, datetime] = field(default_factory=dict)

    @cached_property
    def desired(self) -> int:
        return self.service.desired_count if self.service.status == "ACTIVE" else 0

    @cached_property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.service.health_check_grace_period_seconds or 0)

    def place(self, count: int) -> Placement:
        """Places for tasks of the PRIMARY deployment's definition."""
        wanted = Counter(view.task.container_instance_arn for view in self.tasks if view.is_active)
        return place(
            self.instances(),
            self.demand,
            count,
            group_tasks=wanted,
            room_of=self.room_of,
            salt=self.service.name,
        )


class Look:
    """A snapshot at an instant, with what every step of a plan asks of its tasks worked out once."""

    def __init__(self, snapshot: ServiceSnapshot, now: datetime) -> None:
        self.snapshot = snapshot
        self.now = now
        self._sick: dict[str, str] = {}
        self._healthy: set[str] = set()
        self._serving: set[str] = set()
        self._shielded: set[str] = set()
        for view in snapshot.tasks:
            arn = view.task.arn
            reason = view.unhealthy_reason(snapshot.grace, now)
            if reason is not None:
                self._sick[arn] = reason
            elif self._is_shielded(view):
                self._shielded.add(arn)
            if view.is_healthy(now):
                self._healthy.add(arn)
                self._serving.add(arn)
            elif view.may_serve(now):
                self._serving.add(arn)

    @property
    def tasks(self) -> Sequence[TaskView]:
        return self.snapshot.tasks

    @property
    def desired(self) -> int:
        return self.snapshot.desired

    def is_healthy(self, view: TaskView) -> bool:
        return view.task.arn in self._healthy

    def may_serve(self, view: TaskView) -> bool:
        return view.task.arn in self._serving

    def sickness(self, view: TaskView) -> str | None:
        """Why the task has to be replaced."""
        return self._sick.get(view.task.arn)

    def is_shielded(self, view: TaskView) -> bool:
        """Whether neither scale-in nor a deployment may stop the task: it is protected. Bad health, an
        instance that is to be emptied and the end of its service may."""
        return view.task.arn in self._shielded

    @property
    def shielded(self) -> list[TaskView]:
        return [view for view in self.tasks if view.task.arn in self._shielded] if self._shielded else []

    @property
    def sick(self) -> list[TaskView]:
        return [view for view in self.tasks if view.task.arn in self._sick] if self._sick else []

    def _is_shielded(self, view: TaskView) -> bool:
        return (
            view.task.is_protected(self.now)
            and view.is_active
            and not view.is_on_draining_instance
            and self.snapshot.service.status == "ACTIVE"
        )
