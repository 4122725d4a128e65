"""Where tasks go."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.control.decisions.placement import (
    Demand,
    Placement,
    PortDemand,
    Room,
    demand_of,
    place,
    room_of,
)
from tidegate.domain.ecs import Attribute, ContainerInstance, PlacementConstraint, PlacementStrategy
from tidegate.testing.builders import a_container_instance, a_definition
from tidegate.testing.clock import EPOCH

DEMAND = demand_of(a_definition())
FIXED = demand_of(a_definition(host_port=5000))


def test_tasks_spread_over_zones_and_then_over_instances() -> None:
    nodes = [a_container_instance(number, zone="ab"[number % 2]) for number in range(1, 5)]
    placed = place_on(nodes, DEMAND, 6)
    per_zone = Counter(assignment.availability_zone for assignment in placed.assignments)
    per_instance = Counter(assignment.container_instance_arn for assignment in placed.assignments)
    assert per_zone == {"a": 3, "b": 3}
    assert sorted(per_instance.values()) == [1, 1, 2, 2]


def test_tasks_that_run_already_count_for_the_spread() -> None:
    nodes = [a_container_instance(1, zone="a"), a_container_instance(2, zone="b")]
    placed = place_on(nodes, DEMAND, 2, group_tasks={nodes[0].arn: 2})
    assert [a.container_instance_arn for a in placed.assignments] == [nodes[1].arn] * 2


def test_services_do_not_all_begin_on_the_same_instance() -> None:
    nodes = [a_container_instance(number) for number in range(1, 9)]
    first = {place_on(nodes, DEMAND, 1, salt=f"service {n}").assignments[0] for n in range(40)}
    assert len({assignment.container_instance_arn for assignment in first}) > 3


def test_binpack_fills_the_fullest_instance_that_still_fits() -> None:
    nodes = [a_container_instance(1, memory_mib=400), a_container_instance(2, memory_mib=300)]
    demand = replace(DEMAND, strategy=(PlacementStrategy(type="binpack", field="memory"),))
    placed = place_on(nodes, demand, 4)
    assert [a.container_instance_arn for a in placed.assignments] == [nodes[1].arn] * 2 + [nodes[0].arn] * 2


def test_spread_over_a_custom_attribute() -> None:
    nodes = [
        a_container_instance(n, attributes=(Attribute(name="rack", value="xy"[n == 3]),)) for n in (1, 2, 3)
    ]
    demand = replace(DEMAND, strategy=(PlacementStrategy(type="spread", field="attribute:rack"),))
    placed = place_on(nodes, demand, 4)
    assert Counter(a.container_instance_arn for a in placed.assignments)[nodes[2].arn] == 2


def test_a_distinct_instance_takes_one_task_of_the_group() -> None:
    nodes = [a_container_instance(1), a_container_instance(2)]
    demand = demand_of(a_definition(), constraints=(PlacementConstraint(type="distinctInstance"),))
    placed = place_on(nodes, demand, 3)
    assert len(placed.assignments) == 2
    assert {refusal.reason for refusal in placed.refusals} == {
        "DistinctInstance placement constraint unsatisfied."
    }


@pytest.mark.parametrize(
    ("changes", "demand", "reason"),
    [
        ({"agent_connected": False}, DEMAND, "AGENT"),
        ({"status": "DRAINING"}, DEMAND, "INACTIVE"),
        ({}, replace(DEMAND, cpu=2000), "RESOURCE:CPU"),
        ({}, replace(DEMAND, memory_mib=2000), "RESOURCE:MEMORY"),
        ({}, replace(DEMAND, cpu=2000, memory_mib=2000), "RESOURCE:MEMORY"),
        ({}, replace(DEMAND, ports=(PortDemand("app", 22, 22, "tcp"),)), "RESOURCE:PORTS"),
        ({}, replace(DEMAND, required_attributes=frozenset({"ecs.capability.flight"})), "ATTRIBUTE"),
    ],
)
def test_why_an_instance_refuses(changes: dict[str, object], demand: Demand, reason: str) -> None:
    placed = place_on([replace(a_container_instance(), **changes)], demand, 1)
    assert [refusal.reason for refusal in placed.refusals] == [reason]


@pytest.mark.parametrize(
    ("wanted", "offered", "fits"),
    [
        ("ARM64", "arm64", True),
        ("X86_64", "x86_64", True),
        ("ARM64", "x86_64", False),
        (None, "x86_64", True),
        ("ARM64", None, True),
    ],
)
def test_a_task_goes_onto_a_cpu_of_its_architecture(
    wanted: str | None, offered: str | None, fits: bool
) -> None:
    platform = {"runtimePlatform": {"cpuArchitecture": wanted}} if wanted else {}
    attributes = [Attribute(name="ecs.cpu-architecture", value=offered)] if offered else []
    node = a_container_instance(1)
    node = replace(node, attributes=(*node.attributes, *attributes))
    definition = a_definition()
    demand = demand_of(replace(definition, document={**definition.document, **platform}))
    placed = place_on([node], demand, 1)
    assert bool(placed.assignments) is fits
    assert [refusal.reason for refusal in placed.refusals] == ([] if fits else ["ATTRIBUTE"])


def test_of_three_tasks_with_one_fixed_port_on_two_instances_the_third_is_refused() -> None:
    placed = place_on([a_container_instance(1), a_container_instance(2)], FIXED, 3)
    assert len(placed.assignments) == 2
    assert [refusal.reason for refusal in placed.refusals] == ["RESOURCE:PORTS"] * 2


def test_the_tutorials_pair_of_containers_fits_a_t2_micro_once_and_is_then_refused_for_memory() -> None:
    pair = replace(DEMAND, cpu=600, memory_mib=600)
    placed = place_on([a_container_instance()], pair, 2)
    assert len(placed.assignments) == 1
    assert [refusal.reason for refusal in placed.refusals] == ["RESOURCE:MEMORY"]


def test_what_all_fits_has_no_refusals() -> None:
    assert (
        place_on([a_container_instance(1), a_container_instance(2, status="DRAINING")], DEMAND, 1).refusals
        == ()
    )


@settings(max_examples=80, deadline=None)
@given(
    count=st.integers(0, 30),
    sizes=st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 1500)), max_size=6),
    strategy=st.sampled_from(["spread", "binpack", "random"]),
)
def test_placements_never_over_commit_and_stop_only_when_nothing_fits(
    count: int, sizes: list[tuple[int, int]], strategy: str
) -> None:
    nodes = [
        a_container_instance(number, cpu=cpu, memory_mib=memory)
        for number, (cpu, memory) in enumerate(sizes, start=1)
    ]
    field = "cpu" if strategy == "binpack" else "instanceId"
    demand = replace(DEMAND, strategy=(PlacementStrategy(type=strategy, field=field),))
    placed = place_on(nodes, demand, count)
    capacity = {node.arn: min(node.resources.cpu, node.resources.memory_mib) // 128 for node in nodes}
    used = Counter(assignment.container_instance_arn for assignment in placed.assignments)
    assert all(used[arn] <= capacity[arn] for arn in used)
    assert len(placed.assignments) == min(count, sum(capacity.values()))
    ports = [(a.container_instance_arn, port.host_port) for a in placed.assignments for port in a.ports]
    assert len(set(ports)) == len(ports)


def test_10_000_tasks_onto_1_000_instances_take_less_than_10_seconds() -> None:
    nodes = [
        a_container_instance(number, zone="abc"[number % 3], cpu=4096, memory_mib=16_000)
        for number in range(1, 1001)
    ]
    began = time.perf_counter()
    placed = place_on(nodes, DEMAND, 10_000)
    assert time.perf_counter() - began < 10
    per_instance = Counter(assignment.container_instance_arn for assignment in placed.assignments)
    assert set(per_instance.values()) <= {9, 10, 11}


def place_on(
    nodes: list[ContainerInstance],
    demand: Demand,
    count: int,
    *,
    group_tasks: dict[str, int] | None = None,
    salt: str = "web",
) -> Placement:
    def room(instance: ContainerInstance) -> Room:
        return room_of(instance, (), (), EPOCH + timedelta(0))

    return place(nodes, demand, count, group_tasks=group_tasks or {}, room_of=room, salt=salt)
