"""Targets of a service's tasks: registered when a task runs, drained before it stops.

A task that is DEACTIVATING still serves. Its targets drain for the deregistration delay, counted from
the moment at which they stop receiving requests; while no other target of their group is healthy and
the service still wants tasks they go on receiving, and their deadline is not set. When the last of its
targets is gone the task becomes STOPPING, and only then is its agent told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.services.texts import task_list
from tidegate.control.decisions.tasks import drained_task
from tidegate.domain.ecs import Service, Task
from tidegate.domain.elbv2 import Target, TargetGroup, TargetHealth
from tidegate.domain.elbv2.target import target_key

# How long after a drain deadline a balancer's word is waited for. One that is gone must not hold a task.
BALANCER_SILENCE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The instance of a task: what its targets are registered with."""

    ec2_instance_id: str
    address: str
    vpc_id: str | None
    availability_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsSnapshot:
    """A service, its live tasks, the target groups it uses, and every target of those groups."""

    service: Service
    tasks: Sequence[Task]
    hosts: Mapping[str, Host]
    groups: Mapping[str, TargetGroup]
    targets: Mapping[str, Target]
    health: Mapping[str, TargetHealth]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsPlan:
    """Targets to put and to remove, tasks to move on, event texts (prefix missing), the next look."""

    puts: tuple[Target, ...] = ()
    removals: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[str, ...] = ()
    next_look: datetime | None = None


def plan(snapshot: TargetsSnapshot, now: datetime) -> TargetsPlan:
    """The next step of a service's targets."""
    registrations, register_events = _registrations(snapshot, now)
    tasks = {task.arn: task for task in snapshot.tasks}
    puts: list[Target] = list(registrations)
    removals: list[str] = []
    moments: list[datetime] = []
    left: dict[str, int] = {}
    removed_per_group: dict[str, int] = {}
    for target in _of_service(snapshot):
        following, moment = _drained(target, tasks.get(target.registered_by or ""), snapshot, now)
        if moment is not None:
            moments.append(moment)
        if following is None:
            removals.append(target.key)
            removed_per_group[target.target_group_arn] = removed_per_group.get(target.target_group_arn, 0) + 1
            continue
        left[target.registered_by or ""] = left.get(target.registered_by or "", 0) + 1
        if following != target:
            puts.append(following)
    finished = [
        drained_task(task)
        for task in snapshot.tasks
        if task.last_status == "DEACTIVATING" and not left.get(task.arn)
    ]
    events = list(register_events)
    events += [f"deregistered {n} targets in (target-group {arn})" for arn, n in removed_per_group.items()]
    if finished:
        arns = [task.arn for task in finished]
        events.append(f"has stopped {len(arns)} running tasks: {task_list(arns)}.")
    return TargetsPlan(
        puts=tuple(puts),
        removals=tuple(removals),
        tasks=tuple(finished),
        events=tuple(events),
        next_look=min(moments, default=None),
    )


def drain(target: Target, group: TargetGroup, now: datetime) -> Target:
    """The target as the API's DeregisterTargets leaves it."""
    if target.status == "draining":
        return target
    deadline = now + timedelta(seconds=group.deregistration_delay_seconds)
    return replace(target, status="draining", draining_since=now, drain_deadline=deadline)


def is_over(target: Target, health: TargetHealth | None, now: datetime) -> bool:
    """Whether a draining target may be forgotten: its deadline has passed and the balancer has said
    that nothing is in flight, or has been silent for too long."""
    if target.status != "draining" or target.drain_deadline is None or now < target.drain_deadline:
        return False
    return (health is not None and health.is_drained) or now >= target.drain_deadline + BALANCER_SILENCE


def _of_service(snapshot: TargetsSnapshot) -> list[Target]:
    """Targets that tasks of this service registered."""
    arn = snapshot.service.arn
    ours = [target for target in snapshot.targets.values() if target.registered_for == arn]
    return sorted(ours, key=lambda target: target.key)


def _registrations(snapshot: TargetsSnapshot, now: datetime) -> tuple[list[Target], list[str]]:
    puts: list[Target] = []
    refused: dict[str, list[str]] = {}
    for task in sorted(snapshot.tasks, key=lambda t: t.arn):
        host = snapshot.hosts.get(task.container_instance_arn)
        if task.last_status != "RUNNING" or task.desired_status != "RUNNING" or host is None:
            continue
        for group_arn, port in _wanted(task, snapshot):
            group = snapshot.groups.get(group_arn)
            key = target_key(group_arn, host.ec2_instance_id, port)
            if group is None or key in snapshot.targets:
                continue
            if host.vpc_id != group.vpc_id:
                refused.setdefault(group_arn, []).append(host.ec2_instance_id)
                continue
            puts.append(
                Target(
                    target_group_arn=group_arn,
                    id=host.ec2_instance_id,
                    port=port,
                    address=host.address,
                    availability_zone=host.availability_zone,
                    registered_at=now,
                    registered_by=task.arn,
                    registered_for=snapshot.service.arn,
                )
            )
    events = []
    for arn in sorted({target.target_group_arn for target in puts}):
        count = sum(1 for target in puts if target.target_group_arn == arn)
        events.append(f"registered {count} targets in (target-group {arn})")
    for arn, instances in sorted(refused.items()):
        vpc = snapshot.groups[arn].vpc_id
        events.append(
            f"failed to register targets in (target-group {arn}) with (error The following targets are "
            f"not in the target group VPC '{vpc}': '{instances[0]}')"
        )
    return puts, events


def _wanted(task: Task, snapshot: TargetsSnapshot) -> list[tuple[str, int]]:
    """(target group, host port) for each use of a load balancer by the task's deployment."""
    deployment = next((d for d in snapshot.service.deployments if d.id == task.deployment_id), None)
    uses = deployment.load_balancers if deployment else snapshot.service.load_balancers
    return [
        (use.target_group_arn, port.host_port)
        for use in uses
        for port in task.ports
        if (port.container_name, port.container_port) == (use.container_name, use.container_port)
    ]


def _drained(
    target: Target, task: Task | None, snapshot: TargetsSnapshot, now: datetime
) -> tuple[Target | None, datetime | None]:
    """The target's next form (None: gone), and when to look again."""
    group = snapshot.groups.get(target.target_group_arn)
    if group is None:
        return None, None
    is_dead = task is None or task.last_status in ("STOPPED", "STOPPING", "DEPROVISIONING")
    if not is_dead and task is not None and task.desired_status == "RUNNING":
        # Deregistered through the API while its task runs: drains like any other.
        is_gone = is_over(target, snapshot.health.get(target.key), now)
        return (None, None) if is_gone else (target, _deadline(target, now))
    if target.status == "active":
        deadline = _first_deadline(target, group, snapshot, is_dead, now)
        target = replace(target, status="draining", draining_since=now, drain_deadline=deadline)
        return target, _deadline(target, now)
    if target.drain_deadline is None:
        if not is_dead and _is_held(target, snapshot):
            return target, None
        delay = timedelta(0) if is_dead else timedelta(seconds=group.deregistration_delay_seconds)
        target = replace(target, drain_deadline=now + delay)
        return target, _deadline(target, now)
    if is_dead and target.drain_deadline > now:
        # Nothing is in flight in a process that is gone.
        target = replace(target, drain_deadline=now)
        return target, _deadline(target, now)
    if is_over(target, snapshot.health.get(target.key), now):
        return None, None
    return target, _deadline(target, now)


def _first_deadline(
    target: Target, group: TargetGroup, snapshot: TargetsSnapshot, is_dead: bool, now: datetime
) -> datetime | None:
    if is_dead:
        return now
    if _is_held(target, snapshot):
        return None
    return now + timedelta(seconds=group.deregistration_delay_seconds)


def _is_held(target: Target, snapshot: TargetsSnapshot) -> bool:
    """Whether a draining target goes on serving, since nothing else of its group could."""
    service = snapshot.service
    if service.status != "ACTIVE" or service.desired_count == 0:
        return False
    return not any(
        other.key != target.key
        and other.target_group_arn == target.target_group_arn
        and other.status == "active"
        and (health := snapshot.health.get(other.key)) is not None
        and health.state == "healthy"
        for other in snapshot.targets.values()
    )


def _deadline(target: Target, now: datetime) -> datetime | None:
    if target.drain_deadline is None:
        return None
    if target.drain_deadline > now:
        return target.drain_deadline
    return target.drain_deadline + BALANCER_SILENCE
