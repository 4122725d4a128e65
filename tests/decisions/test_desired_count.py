"""Scaling a service."""

from __future__ import annotations

from tidegate.control.decisions.desired_count import with_desired_count
from tidegate.testing.builders import a_service
from tidegate.testing.clock import EPOCH


def test_a_scaled_service_keeps_its_deployment_and_has_to_become_steady_again() -> None:
    service = a_service(desired=1, steady_at=EPOCH)
    scaled = with_desired_count(service, 3)
    assert (scaled.desired_count, scaled.steady_at) == (3, None)
    assert scaled.deployments == service.deployments


def test_scaling_to_the_present_count_changes_nothing() -> None:
    service = a_service(desired=2, steady_at=EPOCH)
    assert with_desired_count(service, 2) is service
