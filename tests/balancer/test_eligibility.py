"""Who may be sent requests: never nobody while anybody could answer."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.eligibility import eligible
from tidegate.balancer.decisions.health import Health
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument

A, B, C = ("i-a", 1), ("i-b", 2), ("i-c", 3)


def group(**targets: tuple[str, float | None]) -> GroupDocument:
    keys = {"a": A, "b": B, "c": C}
    return GroupDocument(
        target_group_arn="arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/g/1",
        generation=1,
        health_check=HealthCheckDocument(),
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
