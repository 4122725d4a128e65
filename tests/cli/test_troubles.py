from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.decisions.reports import ZONE_NOT_ENABLED
from tidegate.cli.places import default_data_dir
from tidegate.cli.troubles import closed_ports, trouble_of, troubles_of_instances, troubles_of_targets
from tidegate.control.decisions.placement import Refusal
from tidegate.control.decisions.placement.filter import MEMORY
from tidegate.control.decisions.services import texts
from tidegate.testing.builders import ARNS, GROUP_ARN

HERE = default_data_dir()
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
        (
            texts.unhealthy(ARNS.task("c", "1" * 32), "i-1", 1, GROUP_ARN, ZONE_NOT_ENABLED),
            "aws elbv2 set-subnets",
        ),
        ("(deployment ecs-svc/1) deployment failed: tasks failed to start.", "stoppedReason"),
        (texts.UNABLE_TO_START, "stoppedReason"),
        (texts.STUCK, "raise the service's maximumPercent"),
    ],
)
def test_every_trouble_that_an_event_tells_of_has_its_mend(text: str, mend: str) -> None:
    trouble = trouble_of(a_service(f"(service shop) {text}", STEADY), HERE)
    assert trouble is not None
    said, mended = trouble.rsplit(": ", 1)
    assert said.startswith("(service shop) ")
    assert "For more information" not in said
    assert mend in mended


def test_a_service_that_runs_as_it_should_has_no_trouble_whatever_it_told_before() -> None:
    events = (STEADY, f"(service shop) {texts.UNABLE_TO_START}")
    assert trouble_of(a_service(*events, running=2, rollout="COMPLETED"), HERE) is None


def test_a_service_on_its_way_has_no_trouble() -> None:
    assert trouble_of(a_service("(service shop) has started 2 tasks: (task 1) (task 2)."), HERE) is None


def test_what_was_told_before_the_last_steady_state_is_over() -> None:
    events = ("(service shop) has started 1 tasks: (task 3).", STEADY, f"(service shop) {texts.STUCK}")
    assert trouble_of(a_service(*events, running=1), HERE) is None


def test_of_several_troubles_the_newest_is_told() -> None:
    events = (f"(service shop) {texts.no_place([])}", f"(service shop) {texts.UNABLE_TO_START}")
    assert "No Container Instances were found" in (trouble_of(a_service(*events), HERE) or "")


def test_a_failed_deployment_is_a_trouble_though_all_tasks_run() -> None:
    failed = "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start."
    assert trouble_of(a_service(failed, running=2, rollout="FAILED"), HERE) is not None


def test_what_to_type_names_the_directory_when_it_is_not_the_usual_one() -> None:
    told = texts.unhealthy(ARNS.task("c", "1" * 32), "i-1", 1, GROUP_ARN, "timeout")
    assert "`tidegate logs shop --data-dir /srv/shop`" in str(trouble_of(a_service(told), Path("/srv/shop")))


def a_target(number: int, reason: str | None) -> dict[str, Any]:
    """As DescribeTargetHealth answers; no reason is a healthy one."""
    health = {"State": "healthy"} if reason is None else {"State": "unhealthy", "Reason": reason}
    return {"Target": {"Id": "i-1", "Port": number}, "TargetHealth": health}


def test_unhealthy_targets_are_told_together_by_reason() -> None:
    timeouts = [a_target(number, "Target.Timeout") for number in range(1, 6)]
    told = list(
        troubles_of_targets(
            "shop", [a_target(9, None), *timeouts, a_target(7, "Target.ResponseCodeMismatch")]
        )
    )
    assert len(told) == 2
    assert told[0].startswith("shop: i-1:7 unhealthy (Target.ResponseCodeMismatch")
    assert told[1].startswith("shop: i-1:1, i-1:2, i-1:3 and 2 more unhealthy (Target.Timeout")
    assert "security group" in told[1]


def test_healthy_targets_are_no_trouble() -> None:
    assert list(troubles_of_targets("shop", [a_target(1, None)])) == []


def a_group(*rules: dict[str, Any]) -> dict[str, Any]:
    """As DescribeSecurityGroups answers."""
    return {"GroupId": "sg-1", "IpPermissions": list(rules)}


ANYBODY = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
ITSELF = {"UserIdGroupPairs": [{"GroupId": "sg-1"}]}


@pytest.mark.parametrize(
    ("rules", "closed"),
    [
        ([], [80, 443]),
        ([{"IpProtocol": "-1", **ITSELF}], [80, 443]),
        ([{"IpProtocol": "-1", **ANYBODY}], []),
        ([{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **ANYBODY}], [443]),
        ([{"IpProtocol": "udp", "FromPort": 1, "ToPort": 999, **ANYBODY}], [80, 443]),
        ([{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 999, **ITSELF, **ANYBODY}], []),
    ],
)
def test_a_port_that_no_rule_opens_to_others_is_told(rules: list[dict[str, Any]], closed: list[int]) -> None:
    told = list(closed_ports("shop", [a_group(*rules)], [80, 443]))
    assert [f"shop:{port} lets nobody in" for port in closed] == [one.split(": ")[0] for one in told]
    assert all("--group-id sg-1" in one for one in told)


def test_instances_that_wait_for_a_cluster_are_one_trouble_for_each() -> None:
    misplaced = {"i-5": "shop", "i-1": "shpo", "i-2": "shpo", "i-4": "shpo", "i-3": "shpo"}
    shop, shpo = troubles_of_instances(misplaced)
    assert shop.startswith("i-5: the cluster shop, which the user data names, does not exist: ")
    assert shpo.startswith("i-1, i-2, i-3 and 1 more: the cluster shpo, ")
    assert list(troubles_of_instances({})) == []
