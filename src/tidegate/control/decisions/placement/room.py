"""What is left of an instance: CPU units, memory and host ports.

Dynamic host ports are handed out in turn, each instance from the port after its newest task's, round and
round through the range of Amazon's agent. So a port comes back late; and never while a target on it is
registered or draining, nor shortly after its task stopped: a balancer that has not heard yet, or a client
that remembers, would reach another service's container.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tidegate.control.decisions.placement.demand import Demand
from tidegate.domain.ecs import ContainerInstance, PortReservation, Task
from tidegate.domain.elbv2 import Target

DYNAMIC_PORT_FIRST = 32768
DYNAMIC_PORT_LAST = 60999
_DYNAMIC_PORTS = DYNAMIC_PORT_LAST - DYNAMIC_PORT_FIRST + 1

# Longer than any balancer that is alive takes to hear of a change; one that is cut off for longer keeps
# its target, which the drain waits for.
PORT_RESTS_FOR = timedelta(seconds=60)


class Port(NamedTuple):
    number: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`taken` ports go to no task; `resting` ones not as dynamic ports. `port_cursor`: the dynamic port to
    look at first."""

    cpu: int
    memory_mib: int
    taken: frozenset[Port] = frozenset()
    resting: frozenset[Port] = frozenset()
    port_cursor: int = DYNAMIC_PORT_FIRST

    def less(self, demand: Demand, ports: Iterable[PortReservation]) -> Room:
        """What is left once a task with these ports has its place."""
        added = frozenset(Port(port.host_port, port.protocol) for port in ports)
        return replace(
            self,
            cpu=self.cpu - demand.cpu,
            memory_mib=self.memory_mib - demand.memory_mib,
            taken=self.taken | added,
            port_cursor=_cursor_after([port.number for port in added], self.port_cursor),
        )


def room_of(
    instance: ContainerInstance, tasks: Iterable[Task], targets: Iterable[Target], now: datetime
) -> Room:
    """The room on an instance, from all of its tasks (stopped ones too) and the targets at its address."""
    cpu, memory = instance.resources.cpu, instance.resources.memory_mib
    taken = {Port(number, "tcp") for number in instance.resources.reserved_tcp_ports}
    taken |= {Port(number, "udp") for number in instance.resources.reserved_udp_ports}
    resting: set[Port] = set()
    newest: Task | None = None
    for task in tasks:
        ports = [Port(port.host_port, port.protocol) for port in task.ports]
        if any(_is_dynamic(port.number) for port in ports) and (
            newest is None or (task.created_at, task.arn) > (newest.created_at, newest.arn)
        ):
            newest = task
        if task.last_status != "STOPPED":
            cpu -= task.cpu
            memory -= task.memory_mib
            taken.update(ports)
        elif task.stopped_at is not None and now - task.stopped_at < PORT_RESTS_FOR:
            resting.update(ports)
    for target in targets:
        # A user may well register the fixed port of a task that is yet to run.
        (resting if target.registered_by is None else taken).add(Port(target.port, "tcp"))
    numbers = [port.host_port for port in newest.ports] if newest else []
    return Room(
        cpu=cpu,
        memory_mib=memory,
        taken=frozenset(taken),
        resting=frozenset(resting),
        port_cursor=_cursor_after(numbers, DYNAMIC_PORT_FIRST),
    )


def reserve(room: Room, demand: Demand) -> tuple[PortReservation, ...] | None:
    """A host port for each of the demand's container ports; None when one cannot be had."""
    taken = room.taken | {Port(p.host_port, p.protocol) for p in demand.ports if p.host_port}
    cursor = room.port_cursor
    reservations: list[PortReservation] = []
    for wanted in demand.ports:
        number = wanted.host_port or _dynamic_port(taken | room.resting, wanted.protocol, cursor)
        if number is None:
            return None
        if not wanted.host_port:
            taken |= {Port(number, wanted.protocol)}
            cursor = _cursor_after([number], cursor)
        reservations.append(
            PortReservation(
                container_name=wanted.container_name,
                container_port=wanted.container_port,
                host_port=number,
                protocol=wanted.protocol,
            )
        )
    return tuple(reservations)


def _dynamic_port(unavailable: frozenset[Port], protocol: str, cursor: int) -> int | None:
    for step in range(_DYNAMIC_PORTS):
        number = DYNAMIC_PORT_FIRST + (cursor - DYNAMIC_PORT_FIRST + step) % _DYNAMIC_PORTS
        if (number, protocol) not in unavailable:
            return number
    return None


def _cursor_after(numbers: Iterable[int], present: int) -> int:
    last = max((number for number in numbers if _is_dynamic(number)), default=None)
    if last is None:
        return present
    return DYNAMIC_PORT_FIRST if last == DYNAMIC_PORT_LAST else last + 1


def _is_dynamic(number: int) -> bool:
    return DYNAMIC_PORT_FIRST <= number <= DYNAMIC_PORT_LAST
