"""When a drain is over.

Application Load Balancers let a drain take the whole deregistration delay. A group may ask for less (its
document says `drains_early`): then a target is done as soon as it has had nothing in flight for a second. It
gets no new requests meanwhile, so that what is idle stays idle.
"""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.eligibility import Key

IDLE_SECONDS = 1.0


def overdue(deadlines: Mapping[Key, float], now: float) -> frozenset[Key]:
    """Targets whose time is over; what is still in flight there is cut off. `now`: Unix seconds, as the
    deadlines."""
    return frozenset(key for key, deadline in deadlines.items() if deadline <= now)


def idle_since(before: Mapping[Key, float], in_flight: Mapping[Key, int], now: float) -> dict[Key, float]:
    """Since when each draining target has had nothing in flight (monotonic seconds). `in_flight`: requests
    at each; of a target that is not in it nothing is known."""
    return {key: before.get(key, now) for key, count in in_flight.items() if count == 0}


def done_early(idle: Mapping[Key, float], now: float) -> frozenset[Key]:
    """Targets that have been idle for long enough."""
    return frozenset(key for key, since in idle.items() if now - since >= IDLE_SECONDS)
