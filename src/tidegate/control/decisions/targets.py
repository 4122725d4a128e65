"""Targets of a service's tasks: registered when a task runs, drained before it stops.

A task that is DEACTIVATING still serves. Its targets drain for the deregistration delay, and when the last
of them is gone the task becomes STOPPING, and only then is its agent told. The targets of a task that died
have nothing in flight: they drain for as long as the balancer takes to hear of it.

A draining target is *held* while no other of its group is healthy and a replacement is on its way: it goes
on receiving requests, and its deadline is not set. The delay counts from the moment at which another can
take over, so that what was in flight then has all of it. Without a replacement there is nothing to wait
for; and none is waited for longer than `HELD_AT_MOST`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.services import texts
from tidegate.control.decisions.services.window import bounds
from tidegate.control.decisions.tasks import SCHEDULER_INITIATED, USER_INITIATED, drained_task
from tidegate.domain.ecs import LoadBalancerUse, Service, Task
from tidegate.domain.elbv2 import Target, TargetGroup, TargetHealth
from tidegate.domain.elbv2.target import target_key

# How long after a drain deadline a balancer's word is waited for. One that is gone must not hold a task.
BALANCER_SILENCE = timedelta(seconds=15)
# How long a stopped task waits for the scheduler to start its replacement.
REPLACEMENT_PATIENCE = timedelta(seconds=10)
HELD_AT_MOST = timedelta(minutes=15)
REFUSAL_RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The instance of a task: what its targets are registered with. `vpc_id` None where no EC2 instance
    is known: a machine of one's own is in every network."""

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
    """Targets to put and to remove, tasks to move on, event texts (prefix missing), the next look.
    `refusals`: texts that repeat for as long as the refusal lasts."""

    puts: tuple[Target, ...] = ()
    removals: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    next_look: datetime | None = None


def plan(snapshot: TargetsSnapshot, now: datetime) -> TargetsPlan:
    """The next step of a service's targets."""
    registrations, refusals = _registrations(snapshot, now)
    tasks = {task.arn: task for task in snapshot.tasks}
    drained: list[Target] = []
    removals: list[str] = []
    waiting: set[str] = set()
    for target in _of_service(snapshot):
        following = _following(target, tasks.get(target.registered_by or ""), snapshot, now)
        if following is None:
            removals.append(target.key)
            continue
        waiting.add(target.registered_by or "")
        if following != target:
            drained.append(following)
    finished = [
        drained_task(task)
        for task in snapshot.tasks
        if task.last_status == "DEACTIVATING" and task.arn not in waiting
    ]
    return TargetsPlan(
        puts=(*registrations, *drained),
        removals=tuple(removals),
        tasks=tuple(finished),
        events=tuple(_events(snapshot, registrations, drained, finished)),
        refusals=tuple(refusals),
        next_look=_next_look(snapshot, drained, bool(refusals), now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregistrationsPlan:
    """Keys of targets that are over, and when time alone may end another."""

    removals: tuple[str, ...] = ()
    next_look: datetime | None = None


def plan_deregistrations(
    group: TargetGroup | None,
    targets: Sequence[Target],
    owned: Container[str],
    health: Mapping[str, TargetHealth],
    now: datetime,
) -> DeregistrationsPlan:
    """What becomes of a group's targets that the API deregistered. Those whose key is in `owned` are a
    service's, and go before it says so only with the group itself (None: it is gone)."""
    if group is None:
        return DeregistrationsPlan(removals=tuple(target.key for target in targets))
    removals: list[str] = []
    moments: list[datetime] = []
    for target in targets:
        if target.key in owned:
            continue
        if is_over(target, health.get(target.key), now, drains_early=group.drains_early):
            removals.append(target.key)
        elif target.drain_deadline is not None:
            moments += [target.drain_deadline, target.drain_deadline + BALANCER_SILENCE]
    next_look = min((moment for moment in moments if moment > now), default=None)
    return DeregistrationsPlan(removals=tuple(removals), next_look=next_look)


def drain(target: Target, group: TargetGroup, now: datetime) -> Target:
    """The target as the API's DeregisterTargets leaves it."""
    if target.status == "draining":
        return target
    deadline = now + timedelta(seconds=group.deregistration_delay_seconds)
    return replace(target, status="draining", draining_since=now, drain_deadline=deadline)


def cut_short(target: Target, now: datetime) -> Target:
    """The target of a process that is gone: nothing is in flight there."""
    if target.status == "active":
        target = replace(target, status="draining", draining_since=now, drain_deadline=None)
    is_set = target.drain_deadline is not None and target.drain_deadline <= now
    return target if is_set else replace(target, drain_deadline=now)


def is_over(target: Target, health: TargetHealth | None, now: datetime, *, drains_early: bool) -> bool:
    """Whether a draining target may be forgotten: its deadline has passed and the balancer has said
    that nothing is in flight, or has been silent for too long. In a group that drains early the balancer's
    word is enough, if it is of this drain and not of an earlier one."""
    if target.status != "draining" or target.drain_deadline is None:
        return False
    if now >= target.drain_deadline + BALANCER_SILENCE:
        return True
    if health is None or not health.is_drained:
        return False
    since = target.draining_since
    is_early = drains_early and since is not None and health.reported_at >= since
    return is_early or now >= target.drain_deadline


def _registrations(snapshot: TargetsSnapshot, now: datetime) -> tuple[list[Target], list[str]]:
    """Targets that running tasks should have and have not, and why some cannot be."""
    puts: list[Target] = []
    refusals: dict[str, None] = {}
    for task in sorted(snapshot.tasks, key=lambda t: t.arn):
        host = snapshot.hosts.get(task.container_instance_arn)
        if task.last_status != "RUNNING" or task.desired_status != "RUNNING" or host is None:
            continue
        for group_arn, port in _wanted(task, snapshot.service):
            group = snapshot.groups.get(group_arn)
            known = snapshot.targets.get(target_key(group_arn, host.ec2_instance_id, port))
            if group is None:
                refusals[texts.group_missing(task.deployment_id or "", task.arn, group_arn)] = None
                continue
            if known is not None and known.registered_by is not None:
                continue
            if host.vpc_id is not None and host.vpc_id != group.vpc_id:
                refusals[texts.outside_vpc(group_arn, group.vpc_id, host.ec2_instance_id)] = None
            elif known is None or known.status == "active":
                # One that a user registered by hand becomes the task's own.
                puts.append(_target(task, host, group_arn, port, snapshot.service, now))
    return puts, list(refusals)


def _target(task: Task, host: Host, group_arn: str, port: int, service: Service, now: datetime) -> Target:
    return Target(
        target_group_arn=group_arn,
        id=host.ec2_instance_id,
        port=port,
        address=host.address,
        availability_zone=host.availability_zone,
        registered_at=now,
        registered_by=task.arn,
        registered_for=service.arn,
    )


def _wanted(task: Task, service: Service) -> list[tuple[str, int]]:
    """(target group, host port) for each use of a load balancer by the task's deployment."""
    deployment = next((d for d in service.deployments if d.id == task.deployment_id), None)
    uses = deployment.load_balancers if deployment else service.load_balancers
    return [(use.target_group_arn, port) for use in uses if (port := host_port(task, use)) is not None]


def host_port(task: Task, use: LoadBalancerUse) -> int | None:
    """Where a task takes the requests of a use of a load balancer: TCP, and where the container's port has
    several host ports the first."""
    ports = (
        port.host_port
        for port in task.ports
        if (port.container_name, port.container_port) == (use.container_name, use.container_port)
        and port.protocol == "tcp"
    )
    return next(ports, None)


def _of_service(snapshot: TargetsSnapshot) -> list[Target]:
    """Targets that tasks of this service registered."""
    arn = snapshot.service.arn
    ours = [target for target in snapshot.targets.values() if target.registered_for == arn]
    return sorted(ours, key=lambda target: target.key)


def _following(target: Target, task: Task | None, snapshot: TargetsSnapshot, now: datetime) -> Target | None:
    """The target's next form; None when it is gone."""
    group = snapshot.groups.get(target.target_group_arn)
    if group is None or _is_over(target, group, snapshot, now):
        return None
    if task is not None and task.desired_status == "RUNNING":
        # Deregistered through the API while its task runs: drains like any other.
        return target
    if task is None or task.last_status != "DEACTIVATING":
        return cut_short(target, now)
    if target.status == "active":
        target = replace(target, status="draining", draining_since=now, drain_deadline=None)
    if _is_held(target, task, snapshot, now):
        return replace(target, drain_deadline=None)
    if target.drain_deadline is None:
        delay = timedelta(seconds=group.deregistration_delay_seconds)
        return replace(target, drain_deadline=now + delay)
    return target


def _is_over(target: Target, group: TargetGroup, snapshot: TargetsSnapshot, now: datetime) -> bool:
    return is_over(target, snapshot.health.get(target.key), now, drains_early=group.drains_early)


def _is_held(target: Target, task: Task, snapshot: TargetsSnapshot, now: datetime) -> bool:
    """Whether a draining target goes on serving, since nothing else of its group can."""
    service = snapshot.service
    has_served = task.healthy_at is not None and not task.has_failed_checks
    if service.status != "ACTIVE" or service.desired_count == 0 or not has_served:
        return False
    if any(_serves(other, target, snapshot) for other in snapshot.targets.values()):
        return False
    since = target.draining_since or now
    if now >= since + HELD_AT_MOST:
        return False
    if any(other.desired_status == "RUNNING" for other in snapshot.tasks):
        return True
    _, upper = bounds(service, service.desired_count)
    taken = sum(1 for other in snapshot.tasks if other.stop_code != USER_INITIATED)
    return taken < upper and now < since + REPLACEMENT_PATIENCE


def _serves(other: Target, target: Target, snapshot: TargetsSnapshot) -> bool:
    if other.target_group_arn != target.target_group_arn or other.status != "active":
        return False
    # In the pass in which a task begins to leave, its own target is still active, and so are those of
    # others that leave with it: none of them will serve.
    leaving = {task.arn for task in snapshot.tasks if task.desired_status != "RUNNING"}
    if other.registered_by in leaving:
        return False
    health = snapshot.health.get(other.key)
    return health is not None and health.state == "healthy"


def _events(
    snapshot: TargetsSnapshot,
    registrations: Sequence[Target],
    drained: Sequence[Target],
    finished: Sequence[Task],
) -> list[str]:
    events = []
    registered = Counter(target.target_group_arn for target in registrations)
    events += [texts.registered(count, arn) for arn, count in sorted(registered.items())]
    begun = [target for target in drained if snapshot.targets[target.key].status == "active"]
    deregistered = Counter(target.target_group_arn for target in begun)
    events += [texts.deregistered(count, arn) for arn, count in sorted(deregistered.items())]
    alive = {task.arn for task in snapshot.tasks if task.last_status == "DEACTIVATING"}
    draining = {target.registered_by for target in begun} & alive
    if draining:
        events.append(texts.draining(len(draining)))
    stopped = [task.arn for task in finished if task.stop_code == SCHEDULER_INITIATED]
    if stopped:
        events.append(texts.stopped(stopped))
    return events


def _next_look(
    snapshot: TargetsSnapshot, drained: Sequence[Target], has_refusals: bool, now: datetime
) -> datetime | None:
    newest = {target.key: target for target in (*_of_service(snapshot), *drained)}
    moments = [now + REFUSAL_RETRY] if has_refusals else []
    for target in newest.values():
        if target.status != "draining":
            continue
        if target.drain_deadline is None:
            since = target.draining_since or now
            moments += [since + REPLACEMENT_PATIENCE, since + HELD_AT_MOST]
        else:
            moments += [target.drain_deadline, target.drain_deadline + BALANCER_SILENCE]
    return min((moment for moment in moments if moment > now), default=None)
