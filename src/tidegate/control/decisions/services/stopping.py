"""Which tasks may go, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tidegate.control.decisions.services.snapshot import ServiceSnapshot, TaskView
from tidegate.control.decisions.services.window import bounds
from tidegate.control.decisions.tasks import SCHEDULER_INITIATED
from tidegate.domain.ecs import Deployment, Service


@dataclass(frozen=True, slots=True)
class Stop:
    """A task to stop, with AWS's code and reason."""

    task_arn: str
    code: str
    reason: str
    has_targets: bool
    was_running: bool


def choose_stops(
    snapshot: ServiceSnapshot, service: Service, starting: int, now: datetime
) -> tuple[Stop, ...]:
    """The tasks to stop now. Never takes the healthy ones below the minimum; an unhealthy task that has
    no replacement yet goes only where the maximum leaves no room to start one first."""
    primary = service.primary
    active = [view for view in snapshot.tasks if view.is_active]
    if primary is None or service.status == "DRAINING" or snapshot.desired == 0:
        return tuple(_stop(view, _scaling(service)) for view in active)
    lower, upper = bounds(service, snapshot.desired)
    healthy = sum(1 for view in active if view.is_healthy(now))
    stops: list[Stop] = []
    for view, reason in _candidates(snapshot, primary, service, active, starting, upper, now):
        if view.is_healthy(now):
            if healthy <= lower:
                continue
            healthy -= 1
        stops.append(_stop(view, reason))
    return tuple(stops)


def _candidates(
    snapshot: ServiceSnapshot,
    primary: Deployment,
    service: Service,
    active: Sequence[TaskView],
    starting: int,
    upper: int,
    now: datetime,
) -> list[tuple[TaskView, str]]:
    """What is not needed, the first to go first, with the reason."""
    old, sick, kept = [], [], []
    for view in active:
        reason = view.unhealthy_reason(snapshot.grace, now)
        if view.task.deployment_id != primary.id or view.is_on_draining_instance:
            old.append((view, reason or _scaling(service)))
        elif reason is not None:
            sick.append((view, reason))
        else:
            kept.append(view)
    # An older task that still serves stays while the new ones cannot take over: when the deployment
    # failed, and for each new task that is not healthy yet.
    if primary.rollout_state == "FAILED":
        old = [(view, reason) for view, reason in old if view.is_on_draining_instance]
    excess = max(0, len(kept) - snapshot.desired)
    chosen = [(view, _scaling(service)) for view in _scale_in_order(kept, now)[:excess]]
    ready = sum(1 for view in kept if view.is_healthy(now))
    surplus = max(0, ready - excess - (snapshot.desired - len(sick)))
    if surplus:
        chosen += sick[:surplus]
    elif sick and not starting and len(snapshot.tasks) >= upper:
        chosen += sick[:1]
    return sorted(old, key=lambda pair: _order(pair[0], now)) + chosen


def _order(view: TaskView, now: datetime) -> tuple[bool, bool, str]:
    return (view.is_running, view.is_healthy(now), view.task.arn)


def _scale_in_order(views: Sequence[TaskView], now: datetime) -> list[TaskView]:
    """Not running before running, unhealthy before healthy, then from the fullest zone and instance."""
    zones = Counter(view.task.availability_zone for view in views)
    instances = Counter(view.task.container_instance_arn for view in views)
    ordered: list[TaskView] = []
    left = list(views)
    while left:
        view = min(
            left,
            key=lambda v: (
                v.is_running,
                v.is_healthy(now),
                -zones[v.task.availability_zone],
                -instances[v.task.container_instance_arn],
                v.task.arn,
            ),
        )
        zones[view.task.availability_zone] -= 1
        instances[view.task.container_instance_arn] -= 1
        left.remove(view)
        ordered.append(view)
    return ordered


def _stop(view: TaskView, reason: str) -> Stop:
    return Stop(view.task.arn, SCHEDULER_INITIATED, reason, view.is_registered, view.is_running)


def _scaling(service: Service) -> str:
    primary = service.primary
    return f"Scaling activity initiated by (deployment {primary.id if primary else 'ecs-svc/0'})"
