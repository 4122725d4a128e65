"""Who may be sent requests: never nobody while anybody could answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tidegate.balancer.decisions.eligibility import eligible
from tidegate.balancer.decisions.health import Health
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument

A, B, C = ("i-a", 1), ("i-b", 2), ("i-c", 3)


def group(
    *, minimum_count: int = 1, minimum_percentage: int | None = None, **targets: tuple[str, float | None]
) -> GroupDocument:
    keys = {"a": A, "b": B, "c": C}
    return GroupDocument(
        target_group_arn="arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/g/1",
        generation=1,
        health_check=HealthCheckDocument(),
        minimum_healthy_count=minimum_count,
        minimum_healthy_percentage=minimum_percentage,
        targets=tuple(
            GroupTarget(
                id=keys[name][0],
                port=keys[name][1],
                address="127.0.0.1",
                status=status,
                drain_deadline=deadline,
            )
            for name, (status, deadline) in targets.items()
        ),
    )


def states(**given: str) -> Mapping[tuple[str, int], Health]:
    return {{"a": A, "b": B, "c": C}[name]: Health(state=state) for name, state in given.items()}


ACTIVE = ("active", None)
HELD = ("draining", None)
DUE = ("draining", 100.0)
HEALTHY, EJECTED = Health(state="healthy"), Health(state="healthy", is_ejected=True)


def test_only_healthy_targets_serve() -> None:
    known = states(a="healthy", b="initial", c="unhealthy")
    assert eligible(group(a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A}


def test_a_draining_target_gets_no_request_while_another_is_healthy() -> None:
    assert eligible(group(a=HELD, b=ACTIVE), states(a="healthy", b="healthy")) == {B}


def test_a_held_target_serves_while_its_replacement_is_initial() -> None:
    assert eligible(group(a=HELD, b=ACTIVE), states(a="healthy", b="initial")) == {A}


def test_a_target_with_a_deadline_is_not_held() -> None:
    assert eligible(group(a=DUE), states(a="healthy")) == set()


def test_a_target_in_a_zone_that_is_not_enabled_gets_nothing_even_when_the_group_opens() -> None:
    for status in (ACTIVE, HELD):
        for known in (states(a="healthy"), states(b="unhealthy"), {}):
            both = group(a=status, b=ACTIVE)
            outside = replace(both.targets[0], is_zone_enabled=False)
            assert eligible(replace(both, targets=(outside, both.targets[1])), known) == {B}
            assert eligible(replace(both, targets=(outside,)), known) == set()


def test_an_ejected_target_is_left_out() -> None:
    assert eligible(group(a=ACTIVE, b=ACTIVE), {A: EJECTED, B: HEALTHY}) == {B}


def test_a_held_target_serves_when_the_others_are_ejected() -> None:
    assert eligible(group(a=ACTIVE, b=HELD), {A: EJECTED, B: HEALTHY}) == {B}


def test_when_all_are_ejected_all_stay() -> None:
    assert eligible(group(a=ACTIVE, b=ACTIVE), {A: EJECTED, B: EJECTED}) == {A, B}


def test_when_all_are_unhealthy_all_serve() -> None:
    assert eligible(group(a=ACTIVE, b=ACTIVE), states(a="unhealthy", b="unhealthy")) == {A, B}


def test_initial_targets_serve_when_there_is_no_other() -> None:
    assert eligible(group(a=ACTIVE), states(a="initial")) == {A}
    assert eligible(group(a=ACTIVE, b=ACTIVE), {}) == {A, B}


def test_fewer_healthy_targets_than_the_group_wants_open_it_to_all() -> None:
    known = states(a="healthy", b="healthy", c="unhealthy")
    assert eligible(group(minimum_count=2, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A, B}
    assert eligible(group(minimum_count=3, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A, B, C}


def test_so_does_a_smaller_share_than_the_group_wants() -> None:
    known = states(a="healthy", b="healthy", c="unhealthy")
    assert eligible(group(minimum_percentage=66, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A, B}
    assert eligible(group(minimum_percentage=67, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A, B, C}


def test_the_share_is_of_those_registered_now() -> None:
    known = states(a="healthy", b="unhealthy", c="healthy")
    assert eligible(group(minimum_percentage=60, a=ACTIVE, b=ACTIVE, c=DUE), known) == {A, B}


def test_held_targets_count_before_the_group_opens() -> None:
    known = states(a="healthy", b="healthy", c="unhealthy")
    assert eligible(group(minimum_count=2, a=ACTIVE, b=HELD, c=ACTIVE), known) == {A, B}
    assert eligible(group(minimum_count=3, a=ACTIVE, b=HELD, c=ACTIVE), known) == {A, B, C}


def test_a_target_just_found_dead_counts_as_healthy_and_gets_nothing() -> None:
    known = {A: HEALTHY, B: EJECTED, C: Health(state="unhealthy")}
    assert eligible(group(minimum_count=2, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A}
    assert eligible(group(minimum_count=3, a=ACTIVE, b=ACTIVE, c=ACTIVE), known) == {A, C}


def test_among_the_targets_of_a_zone_only_they_count() -> None:
    known = states(a="unhealthy", b="healthy")
    both = group(a=ACTIVE, b=ACTIVE)
    assert eligible(both, known, among=both.targets[:1]) == {A}
    assert eligible(both, known, among=()) == set()
