"""What a task asks of an instance, by the arithmetic of Amazon's agent.

Task `cpu` and `memory` where the definition has them; otherwise sums over containers, with
`memoryReservation` where it is set instead of `memory`. The agent keeps the same ledger, so a scheduler
that counted otherwise would hand it tasks that wait without a report.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.ecs import PlacementConstraint, PlacementStrategy, PortMapping, TaskDefinition


@dataclass(frozen=True, slots=True)
class PortDemand:
    """A container port that needs a host port; `host_port` 0 takes any free dynamic one."""

    container_name: str
    container_port: int
    host_port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    cpu: int
    memory_mib: int
    ports: tuple[PortDemand, ...] = ()
    is_one_per_instance: bool = False
    strategy: tuple[PlacementStrategy, ...] = ()


def demand_of(
    definition: TaskDefinition,
    constraints: tuple[PlacementConstraint, ...] = (),
    strategy: tuple[PlacementStrategy, ...] = (),
) -> Demand:
    """The demand of one task of a definition."""
    containers = definition.containers
    cpu = definition.cpu if definition.cpu is not None else sum(c.cpu for c in containers)
    memory = (
        definition.memory_mib
        if definition.memory_mib is not None
        else sum(c.memory_reservation_mib or c.memory_mib or 0 for c in containers)
    )
    ports = tuple(
        PortDemand(container.name, mapping.container_port, _host_port(definition, mapping), mapping.protocol)
        for container in containers
        for mapping in container.port_mappings
    )
    is_one_per_instance = any(constraint.type == "distinctInstance" for constraint in constraints)
    return Demand(
        cpu=cpu,
        memory_mib=memory,
        ports=ports,
        is_one_per_instance=is_one_per_instance,
        strategy=strategy,
    )


def _host_port(definition: TaskDefinition, mapping: PortMapping) -> int:
    # In host mode the container is on the host: its ports are the host's.
    if definition.network_mode == "host":
        return mapping.container_port
    return mapping.host_port
