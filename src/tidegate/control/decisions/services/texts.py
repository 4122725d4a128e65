"""Service events in AWS's words; each gets the prefix `(service NAME) ` when it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.control.decisions.placement import Refusal
from tidegate.control.decisions.placement.filter import (
    AGENT,
    ATTRIBUTE,
    CPU,
    INACTIVE,
    MEMORY,
    PORTS,
    REASONS,
)

STEADY = "has reached a steady state."
UNABLE_TO_START = "is unable to consistently start tasks successfully."
STUCK = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
    "Update the minimumHealthyPercent or maximumPercent value and try again."
)
_NO_PLACE = "was unable to place a task because no container instance met all of its requirements. "
_MORE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
_DETAILS = {
    PORTS: "is already using a port required by your task",
    CPU: "has insufficient CPU units available",
    MEMORY: "has insufficient memory available",
    AGENT: "doesn't have the agent connected",
    ATTRIBUTE: "is missing an attribute required by your task",
}


def begins_anew(text: str) -> bool:
    """Whether what was told before this event is to be told again. Stored events are their texts and no
    more, as AWS's are; every one is of this module, and none has its words from a user."""
    return text == STEADY


def task_list(arns: Iterable[str]) -> str:
    """`(task ID) (task ID)`."""
    return " ".join(f"(task {arn.rsplit('/', 1)[-1]})" for arn in arns)


def started(arns: Sequence[str], replaced: int) -> str:
    """`replaced`: how many of them stand in for unhealthy tasks."""
    text = f"has started {len(arns)} tasks: {task_list(arns)}."
    if replaced:
        text += f" Amazon ECS replaced {replaced} tasks due to an unhealthy status."
    return text


def draining(count: int) -> str:
    return f"has begun draining connections on {count} tasks."


def stopped(arns: Sequence[str]) -> str:
    return f"has stopped {len(arns)} running tasks: {task_list(arns)}."


def stopped_pending(count: int) -> str:
    return f"stopped {count} pending tasks."


def registered(count: int, target_group_arn: str) -> str:
    return f"registered {count} targets in (target-group {target_group_arn})"


def deregistered(count: int, target_group_arn: str) -> str:
    return f"deregistered {count} targets in (target-group {target_group_arn})"


def outside_vpc(target_group_arn: str, vpc_id: str, instance_id: str) -> str:
    return (
        f"failed to register targets in (target-group {target_group_arn}) with (error The following targets "
        f"are not in the target group VPC '{vpc_id}': '{instance_id}')"
    )


def group_missing(deployment_id: str, task_arn: str, target_group_arn: str) -> str:
    return (
        f"task set ({deployment_id}) {task_list([task_arn])} is not healthy in target-group "
        f"({target_group_arn}) due to TARGET GROUP IS NOT FOUND."
    )


def unhealthy(task_arn: str, instance_id: str, port: int, target_group_arn: str, description: str) -> str:
    return (
        f"{task_list([task_arn])} (instance {instance_id}) (port {port}) is unhealthy in "
        f"(target-group {target_group_arn}) due to (reason {description})."
    )


def completed(deployment_id: str) -> str:
    return f"(deployment {deployment_id}) deployment completed."


def failed(deployment_id: str, why: str = "tasks failed to start") -> str:
    return f"(deployment {deployment_id}) deployment failed: {why}."


def rolling_back(deployment_id: str) -> str:
    return f"rolling back to deployment {deployment_id}."


def protected(deployment_id: str, count: int) -> str:
    """`count`: how many tasks of the deployment would stop if they were not protected."""
    return (
        f"was unable to reach steady state because (taskSet {deployment_id}) was unable to scale in due to "
        f"(reason {count} tasks under protection)"
    )


def no_place(refusals: Sequence[Refusal]) -> str:
    """Why no instance took a task. The closest match is the one that failed the latest check, since it
    passed all earlier ones."""
    candidates = [refusal for refusal in refusals if refusal.reason != INACTIVE]
    if not candidates:
        return f"{_NO_PLACE}Reason: No Container Instances were found in your cluster. {_MORE}"
    closest = max(candidates, key=lambda r: (REASONS.index(r.reason), r.container_instance_arn))
    detail = _DETAILS.get(closest.reason, f'encountered error "{closest.reason}"')
    instance = closest.container_instance_arn.rsplit("/", 1)[-1]
    return f"{_NO_PLACE}The closest matching (container-instance {instance}) {detail}. {_MORE}"
