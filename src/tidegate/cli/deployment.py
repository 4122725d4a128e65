"""Deploys a task definition file as a CI pipeline does, and tells what the service says meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

# What DescribeTaskDefinition answers beyond what RegisterTaskDefinition takes: people deploy files that
# they described before.
_READ_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
)
_POLL_SECONDS = 0.5


class DeployError(Exception):
    """The deployment did not succeed; the message says where it stands."""


def read_definition(file: Path) -> dict[str, Any]:
    """The arguments of RegisterTaskDefinition from a file; raises DeployError."""
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise DeployError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise DeployError(f"{file} is not JSON: {error}") from error
    definition = document.get("taskDefinition", document) if isinstance(document, dict) else None
    if not isinstance(definition, dict) or "containerDefinitions" not in definition:
        raise DeployError(f"{file} holds no task definition: containerDefinitions is missing")
    return {name: value for name, value in definition.items() if name not in _READ_ONLY and value is not None}


def deploy(
    ecs: Any, file: Path, cluster: str, service: str, timeout_seconds: float, tell: Callable[[str], None]
) -> None:
    """Register the file as a new revision, update the service, and wait until it alone runs.

    Raises DeployError when AWS's API refuses, when the deployment fails or is rolled back, and after
    the timeout (the deployment itself goes on then).
    """
    definition = read_definition(file)
    try:
        seen = _event_ids(ecs, cluster, service)
        registered = ecs.register_task_definition(**definition)["taskDefinition"]
        arn = registered["taskDefinitionArn"]
        tell(f"registered {registered['family']}:{registered['revision']}")
        updated = ecs.update_service(cluster=cluster, service=service, taskDefinition=arn)["service"]
        deployment = next(d["id"] for d in updated["deployments"] if d["status"] == "PRIMARY")
        tell(f"deployment {deployment} to {updated['desiredCount']} task(s) began")
        _wait(ecs, cluster, service, deployment, seen, time.monotonic() + timeout_seconds, tell)
    except (ClientError, BotoCoreError, TypeError) as error:
        raise DeployError(str(error)) from error


def _wait(
    ecs: Any,
    cluster: str,
    service: str,
    deployment_id: str,
    seen: set[str],
    deadline: float,
    tell: Callable[[str], None],
) -> None:
    while True:
        described = _describe(ecs, cluster, service)
        for event in reversed(described["events"]):
            if event["id"] not in seen:
                seen.add(event["id"])
                tell(f"{event['createdAt']:%H:%M:%S} {event['message']}")
        deployments = described["deployments"]
        ours = next((d for d in deployments if d["id"] == deployment_id), None)
        if ours is None or ours["status"] != "PRIMARY":
            raise DeployError(f"{deployment_id} was replaced by another deployment")
        if ours.get("rolloutState") == "FAILED":
            raise DeployError(f"{deployment_id} failed: {ours.get('rolloutStateReason', '')}")
        if ours.get("rolloutState") == "COMPLETED" and len(deployments) == 1:
            tell(f"deployment {deployment_id} completed: {ours['runningCount']} task(s) run")
            return
        if time.monotonic() > deadline:
            counts = f"{ours['runningCount']} of {ours['desiredCount']} run, {ours['pendingCount']} pending"
            raise DeployError(f"{deployment_id} is still in progress ({counts}); it goes on")
        time.sleep(_POLL_SECONDS)


def _describe(ecs: Any, cluster: str, service: str) -> dict[str, Any]:
    answer = ecs.describe_services(cluster=cluster, services=[service])
    if not answer["services"]:
        raise DeployError(f"there is no service {service} in cluster {cluster}")
    described: dict[str, Any] = answer["services"][0]
    return described


def _event_ids(ecs: Any, cluster: str, service: str) -> set[str]:
    return {event["id"] for event in _describe(ecs, cluster, service)["events"]}
