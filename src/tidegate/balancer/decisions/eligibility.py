"""Which targets of a group may be sent new requests."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.health import HEALTHY, Health
from tidegate.fleet.balancing import GroupDocument

Key = tuple[str, int]


def eligible(group: GroupDocument, health: Mapping[Key, Health]) -> frozenset[Key]:
    """Targets for new requests, by the first rule that gives any:

    1. active ones that are healthy, without those just found dead;
    2. held ones that are healthy: draining with no deadline, since nothing else was healthy when they
       began to;
    3. fail open: all that are active, whatever their health. A wrong health check must not take a service
       down, and one that is only starting may be up by the time of HAProxy's next attempt.
    """
    active = [(target.id, target.port) for target in group.targets if target.status == "active"]
    held = [
        (target.id, target.port)
        for target in group.targets
        if target.status == "draining" and target.drain_deadline is None
    ]
    for candidates in (active, held):
        serving = frozenset(key for key in candidates if _serves(health.get(key)))
        if serving:
            return serving
    return frozenset(active)


def _serves(health: Health | None) -> bool:
    return health is not None and health.state == HEALTHY and not health.is_ejected
