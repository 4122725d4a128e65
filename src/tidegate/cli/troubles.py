"""What keeps a service from its steady state, or a target from being healthy, and how to mend it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tidegate.cli.places import command

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
    (
        "that is not enabled for the load balancer",
        "enable the zone with `aws elbv2 set-subnets`, or start instances in zones that are enabled",
    ),
    ("is unhealthy in", "what the health check asks for has to answer: see `{logs}`"),
    (
        "deployment failed: ",
        "see `{logs}` and the tasks' stoppedReason in `aws ecs describe-tasks`",
    ),
    (
        "is unable to consistently start tasks",
        "see `{logs}` and the tasks' stoppedReason in `aws ecs describe-tasks`",
    ),
    (
        "was unable to stop or start tasks during a deployment",
        "raise the service's maximumPercent, or lower its minimumHealthyPercent",
    ),
)
# By the reason code of a target's health.
_TARGET_MENDS = {
    "Target.Timeout": (
        "its instance's security group has to let the load balancer's in on that port, and the application "
        "has to answer within the health check's timeout"
    ),
    "Target.FailedHealthChecks": "something has to listen on that port, in the health check's protocol",
    "Target.ResponseCodeMismatch": "the health check's path has to answer with a code that its matcher takes",
}


def trouble_of(service: Mapping[str, Any], data_dir: Path) -> str | None:
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
                logs = f"logs {service['serviceName']}"
                said = text.split(_REFERENCE, 1)[0].rstrip(".")
                return f"{said}: {mend.format(logs=command(logs, data_dir))}"
    return None


def _is_settled(service: Mapping[str, Any]) -> bool:
    deployments = service["deployments"]
    return (
        service["runningCount"] == service["desiredCount"]
        and len(deployments) == 1
        and deployments[0].get("rolloutState") == "COMPLETED"
    )


def troubles_of_instances(misplaced: Mapping[str, str]) -> Iterator[str]:
    """One trouble for each cluster that instances wait for in vain. `misplaced`: their ids with its name."""
    for cluster in sorted(set(misplaced.values())):
        ids = sorted(instance_id for instance_id, named in misplaced.items() if named == cluster)
        names = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
        yield (
            f"{names}: the cluster {cluster}, which the user data names, does not exist: if it is misspelt "
            "start others and terminate these, else create it and they join"
        )


def troubles_of_targets(group: str, described: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One trouble for each reason for which targets of a group are unhealthy, as DescribeTargetHealth shows
    them, with its mend."""
    unhealthy = [one for one in described if one["TargetHealth"]["State"] == "unhealthy"]
    for reason in sorted({one["TargetHealth"].get("Reason", "") for one in unhealthy}):
        alike = [one for one in unhealthy if one["TargetHealth"].get("Reason", "") == reason]
        names = names_of([one["Target"] for one in alike])
        said = alike[0]["TargetHealth"].get("Description") or reason
        mend = _TARGET_MENDS.get(reason)
        yield f"{group}: {names} unhealthy ({reason}: {said})" + (f": {mend}" if mend else "")


def names_of(targets: Sequence[Mapping[str, Any]]) -> str:
    """The first three of some targets, and how many more there are."""
    names = ", ".join(f"{target['Id']}:{target['Port']}" for target in targets[:3])
    return names + (f" and {len(targets) - 3} more" if len(targets) > 3 else "")


def closed_ports(
    load_balancer: str, groups: Sequence[Mapping[str, Any]], ports: Sequence[int]
) -> Iterator[str]:
    """One trouble for each listener's port that no rule of the load balancer's security groups, as
    DescribeSecurityGroups shows them, opens to anybody but the groups themselves."""
    own = {group["GroupId"] for group in groups}
    open_to_others = [
        rule for group in groups for rule in group["IpPermissions"] if _is_for_others(rule, own)
    ]
    for port in ports:
        if not any(_covers(rule, port) for rule in open_to_others):
            group = min(own)
            yield (
                f"{load_balancer}:{port} lets nobody in: open it with "
                f"`aws ec2 authorize-security-group-ingress --group-id {group} "
                f"--protocol tcp --port {port} --cidr 0.0.0.0/0`"
            )


def _is_for_others(rule: Mapping[str, Any], own: Collection[str]) -> bool:
    others = [pair for pair in rule.get("UserIdGroupPairs", []) if pair["GroupId"] not in own]
    return bool(others or rule.get("IpRanges") or rule.get("PrefixListIds"))


def _covers(rule: Mapping[str, Any], port: int) -> bool:
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in ("tcp", "6") and rule["FromPort"] <= port <= rule["ToPort"]
