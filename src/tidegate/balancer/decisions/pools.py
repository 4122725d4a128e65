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
from tidegate.balancer.decisions.servers import Server, backend_name, server_name, transport
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
        return {name: servers(group, group.targets, known)}
    return {
        f"{name}.{number}": servers(
            group, [target for target in group.targets if target.zone in (zone, *_EVERY_ZONE)], known
        )
        for number, zone in enumerate(zones)
    }


def servers(group: GroupDocument, targets: Sequence[GroupTarget], known: Knowledge) -> dict[str, Server]:
    """These targets of a group as servers by name, ready if they may be sent new requests."""
    ready, speech = eligible(group, known.health, targets), transport(group)
    return {
        server_name(target.id, target.port): _server(
            group, target, (target.id, target.port) in ready, speech, known
        )
        for target in sorted(targets, key=lambda one: (one.id, one.port))
    }


def _server(
    group: GroupDocument, target: GroupTarget, is_ready: bool, speech: str, known: Knowledge
) -> Server:
    address, port = (target.address, target.port) if target.is_admitted else known.void
    return Server(
        name=server_name(target.id, target.port),
        address=address,
        port=port,
        is_ready=is_ready,
        weight=weight(group, (target.id, target.port), known.shares),
        transport=speech,
    )
