"""What is said of a target, by the first rule that applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.api.elbv2.target_states import anomaly_detection, not_registered, target_state
from tidegate.domain.elbv2 import TargetHealth
from tidegate.testing.builders import a_target, a_task, an_instance, health_of
from tidegate.testing.load_balancers import a_load_balancer

TARGET = a_target(a_task())
RUNNING = an_instance()
USERS = [a_load_balancer()]


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (None, ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")),
        (health_of(TARGET), ("healthy", None, None)),
        (
            health_of(TARGET, "initial", reason="Elb.InitialHealthChecking"),
            ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress"),
        ),
        (
            health_of(
                TARGET,
                "unhealthy",
                reason="Target.ResponseCodeMismatch",
                description="Health checks failed with these codes: [404]",
            ),
            ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
        ),
        (
            # Reported before its zone was enabled.
            health_of(TARGET, "unused", reason="Target.NotInUse"),
            ("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
        ),
        (
            health_of(TARGET, "draining"),
            ("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
        ),
    ],
)
def test_an_active_target_of_a_used_group_is_what_its_balancer_reports(
    health: TargetHealth | None, expected: tuple[str, str | None, str | None]
) -> None:
    found = target_state(TARGET, health, RUNNING, USERS)
    assert (found.state, found.reason, found.description) == expected


def test_a_draining_target_is_draining_whatever_is_reported() -> None:
    found = target_state(replace(TARGET, status="draining"), health_of(TARGET), RUNNING, USERS)
    assert (found.state, found.reason) == ("draining", "Target.DeregistrationInProgress")


def test_a_target_of_an_unused_group_is_unused() -> None:
    found = target_state(TARGET, health_of(TARGET), RUNNING, ())
    assert (found.state, found.reason) == ("unused", "Target.NotInUse")


@pytest.mark.parametrize("zone", ["us-east-1a", "all", None])
def test_a_target_in_a_zone_of_the_load_balancer_or_in_every_zone_is_used(zone: str | None) -> None:
    found = target_state(replace(TARGET, availability_zone=zone), health_of(TARGET), RUNNING, USERS)
    assert found.state == "healthy"


def test_a_target_in_a_zone_that_is_not_enabled_is_unused_whatever_is_reported() -> None:
    elsewhere = replace(TARGET, availability_zone="us-east-1c")
    found = target_state(elsewhere, health_of(TARGET), RUNNING, USERS)
    assert (found.state, found.reason, found.description) == (
        "unused",
        "Target.NotInUse",
        "Target is in an Availability Zone that is not enabled for the load balancer",
    )


def test_a_target_on_an_instance_that_ended_is_in_an_invalid_state() -> None:
    found = target_state(TARGET, health_of(TARGET), replace(RUNNING, state="terminated"), USERS)
    assert (found.state, found.reason) == ("unused", "Target.InvalidState")
    assert found.description == "Target is in the terminated state"


def test_a_target_that_was_never_there_is_not_registered() -> None:
    assert (not_registered().state, not_registered().reason) == ("unused", "Target.NotRegistered")


@pytest.mark.parametrize(
    ("health", "result", "mitigation"),
    [
        (None, "normal", "no"),
        (health_of(TARGET), "normal", "no"),
        (health_of(TARGET, is_anomalous=True), "anomalous", "no"),
        (health_of(TARGET, is_anomalous=True, is_mitigated=True), "anomalous", "yes"),
    ],
)
def test_an_anomaly_is_what_its_balancer_reports(
    health: TargetHealth | None, result: str, mitigation: str
) -> None:
    assert anomaly_detection(health) == {"Result": result, "MitigationInEffect": mitigation}
