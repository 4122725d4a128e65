"""Service events in AWS's words; each gets the prefix `(service NAME) ` when it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_MORE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
_DETAILS = {
    "RESOURCE:PORTS": "is already using a port required by your task",
    "RESOURCE:CPU": "has insufficient CPU units available",
    "RESOURCE:MEMORY": "has insufficient memory available",
    "AGENT": "doesn't have the agent connected",
    "ATTRIBUTE": "is missing an attribute required by your task",
}


def task_list(arns: Iterable[str]) -> str:
    """`(task ID) (task ID)`."""
    return " ".join(f"(task {arn.rsplit('/', 1)[-1]})" for arn in arns)


def placement_event(refusals: Sequence[tuple[str, str]]) -> str:
    """Why no instance took a task: the closest match is the one whose refusal comes latest in the order
    of the checks, since all earlier ones passed."""
    head = "was unable to place a task because no container instance met all of its requirements. "
    if not refusals:
        return head + "Reason: No Container Instances were found in your cluster. " + _MORE
    order = ["INACTIVE", "AGENT", "ATTRIBUTE", "RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS"]
    arn, reason = max(refusals, key=lambda pair: (order.index(pair[1]) if pair[1] in order else 0, pair[0]))
    detail = _DETAILS.get(reason, f'encountered error "{reason}"')
    instance = arn.rsplit("/", 1)[-1]
    return f"{head}The closest matching (container-instance {instance}) {detail}. {_MORE}"
