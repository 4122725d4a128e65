"""One pass over one service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.placement import Assignment, place
from tidegate.control.decisions.services import failures
from tidegate.control.decisions.services.snapshot import (
    UNCHECKED_HEALTHY_AFTER,
    ServiceSnapshot,
    TaskView,
)
from tidegate.control.decisions.services.stopping import Stop, choose_stops
from tidegate.control.decisions.services.texts import placement_event
from tidegate.control.decisions.services.window import bounds
from tidegate.domain.ecs import Deployment, Service

STARTS_PER_PASS_MAX = 50
PLACEMENT_RETRY = timedelta(seconds=3)
EVENT_REPEAT_AFTER = timedelta(hours=6)
STUCK = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
    "Update the minimumHealthyPercent or maximumPercent value and try again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """What should change. `service`: as it should be. `starts`: places for tasks of the PRIMARY
    deployment; the controller makes the tasks and the event that lists them. `healthy`: tasks seen
    healthy for the first time. `counted`: stopped tasks now entered in the counts. `events`: texts
    without their prefix. `next_look`: when time alone may change the plan."""

    service: Service
    starts: tuple[Assignment, ...] = ()
    replaced: int = 0
    stops: tuple[Stop, ...] = ()
    healthy: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    next_look: datetime | None = None


def plan(snapshot: ServiceSnapshot, now: datetime) -> ServicePlan:
    """The next step of a service; an empty plan (nothing but the service itself) when there is none."""
    counted = failures.count_failures(snapshot.service, snapshot.stopped, now)
    service = _without_failures(counted.service, snapshot.tasks)
    tripped = failures.trip_breaker(service, snapshot.desired, snapshot.deployment_number, now)
    service = _without_finished(tripped.service, snapshot.tasks)
    events = [*counted.events, *tripped.events]

    starts, start_events, retry_at = _starts(snapshot, service, now)
    events += _not_repeated(start_events, snapshot, now)
    stops = choose_stops(snapshot, service, len(starts), now)
    replaced = sum(1 for view in snapshot.tasks if view.unhealthy_reason(snapshot.grace, now))
    is_stuck = not starts and not stops and _is_stuck(snapshot, service)
    if is_stuck:
        events += _not_repeated((STUCK,), snapshot, now)
    if starts or stops:
        service = replace(service, steady_at=None)
    service, steady_events = _settled(snapshot, service, bool(starts or stops), now)
    return ServicePlan(
        service=service,
        starts=starts,
        replaced=min(replaced, len(starts)),
        stops=stops,
        healthy=tuple(
            view.task.arn for view in snapshot.tasks if view.task.healthy_at is None and view.is_healthy(now)
        ),
        counted=tuple(task.arn for task in snapshot.stopped),
        events=tuple(events + steady_events),
        next_look=_next_look(snapshot, service, retry_at, now),
    )


def _without_failures(service: Service, tasks: Sequence[TaskView]) -> Service:
    """One task of the PRIMARY deployment that runs ends the row of failed launches."""
    primary = service.primary
    if primary is None or not primary.failed_tasks:
        return service
    if not any(view.is_running and view.task.deployment_id == primary.id for view in tasks):
        return service
    return failures.with_deployment(service, replace(primary, failed_tasks=0, next_start_at=None))


def _without_finished(service: Service, tasks: Sequence[TaskView]) -> Service:
    """Older deployments leave the list with their last task."""
    present = {view.task.deployment_id for view in tasks}
    kept = tuple(d for d in service.deployments if d.status == "PRIMARY" or d.id in present)
    gone = [d for d in service.deployments if d not in kept and d.completed_at is not None]
    last = max(gone, key=lambda d: d.created_at, default=service.last_completed)
    if kept == service.deployments and last == service.last_completed:
        return service
    return replace(service, deployments=kept, last_completed=last)


def _starts(
    snapshot: ServiceSnapshot, service: Service, now: datetime
) -> tuple[tuple[Assignment, ...], tuple[str, ...], datetime | None]:
    """Places for missing tasks, the event when some find none, and when to try again."""
    primary = service.primary
    if primary is None or service.status != "ACTIVE" or primary.rollout_state == "FAILED":
        return (), (), None
    if primary.next_start_at is not None and now < primary.next_start_at:
        return (), (), primary.next_start_at
    if primary.task_definition_arn != snapshot.service.task_definition_arn:
        # A roll-back was decided in this pass: the next one sees its definition's demand.
        return (), (), now
    wanted = snapshot.desired - sum(1 for view in snapshot.tasks if _is_kept(view, primary, snapshot, now))
    _, upper = bounds(service, snapshot.desired)
    room = upper - sum(1 for view in snapshot.tasks if _takes_room(view))
    count = min(wanted, room, STARTS_PER_PASS_MAX)
    if count <= 0:
        return (), (), None
    placement = place(snapshot.nodes, snapshot.demand, count, snapshot.port_hint)
    if len(placement.assignments) == count:
        return placement.assignments, (), now if count == STARTS_PER_PASS_MAX else None
    return placement.assignments, (placement_event(placement.refusals),), now + PLACEMENT_RETRY


def _is_kept(view: TaskView, primary: Deployment, snapshot: ServiceSnapshot, now: datetime) -> bool:
    """Whether the task is one that the PRIMARY deployment wants to have."""
    return (
        view.is_active
        and view.task.deployment_id == primary.id
        and not view.is_on_draining_instance
        and view.unhealthy_reason(snapshot.grace, now) is None
    )


def _takes_room(view: TaskView) -> bool:
    """Whether a task counts towards the maximum. One that a user stopped does not: its replacement must
    not wait for its draining, which in turn waits for the replacement."""
    return view.is_active or view.task.stop_code != "UserInitiated"


def _is_stuck(snapshot: ServiceSnapshot, service: Service) -> bool:
    """The percentages allow neither a start nor a stop, and nothing is on its way that would."""
    primary = service.primary
    if primary is None or not snapshot.tasks or primary.rollout_state != "IN_PROGRESS":
        return False
    lower, upper = bounds(service, snapshot.desired)
    is_settled = all(view.is_active and view.is_running for view in snapshot.tasks)
    has_old = any(view.task.deployment_id != primary.id for view in snapshot.tasks)
    return is_settled and has_old and len(snapshot.tasks) >= upper and lower >= upper


def _settled(
    snapshot: ServiceSnapshot, service: Service, is_moving: bool, now: datetime
) -> tuple[Service, list[str]]:
    """Complete the deployment and tell the steady state, once nothing is left to do."""
    primary = service.primary
    if service.status == "DRAINING" and not snapshot.tasks:
        return replace(service, status="INACTIVE", deployments=(), deleted_at=now), []
    if primary is None or is_moving or primary.rollout_state == "FAILED" or service.status != "ACTIVE":
        return service, []
    is_whole = len(snapshot.tasks) == snapshot.desired and all(
        view.is_healthy(now) and view.task.deployment_id == primary.id for view in snapshot.tasks
    )
    if not is_whole:
        return (replace(service, steady_at=None) if service.steady_at else service), []
    events = []
    if primary.rollout_state != "COMPLETED":
        completed = replace(
            primary,
            rollout_state="COMPLETED",
            rollout_state_reason=f"ECS deployment {primary.id} completed.",
            completed_at=now,
            updated_at=now,
        )
        service = failures.with_deployment(service, completed)
        events.append(f"(deployment {primary.id}) deployment completed.")
    if service.steady_at is None or now - service.steady_at >= EVENT_REPEAT_AFTER:
        service = replace(service, steady_at=now)
        events.append("has reached a steady state.")
    return service, events


def _not_repeated(texts: Sequence[str], snapshot: ServiceSnapshot, now: datetime) -> list[str]:
    """Texts that were not told already since the condition began."""
    return [
        text
        for text in texts
        if text not in snapshot.previous_events or now - snapshot.previous_events[text] >= EVENT_REPEAT_AFTER
    ]


def _next_look(
    snapshot: ServiceSnapshot, service: Service, retry_at: datetime | None, now: datetime
) -> datetime | None:
    """The earliest instant at which time alone changes the plan."""
    moments = [retry_at] if retry_at else []
    for view in snapshot.tasks:
        started_at = view.task.started_at
        if started_at is None or not view.is_active:
            continue
        if not view.target_states and not view.has_health_check:
            moments.append(started_at + UNCHECKED_HEALTHY_AFTER)
        if view.unhealthy_reason(timedelta(), now):
            moments.append(started_at + snapshot.grace)
    if service.primary is not None and service.primary.next_start_at is not None:
        moments.append(service.primary.next_start_at)
    return min((moment for moment in moments if moment > now), default=retry_at)
