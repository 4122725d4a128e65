"""What is left of an instance, and which host ports come out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.decisions.placement import Demand, Port, PortDemand, Room, demand_of, room_of
from tidegate.control.decisions.placement.room import DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST, reserve
from tidegate.domain.ecs import Task
from tidegate.domain.elbv2 import Target
from tidegate.testing.builders import a_container_instance, a_definition, a_target, a_task, after

DEMAND = demand_of(a_definition())


def test_live_tasks_take_cpu_memory_and_ports_whatever_their_status() -> None:
    statuses = ("PENDING", "RUNNING", "DEACTIVATING", "STOPPING")
    room = of([a_task(number, last_status=status) for number, status in enumerate(statuses)])
    assert (room.cpu, room.memory_mib) == (1024 - 4 * 128, 983 - 4 * 128)
    assert {Port(32768 + number, "tcp") for number in range(4)} <= room.taken


def test_a_stopped_task_gives_everything_back_but_its_port_rests_for_a_minute() -> None:
    stopped = a_task(1, last_status="STOPPED")
    assert (of([stopped]).cpu, of([stopped]).taken) == (1024, of([]).taken)
    assert Port(32769, "tcp") in of([stopped], at=59).resting
    assert Port(32769, "tcp") not in of([stopped], at=60).resting


def test_the_ports_of_the_instance_itself_are_never_given_out() -> None:
    assert {Port(22, "tcp"), Port(2375, "tcp")} <= of([]).taken


def test_a_port_with_a_target_is_given_to_nobody_while_the_target_is_there() -> None:
    gone = a_task(1, last_status="STOPPED")
    target = a_target(gone, status="draining")
    assert Port(32769, "tcp") in of([gone], [target], at=3600).taken


def test_a_target_that_a_user_registered_leaves_a_fixed_port_to_its_task() -> None:
    target = replace(a_target(a_task(host_port=5000)), registered_by=None)
    fixed = demand_of(a_definition(host_port=5000))
    assert ports(of([], [target]), fixed) == [5000]


def test_a_target_that_a_user_registered_keeps_a_dynamic_port_from_others() -> None:
    target = replace(a_target(a_task(0)), registered_by=None)
    assert ports(of([], [target]), DEMAND) == [DYNAMIC_PORT_FIRST + 1]


def test_dynamic_ports_follow_the_newest_tasks_and_go_round() -> None:
    assert ports(of([]), DEMAND) == [DYNAMIC_PORT_FIRST]
    older, newer = a_task(8, created_at=after(1)), a_task(3, created_at=after(2))
    assert ports(of([older, newer]), DEMAND) == [DYNAMIC_PORT_FIRST + 4]
    assert ports(of([a_task(host_port=DYNAMIC_PORT_LAST)]), DEMAND) == [DYNAMIC_PORT_FIRST]


def test_a_task_of_several_dynamic_ports_gets_different_ones() -> None:
    demand = replace(DEMAND, ports=(PortDemand("app", 80, 0, "tcp"), PortDemand("app", 81, 0, "tcp")))
    assert ports(of([]), demand) == [DYNAMIC_PORT_FIRST, DYNAMIC_PORT_FIRST + 1]


def test_tcp_and_udp_ports_do_not_meet() -> None:
    demand = replace(DEMAND, ports=(PortDemand("app", 53, 0, "tcp"), PortDemand("app", 53, 0, "udp")))
    assert len(set(ports(of([]), demand))) == 2
    fixed = replace(DEMAND, ports=(PortDemand("app", 53, 5300, "udp"),))
    assert ports(of([a_task(host_port=5300)]), fixed) == [5300]


def test_when_every_dynamic_port_is_used_there_is_none() -> None:
    full = Room(
        cpu=1,
        memory_mib=1,
        taken=frozenset(Port(n, "tcp") for n in range(DYNAMIC_PORT_FIRST, DYNAMIC_PORT_LAST + 1)),
    )
    assert reserve(full, DEMAND) is None


@pytest.mark.parametrize(
    ("overrides", "cpu", "memory"),
    [
        ({}, 128, 128),
        ({"cpu": "256", "memory": "512"}, 256, 512),
        ({"containerOverrides": [{"name": "app", "cpu": 64, "memoryReservation": 32}]}, 64, 32),
        ({"containerOverrides": [{"name": "other", "cpu": 64}]}, 128, 128),
    ],
)
def test_overrides_change_what_a_task_asks_for(overrides: dict[str, object], cpu: int, memory: int) -> None:
    demand = demand_of(a_definition(), overrides=overrides)
    assert (demand.cpu, demand.memory_mib) == (cpu, memory)


def test_task_level_sizes_go_before_the_containers() -> None:
    demand = demand_of(a_definition(cpu=10, memory_mib=300))
    assert (demand.cpu, demand.memory_mib) == (10, 300)
    sized = replace(a_definition(), cpu=256, memory_mib=512)
    assert (demand_of(sized).cpu, demand_of(sized).memory_mib) == (256, 512)


def test_in_host_mode_a_containers_port_is_the_hosts() -> None:
    definition = replace(a_definition(), network_mode="host")
    assert [port.host_port for port in demand_of(definition).ports] == [5000]


def of(tasks: list[Task], targets: list[Target] | None = None, at: float = 0) -> Room:
    return room_of(a_container_instance(), tasks, targets or [], after(at))


def ports(room: Room, demand: Demand) -> list[int]:
    return [reservation.host_port for reservation in reserve(room, demand) or ()]
