"""What is said of a target, by the first rule that applies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.api.elbv2.target_states import anomaly_detection, not_registered, target_state
from tidegate.domain.elbv2 import TargetHealth
from tidegate.testing.builders import a_target, a_task, an_instance, health_of

TARGET = a_target(a_task())
RUNNING = an_instance()


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
            health_of(TARGET, "draining"),
            ("initial", "Elb.RegistrationInProgress", "Target registration is in progress"),
        ),
    ],
)
def test_an_active_target_of_a_used_group_is_what_its_balancer_reports(
    health: TargetHealth | None, expected: tuple[str, str | None, str | None]
) -> None:
    found = target_state(TARGET, health, RUNNING, is_used=True)
    assert (found.state, found.reason, found.description) == expected


def test_a_draining_target_is_draining_whatever_is_reported() -> None:
    found = target_state(replace(TARGET, status="draining"), health_of(TARGET), RUNNING, is_used=True)
    assert (found.state, found.reason) == ("draining", "Target.DeregistrationInProgress")


def test_a_target_of_an_unused_group_is_unused() -> None:
    found = target_state(TARGET, health_of(TARGET), RUNNING, is_used=False)
    assert (found.state, found.reason) == ("unused", "Target.NotInUse")


def test_a_target_on_an_instance_that_ended_is_in_an_invalid_state() -> None:
    found = target_state(TARGET, health_of(TARGET), replace(RUNNING, state="terminated"), is_used=True)
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
