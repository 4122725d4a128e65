"""Which targets begin with a small share of requests that grows, as Application Load Balancers decide it.

A target enters slow start when it becomes healthy while another healthy one is not in it: there must be
somebody to take the rest. So neither those that are healthy when the attribute is set enter, nor the first
ones of a group that was empty, however far apart they become healthy. It leaves when the time is over,
when it becomes unhealthy, or when it is deregistered, and enters anew when it is healthy again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import HEALTHY, Health
from tidegate.fleet.balancing import GroupDocument


@dataclass(frozen=True, slots=True)
class SlowStarts:
    """What a group's last look saw. `began`: the targets in slow start and since when (monotonic seconds).
    `first`: targets that came while the group was empty and have not been healthy yet."""

    began: Mapping[Key, float] = field(default_factory=dict)
    registered: frozenset[Key] = frozenset()
    healthy: frozenset[Key] = frozenset()
    first: frozenset[Key] = frozenset()


def advance(before: SlowStarts, group: GroupDocument, health: Mapping[Key, Health], now: float) -> SlowStarts:
    """What a look now sees."""
    registered = frozenset((one.id, one.port) for one in group.targets if one.is_in_use)
    healthy = frozenset(key for key in registered if key in health and health[key].state == HEALTHY)
    first = before.first & registered if before.registered else registered
    began = {
        key: since
        for key, since in before.began.items()
        if key in healthy and now - since < group.slow_start_seconds
    }
    has_others = any(key not in began for key in healthy & before.healthy)
    if group.slow_start_seconds and has_others:
        began |= dict.fromkeys(sorted(healthy - before.healthy - first), now)
    return SlowStarts(began, registered, healthy, first - healthy)


def shares(starts: SlowStarts, group: GroupDocument, now: float) -> dict[Key, float]:
    """Of a full share, of the targets in slow start: it grows evenly."""
    return {
        key: max(0.0, min(1.0, (now - since) / group.slow_start_seconds))
        for key, since in starts.began.items()
    }
