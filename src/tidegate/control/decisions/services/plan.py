"""One pass over one service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.placement import Assignment
from tidegate.control.decisions.services import failures, texts
from tidegate.control.decisions.services.deployments import with_deployment
from tidegate.control.decisions.services.snapshot import (
    UNCHECKED_HEALTHY_AFTER,
    Look,
    ServiceSnapshot,
    TaskView,
)
from tidegate.control.decisions.services.stopping import STOPS_PER_PASS_MAX, Stop, choose_stops
from tidegate.control.decisions.services.window import bounds
from tidegate.domain.ecs import Deployment, Service

STARTS_PER_PASS_MAX = 50
# New instances wake a service at once; room that others' tasks leave is found by looking again.
PLACEMENT_RETRY = timedelta(seconds=5)
EVENT_REPEAT_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """What should change. `service`: as it should be. `starts`: places for tasks of the PRIMARY
    deployment; the controller makes the tasks and the event that lists them. `replaced`: how many starts
    stand in for unhealthy tasks. `healthy`: tasks seen healthy for the first time. `counted`: tasks whose
    end is now entered in the counts. `events`: texts without their prefix. `next_look`: when time alone
    may change the plan."""

    service: Service
    starts: tuple[Assignment, ...] = ()
    replaced: int = 0
    stops: tuple[Stop, ...] = ()
    healthy: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    next_look: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Starts:
    """Places for `missing` tasks, the event when some find none, and when to try again. `blocked`: how
    many cannot start for want of room, under the maximum or on the instances."""

    places: tuple[Assignment, ...] = ()
    missing: int = 0
    blocked: int = 0
    events: tuple[str, ...] = ()
    retry_at: datetime | None = None


def plan(snapshot: ServiceSnapshot, now: datetime) -> ServicePlan:
    """The next step of a service; when there is none, a plan that changes nothing."""
    counted = failures.count_ends(snapshot.service, snapshot.stopped, now)
    service = failures.forgive(counted.service, [view.task for view in snapshot.tasks])
    number = snapshot.deployment_number
    asked = failures.stop_as_asked(service, snapshot.stop_asked, number, now)
    tripped = failures.trip_breaker(asked.service, snapshot.desired, number, now)
    service = tripped.service
    if not (asked.events or tripped.events):
        # What has just failed is listed once more, though it has no task: its record reads the last counts.
        service = _without_finished(service, snapshot.tasks)

    look = Look(snapshot, now)
    starts = _starts(look, service)
    stops = choose_stops(look, service, blocked=starts.blocked, is_starting=bool(starts.places))
    is_moving = bool(starts.places or stops)
    service = failures.count_replaced(service, sum(1 for stop in stops if stop.is_replaced), now)
    service, settled_events = _settled(look, service, is_moving)
    conditions = [*starts.events, *_sickness(look)]
    if not is_moving and starts.retry_at is None:
        held = _held(look, service)
        conditions += held or ([texts.STUCK] if _is_stuck(look, service, starts) else [])
    return ServicePlan(
        service=service,
        starts=starts.places,
        replaced=min(len(look.sick), len(starts.places)),
        stops=stops,
        healthy=tuple(
            view.task.arn for view in look.tasks if view.task.healthy_at is None and look.is_healthy(view)
        ),
        counted=(
            *(task.arn for task in snapshot.stopped),
            *(stop.task_arn for stop in stops if stop.is_replaced),
        ),
        events=(
            *counted.events,
            *asked.events,
            *tripped.events,
            *_untold(conditions, snapshot, now),
            *settled_events,
        ),
        next_look=now if len(stops) == STOPS_PER_PASS_MAX else _next_look(look, service, starts),
    )


def _without_finished(service: Service, tasks: Sequence[TaskView]) -> Service:
    """Older deployments leave the list with their last task; the newest completed one is remembered."""
    present = {view.task.deployment_id for view in tasks}
    kept = tuple(d for d in service.deployments if d.status == "PRIMARY" or d.id in present)
    if kept == service.deployments:
        return service
    completed = [d for d in service.deployments if d not in kept and d.completed_at is not None]
    if service.last_completed is not None:
        completed.append(service.last_completed)
    last = max(completed, key=lambda d: d.created_at, default=None)
    return replace(service, deployments=kept, last_completed=last)


def _starts(look: Look, service: Service) -> _Starts:
    snapshot, now = look.snapshot, look.now
    primary = service.primary
    if primary is None or service.status != "ACTIVE" or primary.rollout_state == "FAILED":
        return _Starts()
    if primary.task_definition_arn != snapshot.service.task_definition_arn:
        # A roll-back was decided in this pass: the next one knows what its tasks need.
        return _Starts(retry_at=now)
    missing = snapshot.desired - sum(1 for view in snapshot.tasks if _is_kept(view, primary, look))
    if missing > 0 and primary.next_start_at is not None and now < primary.next_start_at:
        return _Starts(missing=missing, retry_at=primary.next_start_at)
    _, upper = bounds(service, snapshot.desired)
    room = upper - sum(1 for view in snapshot.tasks if _takes_room(view))
    count = min(missing, room, _batch(primary, snapshot.tasks))
    if count <= 0:
        return _Starts(missing=max(0, missing), blocked=max(0, missing))
    placement = snapshot.place(count)
    if len(placement.assignments) == count:
        retry_at = now if count < min(missing, room) and not primary.failed_tasks else None
        blocked = max(0, missing - max(room, count))
        return _Starts(places=placement.assignments, missing=missing, blocked=blocked, retry_at=retry_at)
    return _Starts(
        places=placement.assignments,
        missing=missing,
        blocked=missing - len(placement.assignments),
        events=(texts.no_place(placement.refusals),),
        retry_at=now + PLACEMENT_RETRY,
    )


def _batch(primary: Deployment, tasks: Sequence[TaskView]) -> int:
    """How many tasks a pass may start. While launches fail: as many as do run, so that a broken image does
    not launch the whole service over and over, and one that recovers comes up fast."""
    if primary.start_delay_seconds == 0:
        return STARTS_PER_PASS_MAX
    running = sum(1 for view in tasks if view.is_running and view.task.deployment_id == primary.id)
    return min(STARTS_PER_PASS_MAX, max(1, running))


def _is_kept(view: TaskView, primary: Deployment, look: Look) -> bool:
    """Whether the task is one that the PRIMARY deployment wants to have."""
    return (
        view.is_active
        and view.task.deployment_id == primary.id
        and not view.is_on_draining_instance
        and look.sickness(view) is None
    )


def _takes_room(view: TaskView) -> bool:
    """Whether a task counts towards the maximum. One that a user stopped does not: its replacement must
    not wait for its draining, which in turn waits for the replacement."""
    return view.is_active or view.task.stop_code != "UserInitiated"


def _is_stuck(look: Look, service: Service, starts: _Starts) -> bool:
    """The percentages allow neither a start nor a stop, and nothing is on its way that would."""
    primary = service.primary
    if primary is None or primary.rollout_state == "FAILED" or not starts.missing or starts.retry_at:
        return False
    lower, upper = bounds(service, look.desired)
    return len(look.tasks) >= upper and all(
        view.is_active and (look.is_healthy(view) or lower == 0) for view in look.tasks
    )


def _held(look: Look, service: Service) -> list[str]:
    """One text for each deployment whose protected tasks are all that keeps the service from its steady
    state. While anything else is on its way they hold nothing up yet, and while anything else has to go it
    is not they that keep it."""
    primary = service.primary
    if primary is None or primary.rollout_state == "FAILED" or not look.shielded:
        return []
    if any(_has_to_go(view, primary) and not look.is_shielded(view) for view in look.tasks):
        return []
    if any(not (look.is_healthy(view) or look.is_shielded(view)) for view in look.tasks):
        return []
    counts = Counter(view.task.deployment_id for view in look.shielded)
    own = sum(1 for view in look.tasks if view.task.deployment_id == primary.id)
    counts[primary.id] = min(counts[primary.id], max(0, own - look.desired))
    return [texts.protected(d.id, counts[d.id]) for d in service.deployments if counts[d.id]]


def _has_to_go(view: TaskView, primary: Deployment) -> bool:
    return view.task.deployment_id != primary.id or view.is_on_draining_instance


def _settled(look: Look, service: Service, is_moving: bool) -> tuple[Service, tuple[str, ...]]:
    """Complete the deployment and tell the steady state, once nothing is left to do."""
    primary, now = service.primary, look.now
    if service.status == "DRAINING" and not look.tasks:
        return replace(service, status="INACTIVE", deployments=(), deleted_at=now), ()
    if primary is None or primary.rollout_state == "FAILED" or service.status != "ACTIVE":
        return service, ()
    is_whole = not is_moving and len(look.tasks) == look.desired
    is_whole = is_whole and all(view.task.deployment_id == primary.id for view in look.tasks)
    if not is_whole or not all(look.may_serve(view) for view in look.tasks):
        return (replace(service, steady_at=None) if service.steady_at else service), ()
    if not all(look.is_healthy(view) for view in look.tasks):
        # Not known: what was steady stays so, what was not does not become so.
        return service, ()
    events: list[str] = []
    if primary.rollout_state != "COMPLETED":
        done = replace(
            primary,
            rollout_state="COMPLETED",
            rollout_state_reason=f"ECS deployment {primary.id} completed.",
            completed_at=now,
            updated_at=now,
        )
        service = with_deployment(service, done)
        events.append(texts.completed(primary.id))
    if service.steady_at is None or now - service.steady_at >= EVENT_REPEAT_AFTER:
        service = replace(service, steady_at=now)
        events.append(texts.STEADY)
    return service, tuple(events)


def _sickness(look: Look) -> list[str]:
    """One text for each target that makes its task unhealthy."""
    return [
        texts.unhealthy(
            view.task.arn,
            target.instance_id,
            target.port,
            target.target_group_arn,
            target.description or "Health checks failed",
        )
        for view in look.sick
        for target in view.failing_targets
    ]


def _untold(conditions: Sequence[str], snapshot: ServiceSnapshot, now: datetime) -> list[str]:
    """Conditions that were not told since the service was last steady, or long ago."""
    return [
        text
        for text in conditions
        if text not in snapshot.told or now - snapshot.told[text] >= EVENT_REPEAT_AFTER
    ]


def _next_look(look: Look, service: Service, starts: _Starts) -> datetime | None:
    """The earliest instant at which time alone changes the plan."""
    now, grace = look.now, look.snapshot.grace
    if starts.retry_at is not None and starts.retry_at <= now:
        return now
    moments = [starts.retry_at] if starts.retry_at else []
    moments += [view.task.protected_until for view in look.shielded if view.task.protected_until]
    for view in look.tasks:
        started_at = view.task.started_at
        if started_at is None or not view.is_active:
            continue
        if not view.targets and not view.has_health_check:
            moments.append(started_at + UNCHECKED_HEALTHY_AFTER)
        unhealthy_from = view.unhealthy_from(grace)
        if unhealthy_from is not None:
            moments.append(unhealthy_from)
    if service.steady_at is not None:
        moments.append(service.steady_at + EVENT_REPEAT_AFTER)
    return min((moment for moment in moments if moment > now), default=None)
