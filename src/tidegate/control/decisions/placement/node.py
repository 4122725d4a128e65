"""An instance as placement sees it."""

from __future__ import annotations

from dataclasses import dataclass

DYNAMIC_PORT_FIRST = 32768
DYNAMIC_PORT_LAST = 60999
_DYNAMIC_PORTS = DYNAMIC_PORT_LAST - DYNAMIC_PORT_FIRST + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is left of an instance. `used_ports`: (port, protocol) pairs that no task may be given:
    reserved by live tasks, kept by the instance, or still registered or draining as a target.
    `tasks_of_group`: live tasks of the same service or family, for the spread."""

    container_instance_arn: str
    availability_zone: str
    is_active: bool = True
    is_connected: bool = True
    cpu: int
    memory_mib: int
    used_ports: frozenset[tuple[int, str]] = frozenset()
    tasks_of_group: int = 0


def dynamic_port(used: frozenset[tuple[int, str]], protocol: str, hint: int) -> int | None:
    """A free dynamic port, looked for from a place that `hint` chooses; None when all are used.

    Starting elsewhere for each task keeps a port that was just given back out of use for long: clients
    and connection tables may still remember who had it.
    """
    for step in range(_DYNAMIC_PORTS):
        port = DYNAMIC_PORT_FIRST + (hint + step) % _DYNAMIC_PORTS
        if (port, protocol) not in used:
            return port
    return None
