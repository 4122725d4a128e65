"""How placement strategies rank instances: smaller is better, each strategy breaks the ties of the one
before it, and what is left is broken by a hash, so that services do not all begin on the same instance."""

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


class Scores:
    """The ranks during one placement: tasks of the group are counted as they are placed."""

    def __init__(
        self,
        strategies: Sequence[PlacementStrategy],
        instances: Iterable[ContainerInstance],
        group_tasks: Mapping[str, int],
        salt: str,
    ) -> None:
        self._strategies = tuple(strategies) or DEFAULT_STRATEGIES
        self._salt = salt
        self._on_instance = Counter(group_tasks)
        self._counts: list[Counter[str]] = []
        rows = list(instances)
        for strategy in self._strategies:
            counts: Counter[str] = Counter()
            if strategy.type == "spread":
                for instance in rows:
                    counts[spread_value(instance, strategy.field)] += group_tasks.get(instance.arn, 0)
            self._counts.append(counts)

    def of(self, instance: ContainerInstance, room: Callable[[], Room]) -> tuple[int, ...]:
        score: list[int] = []
        for strategy, counts in zip(self._strategies, self._counts, strict=True):
            if strategy.type == "spread":
                score.append(counts[spread_value(instance, strategy.field)])
            elif strategy.type == "binpack":
                score.append(_remaining(room(), strategy.field))
        tie = zlib.crc32(f"{self._salt} {instance.arn}".encode())
        return (*score, self._on_instance[instance.arn], tie)

    def tasks_on(self, instance: ContainerInstance) -> int:
        return self._on_instance[instance.arn]

    def placed(self, instance: ContainerInstance) -> None:
        self._on_instance[instance.arn] += 1
        for strategy, counts in zip(self._strategies, self._counts, strict=True):
            if strategy.type == "spread":
                counts[spread_value(instance, strategy.field)] += 1


def spread_value(instance: ContainerInstance, field: str | None) -> str:
    """The bucket of an instance. Those without the attribute share one."""
    if field in (None, "instanceId", "host"):
        return instance.arn
    name = (field or "").removeprefix("attribute:")
    if name == _ZONE:
        return instance.availability_zone
    return next((a.value or "" for a in instance.attributes if a.name == name), "")


def _remaining(room: Room, field: str | None) -> int:
    return room.cpu if (field or "").lower() == "cpu" else room.memory_mib
