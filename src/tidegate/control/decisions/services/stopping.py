"""Which tasks may go, and in which order."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.control.decisions.services.snapshot import Look, TaskView
from tidegate.control.decisions.services.window import bounds
from tidegate.domain.ecs import Service

# A pass is bounded; what is left is stopped by the next one, which follows at once.
STOPS_PER_PASS_MAX = 50


@dataclass(frozen=True, slots=True)
class Stop:
    """A task to stop and the reason that it will show. `has_failed_checks`: it goes for its bad health;
    `is_replaced`: and was the PRIMARY deployment's."""

    task_arn: str
    reason: str
    has_targets: bool
    was_running: bool
    has_failed_checks: bool = False
    is_replaced: bool = False


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Active tasks by what is to become of them: not wanted here, unhealthy, or to be kept."""

    unwanted: list[TaskView]
    sick: list[TaskView]
    kept: list[TaskView]


def choose_stops(look: Look, service: Service, *, blocked: int, is_starting: bool) -> tuple[Stop, ...]:
    """The tasks to stop now. `blocked`: tasks that are missing and have no room to start. `is_starting`:
    others of them start in this pass.

    Never takes the healthy ones below the minimum. Where it is not known whether a task serves, it is not
    counted, but goes only if the others suffice. Shielded tasks stay. Unhealthy tasks whose replacement has
    no room make it, one after the other.
    """
    active = [view for view in look.tasks if view.is_active]
    if service.primary is None or look.desired == 0:
        ending = [view for view in active if not look.is_shielded(view)]
        return tuple(_stop(view, service, look) for view in ending[:STOPS_PER_PASS_MAX])
    groups = _sort(look, service, active)
    resorts = _last_resorts(look, service, groups)
    stops = _affordable(_candidates(look, service, groups, resorts, len(active)), look, service)
    if blocked and not stops and len(active) == len(look.tasks):
        # What leaves, makes room: nobody else has to go while anybody does.
        stops = _room_makers(look, groups, resorts, is_starting)
    return tuple(_stop(view, service, look) for view in stops)


def _affordable(candidates: Sequence[TaskView], look: Look, service: Service) -> list[TaskView]:
    """Those that can go before fewer than the minimum are healthy."""
    lower, _ = bounds(service, look.desired)
    healthy = sum(1 for view in look.tasks if look.is_healthy(view))
    going: list[TaskView] = []
    for view in candidates:
        if len(going) == STOPS_PER_PASS_MAX:
            break
        if look.is_healthy(view):
            if healthy <= lower:
                continue
            healthy -= 1
        elif look.may_serve(view) and healthy < lower:
            continue
        going.append(view)
    return going


def _last_resorts(look: Look, service: Service, groups: _Sorted) -> frozenset[str]:
    """The unhealthy tasks that are all that answers.

    While none is healthy the load balancer fails open to the unhealthy. On a machine that is too busy to
    answer probes in time these are tasks that serve, and who stopped them would leave nobody. They stay
    until a task is healthy; what must make room goes.
    """
    lower, _ = bounds(service, look.desired)
    if lower == 0 or any(look.is_healthy(view) for view in look.tasks):
        return frozenset()
    return frozenset(view.task.arn for view in (*groups.unwanted, *groups.sick) if view.is_last_resort)


def _candidates(
    look: Look, service: Service, groups: _Sorted, resorts: frozenset[str], active_count: int
) -> list[TaskView]:
    """What is not needed, the first to go first."""
    unwanted = _in_order(groups.unwanted, look, len(groups.unwanted))
    if service.primary is not None and service.primary.rollout_state == "FAILED":
        # Nothing will replace older tasks: they stay, but for those that exceed the desired count.
        leaving = [view for view in unwanted if view.is_on_draining_instance]
        staying = [view for view in unwanted if not view.is_on_draining_instance]
        exceeding = staying[: max(0, active_count - len(leaving) - look.desired)]
        unwanted = [*(view for view in leaving if view.task.arn not in resorts), *exceeding]
    else:
        unwanted = [view for view in unwanted if view.task.arn not in resorts]
    excess = _in_order(groups.kept, look, len(groups.kept) - look.desired)
    ready = min(look.desired, sum(1 for view in groups.kept if look.is_healthy(view)))
    superseded = max(0, ready + len(groups.sick) - look.desired)
    sick = _in_order(groups.sick, look, superseded)
    return unwanted + excess + [view for view in sick if view.task.arn not in resorts]


def _room_makers(look: Look, groups: _Sorted, resorts: frozenset[str], is_starting: bool) -> list[TaskView]:
    """The unhealthy task that goes before its replacement has come, if one may; those that nobody reaches
    go first. The last one that answers goes only when nothing else is there or comes."""
    older = [view for view in groups.unwanted if view.task.arn in resorts]
    ordered = [*_in_order(older, look, len(older)), *_in_order(groups.sick, look, len(groups.sick))]
    useless = [view for view in ordered if view.task.arn not in resorts]
    if useless:
        return useless[:1]
    is_alone = len(look.tasks) == 1 and not is_starting
    return ordered[:1] if is_alone or len(ordered) > 1 else []


def _sort(look: Look, service: Service, active: Sequence[TaskView]) -> _Sorted:
    groups = _Sorted([], [], [])
    primary_id = service.primary.id if service.primary else None
    for view in active:
        is_older = view.task.deployment_id != primary_id
        if is_older or view.is_on_draining_instance:
            groups.unwanted.append(view)
        elif look.sickness(view) is not None:
            groups.sick.append(view)
        else:
            groups.kept.append(view)
    return groups


def _in_order(views: Sequence[TaskView], look: Look, count: int) -> list[TaskView]:
    """The first `count` to go: not running before running, unhealthy before healthy, then from the fullest
    zone and instance, the youngest first. Shielded ones never go, but fill their zones and instances.

    A zone or instance only empties as tasks are taken from it, so a task's place in this order only moves
    back; the heap holds the places of when a task was last looked at.
    """
    if count <= 0:
        return []
    zones = Counter(view.task.availability_zone for view in views)
    instances = Counter(view.task.container_instance_arn for view in views)

    def place(number: int) -> tuple[bool, bool, int, int, float, str, int]:
        view = views[number]
        return (
            view.is_running,
            look.may_serve(view),
            -zones[view.task.availability_zone],
            -instances[view.task.container_instance_arn],
            -view.task.created_at.timestamp(),
            view.task.arn,
            number,
        )

    heap = [place(number) for number, view in enumerate(views) if not look.is_shielded(view)]
    heapq.heapify(heap)
    chosen: list[TaskView] = []
    while heap and len(chosen) < count:
        known = heapq.heappop(heap)
        present = place(known[-1])
        if present > known:
            heapq.heappush(heap, present)
            continue
        view = views[known[-1]]
        zones[view.task.availability_zone] -= 1
        instances[view.task.container_instance_arn] -= 1
        chosen.append(view)
    return chosen


def _stop(view: TaskView, service: Service, look: Look) -> Stop:
    primary = service.primary
    sickness = look.sickness(view)
    reason = sickness or f"Scaling activity initiated by (deployment {primary.id if primary else 'none'})"
    is_sick = sickness is not None
    is_replaced = is_sick and primary is not None and view.task.deployment_id == primary.id
    return Stop(view.task.arn, reason, view.is_registered, view.is_running, is_sick, is_replaced)
