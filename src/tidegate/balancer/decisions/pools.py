"""The pools from which HAProxy chooses a target: one backend per group, or one per group and zone.

A node of an Application Load Balancer sends the requests of a group that is not cross-zone to targets of
its own zone only. Here one address stands for the nodes of all zones, so that a request is taken as
arriving in one of them at random; what is `<backend>.<n>` are the targets that the n-th zone's node has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.balancer.decisions.eligibility import Key, eligible
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.servers import Server, backend_name, idle_max, server_name, transport
from tidegate.balancer.decisions.stickiness import Stickiness, opaque_id
from tidegate.balancer.decisions.weights import weight
from tidegate.fleet.balancing import EdgeDocument, GroupDocument, GroupTarget

_EVERY_ZONE = (None, "all")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a group's targets: `health`; `shares` of those that get less than a full share.
    `void`: address and port of a place that takes no connection, for targets that security groups do not
    let the load balancer reach."""

    health: Mapping[Key, Health] = field(default_factory=dict)
    shares: Mapping[Key, float] = field(default_factory=dict)
    void: tuple[str, int] = ("127.0.0.1", 9)
    stickiness: Stickiness = field(default_factory=Stickiness)


def zones(edge: EdgeDocument) -> Mapping[str, tuple[str, ...]]:
    """The zones of the load balancer that uses a group, by the group's ARN."""
    return {
        arn: balancer.zones
        for balancer in edge.load_balancers
        for listener in balancer.listeners
        for arn in listener.target_groups
    }


def is_zonal(group: GroupDocument | None, zones: Sequence[str]) -> bool:
    """Whether each zone has targets of its own. In a single zone all are in it."""
    return group is not None and not group.is_cross_zone and len(zones) > 1


def backends(
    arn: str, group: GroupDocument | None, zones: Sequence[str], known: Knowledge
) -> dict[str, dict[str, Server]]:
    """Every backend of a group with its servers by name. A group whose document has not come has none."""
    name = backend_name(arn)
    if group is None:
        return {name: {}}
    if not is_zonal(group, zones):
        return {name: servers(group, name, group.targets, known)}
    return {
        f"{name}.{number}": servers(
            group,
            f"{name}.{number}",
            [target for target in group.targets if target.zone in (zone, *_EVERY_ZONE)],
            known,
        )
        for number, zone in enumerate(zones)
    }


def servers(
    group: GroupDocument, backend: str, targets: Sequence[GroupTarget], known: Knowledge
) -> dict[str, Server]:
    """These targets of a group as servers by name, ready if they may be sent new requests."""
    ready, speech = eligible(group, known.health, targets), transport(group)
    found: dict[str, Server] = {}
    for target in sorted(targets, key=lambda one: (one.id, one.port)):
        key, name = (target.id, target.port), server_name(target.id, target.port)
        address, port = (target.address, target.port) if target.is_admitted else known.void
        found[name] = Server(
            name=name,
            address=address,
            port=port,
            is_ready=key in ready,
            weight=weight(group, key, known.shares),
            transport=speech,
            idle_max=idle_max(group),
            opaque_id=opaque_id(known.stickiness.key, backend, name) if group.stickiness is not None else "",
        )
    return found
