"""What an instance must offer for a task definition to run there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.ecs import ContainerDefinition

_PREFIX = "com.amazonaws.ecs.capability."


def required_attributes(
    containers: Sequence[ContainerDefinition], parameters: Mapping[str, Any]
) -> list[str]:
    """Capability names in the order AWS lists them, sorted."""
    names: set[str] = set()
    for container in containers:
        if container.log_configuration is not None:
            names.add(f"{_PREFIX}logging-driver.{container.log_configuration.log_driver}")
            names.add(f"{_PREFIX}docker-remote-api.1.19")
        if ".dkr.ecr." in container.image:
            names.add(f"{_PREFIX}ecr-auth")
            names.add(f"{_PREFIX}docker-remote-api.1.19")
        if container.memory_reservation_mib is not None:
            names.add(f"{_PREFIX}docker-remote-api.1.21")
        if container.health_check is not None:
            names.add("ecs.capability.container-health-check")
            names.add(f"{_PREFIX}docker-remote-api.1.24")
        if container.depends_on:
            names.add("ecs.capability.container-ordering")
    if parameters.get("taskRoleArn"):
        names.add(f"{_PREFIX}task-iam-role")
    if parameters.get("executionRoleArn"):
        if any(".dkr.ecr." in container.image for container in containers):
            names.add("ecs.capability.execution-role-ecr-pull")
        if any(c.log_configuration and c.log_configuration.log_driver == "awslogs" for c in containers):
            names.add("ecs.capability.execution-role-awslogs")
    return sorted(names)
