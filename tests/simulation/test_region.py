"""A whole region under trouble: some seeds here, a thousand by `make simulate SEEDS=1000`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import structlog

from tidegate.control.decisions.invariants import Fault
from tidegate.testing.region import Region, SimulationFault


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    # Passes that die with control log it; that is part of the play.
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("seed", range(8))
def test_a_region_under_trouble_keeps_its_invariants_and_comes_to_rest(seed: int) -> None:
    asyncio.run(Region(seed).run())


def test_a_seed_plays_the_same_region_again() -> None:
    assert played(5) == played(5)


def test_seeds_differ() -> None:
    assert played(5) != played(6)


def test_a_seed_does_something_of_everything() -> None:
    lines = "\n".join(line for seed in range(6) for line in played(seed)[0])
    for happening in (
        "create",
        "deploy",
        "scale",
        "stop_task",
        "protect_task",
        "drain_or_restore",
        "deregister_target",
        "stop_deployment",
        "delete",
        "terminate",
        "container",
        "agent",
        "host",
        "zone",
        "balancer",
        "control dies",
    ):
        assert happening in lines, happening


def test_a_fault_names_its_seed_its_step_and_what_happened_before() -> None:
    fault = SimulationFault(7, 42, [Fault("one task per port", "arn", "two")], ["41: trouble: host i-1"])
    assert str(fault).splitlines() == [
        "seed 7, step 42:",
        "  one task per port: arn: two",
        "before that:",
        "  41: trouble: host i-1",
    ]


def played(seed: int) -> tuple[list[str], int]:
    """The history of a seed and the revision that it ends with."""
    region = Region(seed)
    asyncio.run(region.run(120))
    return region.history, region.store.snapshot.revision
