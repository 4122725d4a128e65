"""The health of a target, probe by probe, as Application Load Balancers count it."""

from __future__ import annotations

import pytest

from tidegate.balancer.decisions.health import (
    HEALTHY,
    INITIAL,
    TRANSITIONS,
    UNHEALTHY,
    Health,
    Probe,
    eject,
    next_interval,
    observe,
    passes,
)
from tidegate.fleet.balancing import HealthCheckDocument

CHECK = HealthCheckDocument(interval_seconds=10, healthy_threshold=3, unhealthy_threshold=2)
OK, WRONG, REFUSED, LATE = Probe(200), Probe(500), Probe(failure="failed"), Probe(failure="timeout")


GONE = Probe(failure="timeout", is_connected=False)


def after(health: Health, *probes: Probe, at: float = 0.0, counts: bool = True) -> Health:
    for probe in probes:
        before, health = health, observe(health, probe, CHECK, at, counts=counts)
        assert health.state == before.state or health.state in TRANSITIONS[before.state]
    return health


def test_one_passing_check_makes_an_initial_target_healthy() -> None:
    assert after(Health(), OK).state == "healthy"


def test_early_failures_of_an_initial_target_do_not_count() -> None:
    health = after(Health(), *[REFUSED] * 50, at=19.9)
    assert (health.state, health.reason) == ("initial", "Elb.InitialHealthChecking")
    assert after(health, OK).state == "healthy"


def test_an_initial_target_that_never_answers_becomes_unhealthy() -> None:
    assert after(Health(), REFUSED, at=20.0).state == "unhealthy"


def test_a_healthy_target_falls_after_the_unhealthy_threshold() -> None:
    healthy = after(Health(), OK)
    assert after(healthy, WRONG).state == "healthy"
    assert after(healthy, WRONG, OK, WRONG).state == "healthy"
    assert after(healthy, WRONG, WRONG).state == "unhealthy"


def test_an_unhealthy_target_rises_after_the_healthy_threshold() -> None:
    unhealthy = after(Health(), OK, WRONG, WRONG)
    assert after(unhealthy, OK, OK).state == "unhealthy"
    assert after(unhealthy, OK, OK, WRONG, OK).state == "unhealthy"
    assert after(unhealthy, OK, OK, OK).state == "healthy"


@pytest.mark.parametrize(
    ("probe", "reason", "description"),
    [
        (WRONG, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]"),
        (LATE, "Target.Timeout", "Request timed out"),
        (REFUSED, "Target.FailedHealthChecks", "Health checks failed"),
    ],
)
def test_the_reason_is_in_awss_words(probe: Probe, reason: str, description: str) -> None:
    health = after(Health(), OK, probe, probe)
    assert (health.reason, health.description) == (reason, description)


@pytest.mark.parametrize(
    ("matcher", "status", "expected"),
    [
        ("200", 200, True),
        ("200", 201, False),
        ("200,302", 302, True),
        ("200-299", 204, True),
        ("200-299,404", 404, True),
        ("200-299,404", 403, False),
    ],
)
def test_the_matcher_takes_lists_and_ranges(matcher: str, status: int, expected: bool) -> None:
    assert passes(Probe(status), matcher) is expected


def test_no_answer_matches_nothing() -> None:
    assert not passes(LATE, "200-499")


def test_only_initial_and_ejected_targets_are_probed_faster_than_their_interval() -> None:
    healthy = after(Health(), OK)
    assert next_interval(Health(), CHECK) == 0.25
    assert next_interval(healthy, CHECK) == 10
    assert next_interval(eject(healthy, REFUSED), CHECK) == 0.25


@pytest.mark.parametrize("gone", [REFUSED, GONE])
def test_a_healthy_target_that_takes_no_connection_is_ejected_and_stays_healthy(gone: Probe) -> None:
    ejected = eject(after(Health(), OK), gone)
    assert (ejected.state, ejected.is_ejected) == (HEALTHY, True)


@pytest.mark.parametrize("answer", [OK, WRONG, LATE])
def test_a_target_that_takes_the_connection_is_not_ejected(answer: Probe) -> None:
    assert not eject(after(Health(), OK), answer).is_ejected


@pytest.mark.parametrize("state", [INITIAL, UNHEALTHY])
def test_only_healthy_targets_are_ejected(state: str) -> None:
    assert not eject(Health(state=state), REFUSED).is_ejected


def test_the_first_pass_ends_an_ejection() -> None:
    ejected = eject(after(Health(), OK), REFUSED)
    assert not after(ejected, OK, counts=False).is_ejected


def test_looks_between_two_checks_do_not_count_as_failures() -> None:
    ejected = eject(after(Health(), OK), REFUSED)
    assert after(ejected, *[REFUSED] * 9, counts=False) == ejected


def test_an_ejected_target_falls_by_the_checks_that_count() -> None:
    ejected = eject(after(Health(), OK), REFUSED)
    fallen = after(ejected, REFUSED, REFUSED)
    assert (fallen.state, fallen.is_ejected) == (UNHEALTHY, False)


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == {INITIAL, HEALTHY, UNHEALTHY}
