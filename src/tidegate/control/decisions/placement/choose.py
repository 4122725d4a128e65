"""Chooses instances for tasks of one kind.

While one call places its tasks, room only shrinks, so an instance that does not fit once is out for the
rest of the call. Instances wait in one heap for each bucket (each zone), ordered by what is their own; the
best of all is among the first of the buckets, which are few. So a placement costs the logarithm of the
instances, and 10,000 tasks onto 1,000 instances take seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tidegate.control.decisions.placement.demand import Demand
from tidegate.control.decisions.placement.filter import PORTS, why_no_room, why_unfit
from tidegate.control.decisions.placement.room import Room, reserve
from tidegate.control.decisions.placement.score import Bucket, Rank, Scores
from tidegate.domain.ecs import ContainerInstance, PortReservation


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task's place and its host ports."""

    container_instance_arn: str
    availability_zone: str
    ports: tuple[PortReservation, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an instance took no (more) task."""

    container_instance_arn: str
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    """As many assignments as fit, and when some did not: why each instance refused."""

    assignments: tuple[Assignment, ...]
    refusals: tuple[Refusal, ...]


def place(
    instances: Iterable[ContainerInstance],
    demand: Demand,
    count: int,
    *,
    group_tasks: Mapping[str, int],
    room_of: Callable[[ContainerInstance], Room],
    salt: str,
) -> Placement:
    """Places up to `count` tasks.

    `group_tasks`: tasks of the same service or family by container instance ARN, for the spread.
    `salt` breaks ties: the group's name will do.
    """
    known = {instance.arn: instance for instance in instances}
    refusals: dict[str, str] = {}
    for arn, instance in known.items():
        reason = why_unfit(instance, demand)
        if reason is not None:
            refusals[arn] = reason
    fit = [instance for arn, instance in known.items() if arn not in refusals]
    scores = Scores(demand.strategy, known.values(), group_tasks, salt)
    rooms = _Rooms(room_of)
    waiting: dict[Bucket, list[tuple[Rank, str]]] = {}
    for instance in fit:
        own = scores.own(instance, rooms.getter(instance))
        waiting.setdefault(scores.bucket(instance), []).append((own, instance.arn))
    for heap in waiting.values():
        heapq.heapify(heap)

    assignments: list[Assignment] = []
    while waiting and len(assignments) < count:
        bucket = min(waiting, key=lambda bucket: scores.whole(bucket, waiting[bucket][0][0]))
        heap = waiting[bucket]
        instance = known[heap[0][1]]
        room = rooms.of(instance)
        reason = why_no_room(room, demand, scores.tasks_on(instance))
        ports = reserve(room, demand) if reason is None else None
        if ports is None:
            refusals[instance.arn] = reason or PORTS
            heapq.heappop(heap)
            if not heap:
                del waiting[bucket]
            continue
        rooms.put(instance, room.less(demand, ports))
        scores.placed(instance)
        assignments.append(Assignment(instance.arn, instance.availability_zone, ports))
        heapq.heapreplace(heap, (scores.own(instance, rooms.getter(instance)), instance.arn))
    if len(assignments) == count:
        return Placement(tuple(assignments), ())
    return Placement(tuple(assignments), tuple(Refusal(arn, refusals[arn]) for arn in sorted(refusals)))


class _Rooms:
    """Rooms as they are during one placement, each computed when first asked for."""

    def __init__(self, room_of: Callable[[ContainerInstance], Room]) -> None:
        self._room_of = room_of
        self._known: dict[str, Room] = {}

    def of(self, instance: ContainerInstance) -> Room:
        if instance.arn not in self._known:
            self._known[instance.arn] = self._room_of(instance)
        return self._known[instance.arn]

    def getter(self, instance: ContainerInstance) -> Callable[[], Room]:
        return lambda: self.of(instance)

    def put(self, instance: ContainerInstance, room: Room) -> None:
        self._known[instance.arn] = room
