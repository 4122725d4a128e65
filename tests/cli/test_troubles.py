from __future__ import annotations

from typing import Any

import pytest

from tidegate.cli.troubles import trouble_of
from tidegate.control.decisions.placement import Refusal
from tidegate.control.decisions.placement.filter import MEMORY
from tidegate.control.decisions.services import texts
from tidegate.testing.builders import ARNS, GROUP_ARN

STEADY = "(service shop) has reached a steady state."


def a_service(*events: str, running: int = 0, rollout: str = "IN_PROGRESS", **more: Any) -> dict[str, Any]:
    """As DescribeServices answers: the newest event first."""
    return {
        "serviceName": "shop",
        "desiredCount": 2,
        "runningCount": running,
        "deployments": [{"rolloutState": rollout}],
        "events": [{"message": text} for text in events],
        **more,
    }


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        (texts.no_place([]), "aws ec2 run-instances"),
        (texts.no_place([Refusal("arn:instance/1", MEMORY)]), "start more container instances"),
        (texts.outside_vpc(GROUP_ARN, "vpc-1", "i-1"), "in the VPC of the target group"),
        (texts.unhealthy(ARNS.task("c", "1" * 32), "i-1", 1, GROUP_ARN, "timeout"), "`tidegate logs shop`"),
        ("(deployment ecs-svc/1) deployment failed: tasks failed to start.", "stoppedReason"),
        (texts.UNABLE_TO_START, "stoppedReason"),
        (texts.STUCK, "raise the service's maximumPercent"),
    ],
)
def test_every_trouble_that_an_event_tells_of_has_its_mend(text: str, mend: str) -> None:
    trouble = trouble_of(a_service(f"(service shop) {text}", STEADY))
    assert trouble is not None
    said, mended = trouble.rsplit(": ", 1)
    assert said.startswith("(service shop) ")
    assert "For more information" not in said
    assert mend in mended


def test_a_service_that_runs_as_it_should_has_no_trouble_whatever_it_told_before() -> None:
    events = (STEADY, f"(service shop) {texts.UNABLE_TO_START}")
    assert trouble_of(a_service(*events, running=2, rollout="COMPLETED")) is None


def test_a_service_on_its_way_has_no_trouble() -> None:
    assert trouble_of(a_service("(service shop) has started 2 tasks: (task 1) (task 2).")) is None


def test_what_was_told_before_the_last_steady_state_is_over() -> None:
    events = ("(service shop) has started 1 tasks: (task 3).", STEADY, f"(service shop) {texts.STUCK}")
    assert trouble_of(a_service(*events, running=1)) is None


def test_of_several_troubles_the_newest_is_told() -> None:
    events = (f"(service shop) {texts.no_place([])}", f"(service shop) {texts.UNABLE_TO_START}")
    assert "No Container Instances were found" in (trouble_of(a_service(*events)) or "")


def test_a_failed_deployment_is_a_trouble_though_all_tasks_run() -> None:
    failed = "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start."
    assert trouble_of(a_service(failed, running=2, rollout="FAILED")) is not None
