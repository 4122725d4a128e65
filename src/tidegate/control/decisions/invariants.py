"""What must be true of the region at any time.

Two kinds. `faults` looks at one state: whatever way it came about, these claims (`CLAIMS`) hold once
controllers have had their turn. They are checked after every simulated step, and once a minute in
production. `change_faults` looks at one commit: what a scheduler may do depends on what was there before,
as when a user's smaller desired count leaves more tasks than the new maximum, and no new one may be added
to them. Only simulations check these: they would cost every commit the price of the whole region.

The claims are worked out here again from the rows, by other means than the decisions use, so that a
mistake in a decision does not hide itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.control.decisions.placement import DYNAMIC_PORT_FIRST, PORT_RESTS_FOR
from tidegate.domain.ecs import ContainerInstance, Service, ServiceDeployment, Task
from tidegate.domain.ecs.lifecycle import (
    SERVICE_DEPLOYMENT_TRANSITIONS,
    TASK_TRANSITIONS,
    ServiceDeploymentStatus,
    TaskStatus,
)
from tidegate.domain.elbv2 import Target, TargetGroup, TargetHealth
from tidegate.domain.scaling import ScalableTarget, ScalingActivity

# What a service without a load balancer and without health checks gives a task to prove itself.
_UNCHECKED_HEALTHY_AFTER = timedelta(seconds=40)


@dataclass(frozen=True, slots=True)
class Fault:
    """A claim that does not hold, the row that breaks it, and how."""

    invariant: str
    row: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.row}: {self.detail}"


@dataclass(frozen=True, kw_only=True)
class RegionRows:
    """The rows that the claims are about, keyed as the store keys them. `checked`: by task definition, the
    essential containers that have a health check."""

    services: Mapping[str, Service] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    instances: Mapping[str, ContainerInstance] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    health: Mapping[str, TargetHealth] = field(default_factory=dict)
    groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    checked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scalable: Mapping[str, ScalableTarget] = field(default_factory=dict)
    activities: Mapping[str, ScalingActivity] = field(default_factory=dict)
    service_deployments: Mapping[str, ServiceDeployment] = field(default_factory=dict)

    def live(self) -> Iterator[Task]:
        return (task for task in self.tasks.values() if task.last_status != TaskStatus.STOPPED)

    def live_of(self, service_arn: str) -> list[Task]:
        return [task for task in self.live() if task.service_arn == service_arn]


def faults(rows: RegionRows) -> tuple[Fault, ...]:
    """Every claim about one state that does not hold."""
    return tuple(fault for claim in CLAIMS for fault in claim(rows))


def change_faults(before: RegionRows, after: RegionRows, now: datetime) -> tuple[Fault, ...]:
    """Every claim about one commit that does not hold."""
    changed = [task for arn, task in after.tasks.items() if before.tasks.get(arn) is not task]
    started = [task for task in changed if task.arn not in before.tasks]
    found = list(_statuses_follow_the_table(before, changed))
    found += _history_is_not_rewritten(before, after)
    found += _starts_stay_within_the_maximum(after, started)
    found += _starts_are_on_ready_instances(before, started)
    found += _ports_rest(before, started, now)
    found += _stops_follow_drains(before, after, changed)
    found += _drains_last(before, after, now)
    found += _stops_keep_the_minimum(before, after, changed, now)
    found += _stops_spare_the_protected(before, after, changed, now)
    return tuple(found)


def is_serving(task: Task, rows: RegionRows, now: datetime) -> bool:
    """Whether a task counts as healthy: it runs, is wanted, and all that watches it says so."""
    if task.desired_status != "RUNNING" or task.last_status != TaskStatus.RUNNING:
        return False
    service = rows.services.get(task.service_arn or "")
    uses = service.load_balancers if service else ()
    for deployment in service.deployments if service else ():
        if deployment.id == task.deployment_id:
            uses = deployment.load_balancers
    checked = rows.checked.get(task.task_definition_arn, frozenset())
    if any(one.name in checked and one.health_status != "HEALTHY" for one in task.containers):
        return False
    if not uses:
        is_old = task.started_at is not None and now - task.started_at >= _UNCHECKED_HEALTHY_AFTER
        return bool(checked) or is_old
    own = [target for target in rows.targets.values() if target.registered_by == task.arn]
    healthy = {t.target_group_arn for t in own if t.status == "active" and _state(t, rows) == "healthy"}
    return healthy >= {use.target_group_arn for use in uses}


def _state(target: Target, rows: RegionRows) -> str | None:
    observed = rows.health.get(target.key)
    return observed.state if observed else None


# Claims about one state.


def _one_task_per_port(rows: RegionRows) -> Iterator[Fault]:
    holders: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
    for task in rows.live():
        for port in task.ports:
            holders[task.container_instance_arn, port.host_port, port.protocol].append(task.arn)
    for (instance, host_port, protocol), tasks in holders.items():
        if len(tasks) > 1:
            yield Fault("one task per port", instance, f"{protocol} {host_port} is held by {tasks}")


def _resources_are_not_overcommitted(rows: RegionRows) -> Iterator[Fault]:
    cpu: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    for task in rows.live():
        cpu[task.container_instance_arn] += task.cpu
        memory[task.container_instance_arn] += task.memory_mib
    for arn, instance in rows.instances.items():
        offered = instance.resources
        if cpu[arn] > offered.cpu or memory[arn] > offered.memory_mib:
            yield Fault(
                "resources are not over-committed",
                arn,
                f"{cpu[arn]} of {offered.cpu} CPU units, {memory[arn]} of {offered.memory_mib} MiB",
            )


def _ports_of_targets_stay_with_their_task(rows: RegionRows) -> Iterator[Fault]:
    """Else one service's requests reach another's container."""
    registrants = {
        (target.address, target.port): target.registered_by
        for target in rows.targets.values()
        if target.registered_by is not None
    }
    for task in rows.live():
        instance = rows.instances.get(task.container_instance_arn)
        for port in task.ports:
            known = registrants.get((instance.address if instance else None, port.host_port))
            if known is not None and known != task.arn:
                detail = f"port {port.host_port} still has a target of {known}"
                yield Fault("a port with a target is not given out again", task.arn, detail)


def _targets_belong_to_running_tasks(rows: RegionRows) -> Iterator[Fault]:
    for target in rows.targets.values():
        if target.registered_by is None or target.status != "active":
            continue
        task = rows.tasks.get(target.registered_by)
        if task is None or task.last_status != TaskStatus.RUNNING:
            detail = f"{target.registered_by} is {task.last_status if task else 'unknown'}"
            yield Fault("a registered target belongs to a running task", target.key, detail)


def _draining_tasks_have_targets(rows: RegionRows) -> Iterator[Fault]:
    registrants = {target.registered_by for target in rows.targets.values()}
    for task in rows.live():
        if task.last_status == TaskStatus.DEACTIVATING and task.arn not in registrants:
            yield Fault("a draining task has targets", task.arn, "it has none left to wait for")


def _stopped_tasks_say_why(rows: RegionRows) -> Iterator[Fault]:
    for task in rows.tasks.values():
        if task.last_status == TaskStatus.STOPPED and not (
            task.stop_code and task.stopped_reason and task.stopped_at and task.desired_status == "STOPPED"
        ):
            yield Fault("a stopped task says why", task.arn, f"stop code {task.stop_code}")


def _deployments_are_in_order(rows: RegionRows) -> Iterator[Fault]:
    for arn, service in rows.services.items():
        primaries = [d.id for d in service.deployments if d.status == "PRIMARY"]
        wanted = 0 if service.status == "INACTIVE" else 1
        if len(primaries) != wanted:
            yield Fault("a service has one PRIMARY deployment", arn, f"{service.status}: {primaries}")
    for task in rows.live():
        owner = rows.services.get(task.service_arn or "")
        if owner is not None and task.deployment_id not in {d.id for d in owner.deployments}:
            yield Fault("a live task's deployment is listed", task.arn, f"{task.deployment_id}")


def _history_tells_the_present(rows: RegionRows) -> Iterator[Fault]:
    """A service's PRIMARY deployment has a record, which is open for as long as it is under way; no other
    is."""
    known = {(row.service_arn, row.deployment_id): row for row in rows.service_deployments.values()}
    opened = Counter(row.service_arn for row in rows.service_deployments.values() if row.is_open)
    for arn, service in rows.services.items():
        primary = service.primary
        if primary is None or service.status != "ACTIVE":
            expected = 0
        elif (
            record := known.get((arn, primary.id)) or known.get((arn, primary.rollback_from or ""))
        ) is None:
            yield Fault("a deployment is recorded", arn, primary.id)
            continue
        else:
            expected = 1 if primary.rollout_state == "IN_PROGRESS" else 0
            if record.is_open is not bool(expected):
                detail = f"{primary.rollout_state}, recorded as {record.status}"
                yield Fault("history tells the present", arn, detail)
        if opened[arn] != expected:
            yield Fault("one service deployment at a time", arn, f"{opened[arn]} are open")


def _scaling_does_one_thing_at_a_time(rows: RegionRows) -> Iterator[Fault]:
    """An activity that is not fulfilled ends when a newer one begins, and bounds are bounds."""
    for named, number in Counter(a.resource_id for a in rows.activities.values() if not a.ended_at).items():
        if number > 1:
            yield Fault("one activity at a time", named, f"{number} are in progress")
    for row in rows.scalable.values():
        if row.min_capacity > row.max_capacity:
            detail = f"the minimum {row.min_capacity} is above the maximum {row.max_capacity}"
            yield Fault("bounds are bounds", row.resource_id, detail)


def _left_instances_are_empty(rows: RegionRows) -> Iterator[Fault]:
    for task in rows.live():
        instance = rows.instances.get(task.container_instance_arn)
        if instance is None or instance.status == "INACTIVE":
            yield Fault("a live task has an instance", task.arn, task.container_instance_arn)


# Claims about one commit.


def _statuses_follow_the_table(before: RegionRows, changed: Iterable[Task]) -> Iterator[Fault]:
    for task in changed:
        old = before.tasks.get(task.arn)
        if old is None:
            continue
        present, following = TaskStatus(old.last_status), TaskStatus(task.last_status)
        if following is not present and following not in TASK_TRANSITIONS[present]:
            yield Fault("statuses follow the table", task.arn, f"{present} to {following}")
        if old.desired_status == "STOPPED" and task.desired_status != "STOPPED":
            yield Fault("a stop is never taken back", task.arn, task.desired_status)
        if old.stop_code and task.stop_code != old.stop_code and old.last_status == TaskStatus.STOPPED:
            yield Fault("a stop keeps its reason", task.arn, f"{old.stop_code} to {task.stop_code}")


def _history_is_not_rewritten(before: RegionRows, after: RegionRows) -> Iterator[Fault]:
    """A commit may take several steps of the table, but none back, and what has ended stays."""
    if before.service_deployments is after.service_deployments:
        return
    for arn, row in after.service_deployments.items():
        old = before.service_deployments.get(arn)
        if old is None or old is row or _leads_to(old.status, row.status):
            continue
        yield Fault("history is not rewritten", arn, f"{old.status} to {row.status}")


def _leads_to(present: str, wanted: str) -> bool:
    reached, frontier = set(), {ServiceDeploymentStatus(present)}
    while frontier:
        reached |= frontier
        frontier = {after for status in frontier for after in SERVICE_DEPLOYMENT_TRANSITIONS[status]}
    return wanted in reached


def _starts_stay_within_the_maximum(after: RegionRows, started: Sequence[Task]) -> Iterator[Fault]:
    for arn in {task.service_arn for task in started if task.service_arn}:
        service = after.services[arn]
        percent = service.deployment_configuration.maximum_percent
        upper = service.desired_count * percent // 100
        # What a user stopped waits for its replacement before it drains, so it cannot fill its room.
        counted = [task for task in after.live_of(arn) if task.stop_code != "UserInitiated"]
        if len(counted) > upper:
            yield Fault("never more tasks than the maximum", arn, f"{len(counted)} of {upper}")


def _starts_are_on_ready_instances(before: RegionRows, started: Sequence[Task]) -> Iterator[Fault]:
    for task in started:
        instance = before.instances.get(task.container_instance_arn)
        if instance is None or instance.status != "ACTIVE" or not instance.agent_connected:
            state = f"{instance.status}, connected {instance.agent_connected}" if instance else "unknown"
            yield Fault("tasks start on ready instances", task.arn, state)


def _ports_rest(before: RegionRows, started: Sequence[Task], now: datetime) -> Iterator[Fault]:
    """A dynamic port is not given out again just after its task stopped: some balancer may not know yet."""
    if not started:
        return
    resting = {
        (task.container_instance_arn, port.host_port, port.protocol)
        for task in before.tasks.values()
        if task.stopped_at is not None and now - task.stopped_at < PORT_RESTS_FOR
        for port in task.ports
    }
    for task in started:
        for port in task.ports:
            is_dynamic = port.host_port >= DYNAMIC_PORT_FIRST
            if is_dynamic and (task.container_instance_arn, port.host_port, port.protocol) in resting:
                yield Fault("a port rests after its task", task.arn, f"{port.protocol} {port.host_port}")


def _stops_follow_drains(before: RegionRows, after: RegionRows, changed: Iterable[Task]) -> Iterator[Fault]:
    """A task that served is told to stop only when none of its targets is left."""
    registrants = {target.registered_by for target in after.targets.values()}
    for task in changed:
        old = before.tasks.get(task.arn)
        is_told = task.last_status == TaskStatus.STOPPING
        if old is not None and is_told and old.last_status != task.last_status and task.arn in registrants:
            yield Fault("drain, then stop", task.arn, f"{old.last_status} to STOPPING with targets left")


def _drains_last(before: RegionRows, after: RegionRows, now: datetime) -> Iterator[Fault]:
    """A target whose task serves goes only after the whole deregistration delay."""
    for key, target in before.targets.items():
        task = before.tasks.get(target.registered_by or "")
        group = after.groups.get(target.target_group_arn)
        if key in after.targets or group is None or task is None or task.desired_status == "RUNNING":
            continue
        delay = timedelta(seconds=group.deregistration_delay_seconds)
        is_early = target.draining_since is None or now < target.draining_since + delay
        if task.last_status == TaskStatus.DEACTIVATING and is_early:
            yield Fault("a drain lasts its delay", key, f"since {target.draining_since}, {delay}")


def _stops_keep_the_minimum(
    before: RegionRows, after: RegionRows, changed: Sequence[Task], now: datetime
) -> Iterator[Fault]:
    """A scheduler takes no healthy task that the minimum needs. Others may: users, crashes, lost hosts."""
    taken: Counter[str] = Counter()
    for task in changed:
        old = before.tasks.get(task.arn)
        is_new_stop = old is not None and old.desired_status == "RUNNING" and task.desired_status == "STOPPED"
        if old is None or not is_new_stop or task.stop_code != "ServiceSchedulerInitiated":
            continue
        if is_serving(old, before, now):
            taken[task.service_arn or ""] += 1
    for arn in taken:
        service = after.services[arn]
        desired = service.desired_count if service.status == "ACTIVE" else 0
        percent = service.deployment_configuration.minimum_healthy_percent
        lower = -(-desired * percent // 100)
        left = sum(1 for task in after.live_of(arn) if is_serving(task, after, now))
        if left < lower:
            yield Fault("never fewer healthy than the minimum", arn, f"{left} of {lower} after {taken[arn]}")


def _stops_spare_the_protected(
    before: RegionRows, after: RegionRows, changed: Sequence[Task], now: datetime
) -> Iterator[Fault]:
    """Scale-in and deployments stop no protected task. Bad health, draining instances and the end of a
    service do, and users."""
    for task in changed:
        old, service = before.tasks.get(task.arn), after.services.get(task.service_arn or "")
        if old is None or old.desired_status == "STOPPED" or task.stop_code != "ServiceSchedulerInitiated":
            continue
        until, instance = old.protected_until, before.instances.get(task.container_instance_arn)
        is_spared = until is not None and now < until and not task.has_failed_checks
        is_place_kept = instance is None or instance.status != "DRAINING"
        if is_spared and is_place_kept and service is not None and service.status == "ACTIVE":
            yield Fault(
                "no protected task is stopped by scale-in or a deployment", task.arn, f"until {until}"
            )


CLAIMS: tuple[Callable[[RegionRows], Iterator[Fault]], ...] = (
    _one_task_per_port,
    _resources_are_not_overcommitted,
    _ports_of_targets_stay_with_their_task,
    _targets_belong_to_running_tasks,
    _draining_tasks_have_targets,
    _stopped_tasks_say_why,
    _deployments_are_in_order,
    _history_tells_the_present,
    _left_instances_are_empty,
    _scaling_does_one_thing_at_a_time,
)
"""The claims about one state, for those who check them one at a time."""
