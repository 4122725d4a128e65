"""How placement strategies rank instances: smaller is better, each strategy breaks the ties of the one
before it, and what is left is broken by a hash, so that services do not all begin on the same instance.

A rank has two kinds of parts. *Own* parts (tasks on the instance, room left) change only when the instance
itself is chosen. *Shared* parts (tasks in its zone) change for all instances of a bucket at once; they are
counted here, by bucket.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from tidegate.control.decisions.placement.room import Room
from tidegate.domain.ecs import ContainerInstance, PlacementStrategy

DEFAULT_STRATEGIES = (
    PlacementStrategy(type="spread", field="attribute:ecs.availability-zone"),
    PlacementStrategy(type="spread", field="instanceId"),
)
_ZONE = "ecs.availability-zone"

Bucket = tuple[str, ...]
Rank = tuple[int, ...]


class Scores:
    """The ranks during one placement: tasks of the group are counted as they are placed."""

    def __init__(
        self,
        strategies: Sequence[PlacementStrategy],
        instances: Iterable[ContainerInstance],
        group_tasks: Mapping[str, int],
        salt: str,
    ) -> None:
        self._strategies = [s for s in strategies or DEFAULT_STRATEGIES if s.type != "random"]
        self._salt = salt
        self._on_instance = Counter(group_tasks)
        self._shared = [strategy for strategy in self._strategies if _is_shared(strategy)]
        self._counts: list[Counter[str]] = [Counter() for _ in self._shared]
        for instance in instances:
            count = group_tasks.get(instance.arn, 0)
            for value, counts in zip(self.bucket(instance), self._counts, strict=True):
                counts[value] += count

    def bucket(self, instance: ContainerInstance) -> Bucket:
        """The values of the instance for every spread over something larger than an instance."""
        return tuple(_value(instance, strategy.field) for strategy in self._shared)

    def own(self, instance: ContainerInstance, room: Callable[[], Room]) -> Rank:
        """The parts of the rank that are the instance's own."""
        tasks = self._on_instance[instance.arn]
        parts = [
            tasks if strategy.type == "spread" else _remaining(room(), strategy.field)
            for strategy in self._strategies
            if not _is_shared(strategy)
        ]
        tie = zlib.crc32(f"{self._salt} {instance.arn}".encode())
        return (*parts, tasks, tie)

    def whole(self, bucket: Bucket, own: Rank) -> Rank:
        """Shared and own parts, in the order of the strategies."""
        shared = [counts[value] for value, counts in zip(bucket, self._counts, strict=True)]
        if len(shared) == len(self._strategies):
            return (*shared, *own)
        own_parts, shared_parts = iter(own), iter(shared)
        parts = [next(shared_parts) if _is_shared(s) else next(own_parts) for s in self._strategies]
        return (*parts, *own_parts)

    def tasks_on(self, instance: ContainerInstance) -> int:
        return self._on_instance[instance.arn]

    def placed(self, instance: ContainerInstance) -> None:
        self._on_instance[instance.arn] += 1
        for value, counts in zip(self.bucket(instance), self._counts, strict=True):
            counts[value] += 1


def _is_shared(strategy: PlacementStrategy) -> bool:
    return strategy.type == "spread" and strategy.field not in (None, "instanceId", "host")


def _value(instance: ContainerInstance, field: str | None) -> str:
    """Instances without the attribute share a bucket."""
    name = (field or "").removeprefix("attribute:")
    if name == _ZONE:
        return instance.availability_zone
    return next((a.value or "" for a in instance.attributes if a.name == name), "")


def _remaining(room: Room, field: str | None) -> int:
    return room.cpu if (field or "").lower() == "cpu" else room.memory_mib
