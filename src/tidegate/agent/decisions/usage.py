"""From what containers have used since their start to what they use now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Place = tuple[str, str]

_UNITS_PER_CPU = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`cpu_seconds`: since the container's start."""

    cpu_seconds: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`cpu_percent`: of the CPU units that the instance registered, which need not be all of the machine."""

    cpu_percent: float
    memory_mib: float


def measured(
    before: Mapping[Place, Usage], after: Mapping[Place, Usage], seconds: float, instance_cpu: int
) -> dict[Place, Share]:
    """Shares of the containers that were there both times: the others have no interval yet."""
    if seconds <= 0:
        return {}
    whole = seconds * instance_cpu / _UNITS_PER_CPU
    return {
        place: Share(
            # A container that was started again begins at nothing.
            cpu_percent=max(0.0, 100 * (usage.cpu_seconds - before[place].cpu_seconds) / whole),
            memory_mib=usage.memory_mib,
        )
        for place, usage in after.items()
        if place in before
    }
