"""What must hold of every snapshot, however it came about.

Run after each step of the simulation, and from time to time in production, where a broken invariant is
an error in the log and a metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.control.decisions.services.window import bounds
from tidegate.domain.ecs import ContainerInstance, Service, Task
from tidegate.domain.elbv2 import Target


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken invariant: its name, and the thing that breaks it."""

    invariant: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    services: Sequence[Service]
    tasks: Sequence[Task]
    instances: Sequence[ContainerInstance]
    targets: Sequence[Target]
    targets_of_instance: Mapping[str, str]
    """EC2 instance id -> container instance ARN."""


def check(world: World) -> list[Fault]:
    """Every broken invariant."""
    return [
        *_ports_are_single(world),
        *_capacity_is_respected(world),
        *_targets_belong_to_tasks(world),
        *_maximum_is_respected(world),
        *_one_primary(world),
    ]


def _live(world: World) -> list[Task]:
    return [task for task in world.tasks if task.last_status != "STOPPED"]


def _ports_are_single(world: World) -> Iterator[Fault]:
    """No two live tasks on one port of an instance, and no live task on another's registered target."""
    owners: dict[tuple[str, int, str], str] = {}
    for task in _live(world):
        for port in task.ports:
            place = (task.container_instance_arn, port.host_port, port.protocol)
            if place in owners:
                yield Fault("one task per port", task.arn, f"{place} is {owners[place]}'s too")
            owners[place] = task.arn
    for target in world.targets:
        if target.registered_by is None:
            continue
        arn = world.targets_of_instance.get(target.id, "")
        owner = owners.get((arn, target.port, "tcp"))
        if owner is not None and owner != target.registered_by:
            yield Fault("no port reused under a target", owner, f"{target.key} is {target.registered_by}'s")


def _capacity_is_respected(world: World) -> Iterator[Fault]:
    cpu: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    for task in _live(world):
        cpu[task.container_instance_arn] += task.cpu
        memory[task.container_instance_arn] += task.memory_mib
    for instance in world.instances:
        if cpu[instance.arn] > instance.resources.cpu:
            yield Fault("CPU is not over-committed", instance.arn, str(cpu[instance.arn]))
        if memory[instance.arn] > instance.resources.memory_mib:
            yield Fault("memory is not over-committed", instance.arn, str(memory[instance.arn]))


def _targets_belong_to_tasks(world: World) -> Iterator[Fault]:
    live = {task.arn: task for task in _live(world)}
    for target in world.targets:
        if target.registered_by is None or target.status != "active":
            continue
        task = live.get(target.registered_by)
        if task is not None and task.last_status in ("PENDING", "STOPPING"):
            yield Fault("an active target's task runs", target.key, f"its task is {task.last_status}")


def _maximum_is_respected(world: World) -> Iterator[Fault]:
    """Tasks of the PRIMARY deployment that are wanted never exceed the maximum of the desired count."""
    for service in world.services:
        primary = service.primary
        if service.status != "ACTIVE" or primary is None or service.steady_at is None:
            continue
        wanted = sum(
            1 for t in _live(world) if t.service_arn == service.arn and t.desired_status == "RUNNING"
        )
        _, upper = bounds(service, service.desired_count)
        if wanted > upper:
            yield Fault("never more than the maximum", service.arn, f"{wanted} of {upper}")


def _one_primary(world: World) -> Iterator[Fault]:
    for service in world.services:
        primaries = [d for d in service.deployments if d.status == "PRIMARY"]
        if service.status == "ACTIVE" and len(primaries) != 1:
            yield Fault("one PRIMARY deployment", service.arn, f"it has {len(primaries)}")
