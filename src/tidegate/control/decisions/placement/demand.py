"""What a task asks of an instance, by the arithmetic of Amazon's agent.

Task `cpu` and `memory` where the definition has them; otherwise sums over containers, with
`memoryReservation` where it is set instead of `memory`. The agent keeps the same ledger, so a scheduler
that counted otherwise would hand it tasks that wait without a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.ecs import (
    ContainerDefinition,
    PlacementConstraint,
    PlacementStrategy,
    PortMapping,
    TaskDefinition,
)


@dataclass(frozen=True, slots=True)
class PortDemand:
    """A container port that needs a host port; `host_port` 0 takes any free dynamic one."""

    container_name: str
    container_port: int
    host_port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """`required_attributes`: names that the instance must have; agents name what they are capable of.
    `architecture`: what the CPU must be (as agents spell it), None for any."""

    cpu: int
    memory_mib: int
    ports: tuple[PortDemand, ...] = ()
    required_attributes: frozenset[str] = frozenset()
    architecture: str | None = None
    is_one_per_instance: bool = False
    strategy: tuple[PlacementStrategy, ...] = ()


def demand_of(
    definition: TaskDefinition,
    constraints: tuple[PlacementConstraint, ...] = (),
    strategy: tuple[PlacementStrategy, ...] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Demand:
    """The demand of one task of a definition, under RunTask's overrides."""
    overrides = overrides or {}
    reserved = container_reservations(definition, overrides).values()
    cpu = _number(overrides.get("cpu")) or definition.cpu
    memory = _number(overrides.get("memory")) or definition.memory_mib
    if cpu is None:
        cpu = sum(units for units, _ in reserved)
    if memory is None:
        memory = sum(mib for _, mib in reserved)
    ports = () if definition.network_mode == "none" else tuple(_ports(definition))
    required = definition.document.get("requiresAttributes") or ()
    platform = definition.document.get("runtimePlatform") or {}
    return Demand(
        cpu=cpu,
        memory_mib=memory,
        ports=ports,
        required_attributes=frozenset(str(attribute["name"]) for attribute in required),
        architecture=str(platform.get("cpuArchitecture") or "").lower() or None,
        is_one_per_instance=any(constraint.type == "distinctInstance" for constraint in constraints),
        strategy=strategy,
    )


def container_reservations(
    definition: TaskDefinition, overrides: Mapping[str, Any]
) -> dict[str, tuple[int, int]]:
    """CPU units and MiB that each container reserves for itself, by its name; 0 where it does not."""
    by_container = {str(o.get("name")): o for o in overrides.get("containerOverrides") or ()}
    return {
        c.name: (_cpu(c, by_container.get(c.name, {})), _memory(c, by_container.get(c.name, {})))
        for c in definition.containers
    }


def _number(text: Any) -> int | None:
    return int(text) if text else None


def _cpu(container: ContainerDefinition, override: Mapping[str, Any]) -> int:
    return int(override.get("cpu") or container.cpu)


def _memory(container: ContainerDefinition, override: Mapping[str, Any]) -> int:
    reservation = override.get("memoryReservation") or container.memory_reservation_mib
    return int(reservation or override.get("memory") or container.memory_mib or 0)


def _ports(definition: TaskDefinition) -> list[PortDemand]:
    return [
        PortDemand(container.name, mapping.container_port, _host_port(definition, mapping), mapping.protocol)
        for container in definition.containers
        for mapping in container.port_mappings
    ]


def _host_port(definition: TaskDefinition, mapping: PortMapping) -> int:
    # In host mode the container is on the host: its ports are the host's.
    if definition.network_mode == "host":
        return mapping.container_port
    return mapping.host_port
