"""Why tasks of a service did not stay, which its events do not say."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tidegate.cli.clusters import clusters_of
from tidegate.cli.troubles import trouble_of

# Ends that a task itself brought about: users and deployments stop tasks for reasons of their own.
_OWN_ENDS = ("TaskFailedToStart", "EssentialContainerExited")


def reasons(ecs: Any, cluster: str, service: str, deployment_id: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The stopped tasks of a deployment that are still described, the newest first, each with its reason.
    Raises ClientError and BotoCoreError."""
    stopped = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="STOPPED")["taskArns"]
    if not stopped:
        return
    tasks = ecs.describe_tasks(cluster=cluster, tasks=stopped)["tasks"]
    for task in sorted(tasks, key=lambda one: one["createdAt"], reverse=True):
        if task.get("startedBy") == deployment_id and task["lastStatus"] == "STOPPED":
            yield task, why(task)


def why(task: Mapping[str, Any]) -> str:
    """The reason for which a task stopped, and those of its containers, with their exit codes."""
    stopped = task.get("stoppedReason", "")
    found = [stopped]
    for container in task["containers"]:
        code = f"exit code {container['exitCode']}" if container.get("exitCode") is not None else ""
        reason = container.get("reason", "")
        said = ", ".join(part for part in ("" if reason in stopped else reason, code) if part)
        if said:
            found.append(f"{container['name']}: {said}")
    return "; ".join(reason for reason in found if reason)


def short(task: Mapping[str, Any]) -> str:
    return str(task["taskArn"].rsplit("/", 1)[-1])


def troubles_of_service(ecs: Any, described: Mapping[str, Any], data_dir: Path) -> Iterator[str]:
    """What keeps a service, as DescribeServices shows it, from its steady state: its newest event that tells
    of a trouble, and why its tasks stopped by themselves, each reason once. Raises ClientError and
    BotoCoreError."""
    trouble = trouble_of(described, data_dir)
    if trouble is not None:
        yield trouble
    if described["runningCount"] >= described["desiredCount"] or not described["deployments"]:
        return
    name, told = described["serviceName"], set()
    deployment_id = described["deployments"][0]["id"]
    for task, reason in reasons(ecs, described["clusterArn"], name, deployment_id):
        if task.get("stopCode") in _OWN_ENDS and reason not in told:
            told.add(reason)
            yield f"{name}: task {short(task)} stopped: {reason}"


def services_named(ecs: Any, name: str) -> Iterator[dict[str, Any]]:
    """The services of a name, or of an ARN, in all clusters, as DescribeServices shows them. Raises
    ClientError and BotoCoreError."""
    for cluster in clusters_of(ecs, name):
        with contextlib.suppress(ecs.exceptions.ClusterNotFoundException):
            yield from ecs.describe_services(cluster=cluster, services=[name.rsplit("/", 1)[-1]])["services"]
