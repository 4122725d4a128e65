"""What keeps a service from its steady state, read from its events, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STEADY = "has reached a steady state."
_REFERENCE = " For more information, see the Troubleshooting section"
# The first one that is part of an event counts.
_MENDS = (
    (
        "No Container Instances were found",
        "start some with `aws ec2 run-instances`, their UserData naming the cluster",
    ),
    ("was unable to place a task", "start more container instances, or let the task ask for less"),
    (
        "failed to register targets",
        "start the cluster's instances in the VPC of the target group and its load balancer",
    ),
    ("is unhealthy in", "what the health check asks for has to answer: see `tidegate logs {name}`"),
    (
        "deployment failed: ",
        "see `tidegate logs {name}` and the tasks' stoppedReason in `aws ecs describe-tasks`",
    ),
    (
        "is unable to consistently start tasks",
        "see `tidegate logs {name}` and the tasks' stoppedReason in `aws ecs describe-tasks`",
    ),
    (
        "was unable to stop or start tasks during a deployment",
        "raise the service's maximumPercent, or lower its minimumHealthyPercent",
    ),
)


def trouble_of(service: Mapping[str, Any]) -> str | None:
    """The newest trouble of a service as DescribeServices shows it, with its mend; None where all is well
    or merely on its way."""
    if _is_settled(service):
        return None
    for event in service["events"]:
        text = event["message"]
        if _STEADY in text:
            return None
        for part, mend in _MENDS:
            if part in text:
                said = text.split(_REFERENCE, 1)[0].rstrip(".")
                return f"{said}: {mend.format(name=service['serviceName'])}"
    return None


def _is_settled(service: Mapping[str, Any]) -> bool:
    deployments = service["deployments"]
    return (
        service["runningCount"] == service["desiredCount"]
        and len(deployments) == 1
        and deployments[0].get("rolloutState") == "COMPLETED"
    )
