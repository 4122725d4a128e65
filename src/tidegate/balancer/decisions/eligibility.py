"""Which targets of a group may be sent new requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tidegate.balancer.decisions.health import Health
from tidegate.fleet.balancing import GroupDocument

Key = tuple[str, int]


def eligible(group: GroupDocument, health: Mapping[Key, Health], ejected: Collection[Key]) -> set[Key]:
    """Targets for new requests, by the first rule that gives any:

    1. active ones that are healthy (without those just found dead);
    2. held ones: draining, not due yet, and healthy;
    3. when all are unhealthy, all of them: a wrong health check must not take a service down.
    """
    active = [(t.id, t.port) for t in group.targets if t.status == "active"]
    held = [(t.id, t.port) for t in group.targets if t.status == "draining" and t.drain_deadline is None]
    healthy = [key for key in active if _state(health, key) == "healthy"]
    alive = {key for key in healthy if key not in ejected}
    if alive:
        return alive
    standing = {key for key in held if _state(health, key) == "healthy" and key not in ejected}
    if standing:
        return standing
    if healthy:
        return set(healthy)
    return {key for key in active if _state(health, key) == "unhealthy"}


def _state(health: Mapping[Key, Health], key: Key) -> str:
    known = health.get(key)
    return known.state if known is not None else "initial"
