"""Which targets of a group may be sent new requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidegate.balancer.decisions.health import HEALTHY, Health
from tidegate.fleet.balancing import GroupDocument, GroupTarget

Key = tuple[str, int]


def eligible(
    group: GroupDocument, health: Mapping[Key, Health], among: Iterable[GroupTarget] | None = None
) -> frozenset[Key]:
    """Targets for new requests, by the first rule that gives any:

    1. active ones that are healthy, if they are as many as the group wants, without those just found dead;
    2. the same of active and held ones together: held ones are draining with no deadline, since nothing
       else was healthy when they began to;
    3. fail open: all that are active, whatever their health, and held ones that are healthy, without those
       just found dead unless that leaves none. A wrong health check must not take a service down, and a
       target that is only starting may be up by the time of HAProxy's next attempt.

    `among`: the targets that are looked at, where a zone has only its own; all of the group's otherwise.
    Those of zones that the load balancer does not serve get none in any case.
    """
    targets = group.targets if among is None else tuple(among)
    active = [(target.id, target.port) for target in targets if target.is_in_use]
    held = [(target.id, target.port) for target in targets if _is_held(target)]
    for candidates in (active, active + held):
        healthy = [key for key in candidates if _is_healthy(health.get(key))]
        serving = frozenset(key for key in healthy if not health[key].is_ejected)
        if serving and suffices(group, len(healthy), len(candidates)):
            return serving
    opened = [*active, *(key for key in held if _is_healthy(health.get(key)))]
    return frozenset(key for key in opened if not _is_ejected(health.get(key))) or frozenset(active)


def suffices(group: GroupDocument, healthy: int, registered: int) -> bool:
    """Whether the healthy ones are enough not to fail open. Those just found dead count: their health has
    not changed by any check that counts."""
    percentage = group.minimum_healthy_percentage or 0
    return healthy >= group.minimum_healthy_count and healthy * 100 >= percentage * registered


def _is_held(target: GroupTarget) -> bool:
    return target.status == "draining" and target.drain_deadline is None and target.is_zone_enabled


def _is_healthy(health: Health | None) -> bool:
    return health is not None and health.state == HEALTHY


def _is_ejected(health: Health | None) -> bool:
    return health is not None and health.is_ejected
