"""Why an instance does not take a task, in AWS's words."""

from __future__ import annotations

from tidegate.control.decisions.placement.demand import Demand
from tidegate.control.decisions.placement.room import Port, Room
from tidegate.domain.ecs import ContainerInstance

INACTIVE = "INACTIVE"
AGENT = "AGENT"
ATTRIBUTE = "ATTRIBUTE"
DISTINCT = "DistinctInstance placement constraint unsatisfied."
MEMORY = "RESOURCE:MEMORY"
CPU = "RESOURCE:CPU"
PORTS = "RESOURCE:PORTS"

_ARCHITECTURE = "ecs.cpu-architecture"

# The order of the checks. An instance that fails a later one came closer.
REASONS = (INACTIVE, AGENT, ATTRIBUTE, DISTINCT, MEMORY, CPU, PORTS)


def why_unfit(instance: ContainerInstance, demand: Demand) -> str | None:
    """Why no task of the demand goes onto the instance, whatever room it has."""
    if instance.status != "ACTIVE":
        return INACTIVE
    if not instance.agent_connected:
        return AGENT
    offered = {attribute.name: attribute.value for attribute in instance.attributes}
    if not demand.required_attributes <= offered.keys():
        return ATTRIBUTE
    # Who does not say what it is may well be right.
    is_other = demand.architecture not in (None, offered.get(_ARCHITECTURE, demand.architecture))
    return ATTRIBUTE if is_other else None


def why_no_room(room: Room, demand: Demand, tasks_of_group: int) -> str | None:
    """Why one more task of the demand does not fit into the room."""
    if demand.is_one_per_instance and tasks_of_group > 0:
        return DISTINCT
    if demand.memory_mib > room.memory_mib:
        return MEMORY
    if demand.cpu > room.cpu:
        return CPU
    is_clash = any(Port(p.host_port, p.protocol) in room.taken for p in demand.ports if p.host_port)
    return PORTS if is_clash else None
