"""What an instance must be capable of for a task definition to run there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tidegate.domain.ecs import ContainerDefinition

_PREFIX = "com.amazonaws.ecs.capability."
_EVERY_AGENT = f"{_PREFIX}docker-remote-api.1.17"


def required_attributes(containers: Sequence[ContainerDefinition], sent: Mapping[str, Any]) -> list[str]:
    """Names of attributes, in order."""
    names = {_EVERY_AGENT}
    for container in containers:
        names.update(_of_container(container))
    if sent.get("taskRoleArn"):
        is_on_host = sent.get("networkMode") == "host"
        names.add(f"{_PREFIX}task-iam-role" + ("-network-host" if is_on_host else ""))
    if sent.get("executionRoleArn"):
        if any(_is_from_ecr(container) for container in containers):
            names.add("ecs.capability.execution-role-ecr-pull")
        if any(_log_driver(container) == "awslogs" for container in containers):
            names.add("ecs.capability.execution-role-awslogs")
    return sorted(names)


def _of_container(container: ContainerDefinition) -> Iterable[str]:
    driver = _log_driver(container)
    if driver is not None:
        yield f"{_PREFIX}logging-driver.{driver}"
    if driver == "awslogs":
        yield f"{_PREFIX}docker-remote-api.1.19"
    if _is_from_ecr(container):
        yield f"{_PREFIX}ecr-auth"
        yield f"{_PREFIX}docker-remote-api.1.19"
    if container.memory_reservation_mib is not None:
        yield f"{_PREFIX}docker-remote-api.1.21"
    if container.privileged:
        yield f"{_PREFIX}privileged-container"
    if container.health_check is not None:
        yield "ecs.capability.container-health-check"
        yield f"{_PREFIX}docker-remote-api.1.24"
    timeouts = (container.start_timeout_seconds, container.stop_timeout_seconds)
    if container.depends_on or timeouts != (None, None):
        yield "ecs.capability.container-ordering"


def _log_driver(container: ContainerDefinition) -> str | None:
    return container.log_configuration.log_driver if container.log_configuration else None


def _is_from_ecr(container: ContainerDefinition) -> bool:
    return ".dkr.ecr." in container.image
