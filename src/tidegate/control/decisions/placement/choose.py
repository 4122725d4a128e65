"""Chooses instances for tasks of one kind.

Capacity only shrinks while one call places its tasks, so an instance that does not fit once is out for
the rest of the call. Instances wait in one heap per zone: a placement costs the logarithm of their
number, and 10,000 tasks onto 1,000 instances stay under a few seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.control.decisions.placement.demand import Demand
from tidegate.control.decisions.placement.node import Node, dynamic_port
from tidegate.domain.ecs import PortReservation

# Reasons in AWS's words, as RunTask's failures give them.
AGENT = "AGENT"
ATTRIBUTE = "ATTRIBUTE"
CPU = "RESOURCE:CPU"
MEMORY = "RESOURCE:MEMORY"
PORTS = "RESOURCE:PORTS"
INACTIVE = "INACTIVE"
DISTINCT = "MemberOf placement constraint unsatisfied."

_SPREAD_ZONE = ("attribute:ecs.availability-zone", "ecs.availability-zone")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task's place and its host ports."""

    container_instance_arn: str
    availability_zone: str
    ports: tuple[PortReservation, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """As many assignments as fit, and when some did not: why each instance refused."""

    assignments: tuple[Assignment, ...]
    refusals: tuple[tuple[str, str], ...]


def place(nodes: Sequence[Node], demand: Demand, count: int, hint: int) -> Placement:
    """Places up to `count` tasks. `hint`: where in the dynamic port range to begin to look."""
    is_spread_over_zones = not demand.strategy or (
        demand.strategy[0].type == "spread" and (demand.strategy[0].field or "") in _SPREAD_ZONE
    )
    zones: dict[str, list[tuple[tuple[int, ...], str, Node]]] = {}
    zone_tasks: dict[str, int] = {}
    refusals: list[tuple[str, str]] = []
    for node in sorted(nodes, key=lambda n: n.container_instance_arn):
        zone = node.availability_zone if is_spread_over_zones else ""
        zone_tasks[zone] = zone_tasks.get(zone, 0) + node.tasks_of_group
        zones.setdefault(zone, []).append((_score(node, demand), node.container_instance_arn, node))
    for heap in zones.values():
        heapq.heapify(heap)

    assignments: list[Assignment] = []
    while len(assignments) < count and any(zones.values()):
        zone = min((name for name in zones if zones[name]), key=lambda name: (zone_tasks[name], name))
        _, arn, node = heapq.heappop(zones[zone])
        refusal = why_not(node, demand)
        fitted = None if refusal else _fit(node, demand, hint + 7919 * len(assignments))
        if fitted is None:
            refusals.append((arn, refusal or PORTS))
            continue
        left, assignment = fitted
        assignments.append(assignment)
        zone_tasks[zone] += 1
        heapq.heappush(zones[zone], (_score(left, demand), arn, left))
    return Placement(tuple(assignments), tuple(refusals) if len(assignments) < count else ())


def why_not(node: Node, demand: Demand) -> str | None:
    """Why one task does not go onto a node, first reason only; None when it fits."""
    rules = (
        (not node.is_active, INACTIVE),
        (not node.is_connected, AGENT),
        (demand.is_one_per_instance and node.tasks_of_group > 0, DISTINCT),
        (demand.cpu > node.cpu, CPU),
        (demand.memory_mib > node.memory_mib, MEMORY),
        (_has_port_clash(node, demand), PORTS),
    )
    return next((reason for applies, reason in rules if applies), None)


def _has_port_clash(node: Node, demand: Demand) -> bool:
    return any(port.host_port and (port.host_port, port.protocol) in node.used_ports for port in demand.ports)


def _score(node: Node, demand: Demand) -> tuple[int, ...]:
    """Smaller is better; the strategies in order, each breaking the ties of the one before it."""
    score: list[int] = []
    for strategy in demand.strategy:
        if strategy.type == "binpack":
            score.append(node.cpu if (strategy.field or "").lower() == "cpu" else node.memory_mib)
        elif strategy.type == "spread":
            score.append(node.tasks_of_group)
    # Instances with equal claims: fewest tasks first, then most room.
    return (*score, node.tasks_of_group, -node.memory_mib)


def _fit(node: Node, demand: Demand, hint: int) -> tuple[Node, Assignment] | None:
    used = node.used_ports
    ports: list[PortReservation] = []
    for wanted in demand.ports:
        host_port = wanted.host_port or dynamic_port(used, wanted.protocol, hint)
        if host_port is None:
            return None
        used = used | {(host_port, wanted.protocol)}
        ports.append(
            PortReservation(
                container_name=wanted.container_name,
                container_port=wanted.container_port,
                host_port=host_port,
                protocol=wanted.protocol,
            )
        )
    left = replace(
        node,
        cpu=node.cpu - demand.cpu,
        memory_mib=node.memory_mib - demand.memory_mib,
        used_ports=used,
        tasks_of_group=node.tasks_of_group + 1,
    )
    return left, Assignment(node.container_instance_arn, node.availability_zone, tuple(ports))
