"""From a task and its definition to the work order that an agent understands.

A container definition is compiled into Docker's own create request (`dockerConfig`), which the agent
applies without judging it: whoever writes it owns the host. So it is built from typed and validated fields
only; no JSON of a user is ever passed through. Overrides are merged here, since the agent takes none but
the command's. The order's members are those of Amazon's agent (its `ecs-agent/acs/model/ecsacs`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tidegate.domain.ecs import ContainerDefinition, HealthCheckCommand, Task, TaskDefinition

# The docker API version that the create request is written for.
_DOCKER_VERSION = "1.21"
_MIB = 1024 * 1024
_NANOSECONDS = 1_000_000_000


def start_order(task: Task, definition: TaskDefinition, *, log_mode: str) -> dict[str, Any]:
    """The task as the agent is to run it. `log_mode`: how lines go to log drivers where a container does not
    say."""
    overrides = {str(one.get("name", "")): one for one in task.overrides.get("containerOverrides", ())}
    order: dict[str, Any] = {
        "arn": task.arn,
        "desiredStatus": "RUNNING",
        "family": definition.family,
        "version": str(definition.revision),
        "taskClusterArn": task.cluster_arn,
        "networkMode": definition.network_mode,
        "launchType": task.launch_type,
        "group": task.group,
        "overrides": "{}",
        "containers": [
            _container(container, overrides.get(container.name, {}), task, definition, log_mode)
            for container in definition.containers
        ],
        "volumes": [_volume(volume.name, volume.source_path) for volume in definition.volumes],
    }
    if task.service_arn:
        order["serviceName"] = task.group.removeprefix("service:")
    if definition.cpu:
        # The one place where AWS counts in vCPUs.
        order["cpu"] = definition.cpu / 1024
    if definition.memory_mib:
        order["memory"] = definition.memory_mib
    return order


def stop_order(task: Task) -> dict[str, Any]:
    """The same task, to be stopped: all that the agent reads of it is its ARN and the status."""
    return {"arn": task.arn, "desiredStatus": "STOPPED", "containers": [], "volumes": []}


def _container(
    container: ContainerDefinition,
    override: Mapping[str, Any],
    task: Task,
    definition: TaskDefinition,
    log_mode: str,
) -> dict[str, Any]:
    environment = dict(container.environment)
    environment |= {pair["name"]: pair["value"] for pair in override.get("environment", ())}
    command = override.get("command") or container.command
    reservation = override.get("memoryReservation") or container.memory_reservation_mib
    order: dict[str, Any] = {
        "name": container.name,
        "image": container.image,
        "essential": container.essential,
        "environment": environment,
        "cpu": override.get("cpu") or container.cpu,
        "memory": override.get("memory") or container.memory_mib or 0,
        "portMappings": _ports(container, task),
        "links": list(container.links),
        "mountPoints": [
            {"sourceVolume": m.source_volume, "containerPath": m.container_path, "readOnly": m.read_only}
            for m in container.mount_points
        ],
        "volumesFrom": [],
        "dependsOn": [
            {"containerName": one.container_name, "condition": one.condition} for one in container.depends_on
        ],
        "overrides": "{}",
        "dockerConfig": {
            "version": _DOCKER_VERSION,
            "config": json.dumps(_config(container)),
            "hostConfig": json.dumps(_host_config(container, reservation, definition.network_mode, log_mode)),
        },
    }
    if command:
        order["command"] = list(command)
    if container.entry_point:
        # An empty entry point would clear the image's own: it is left out when unset.
        order["entryPoint"] = list(container.entry_point)
    if container.stop_timeout_seconds:
        order["stopTimeout"] = container.stop_timeout_seconds
    if container.start_timeout_seconds:
        order["startTimeout"] = container.start_timeout_seconds
    if container.health_check:
        order["healthCheckType"] = "docker"
    return order


def _ports(container: ContainerDefinition, task: Task) -> list[dict[str, Any]]:
    """Port mappings with the host ports that placement gave, dynamic ones too."""
    given = {
        (port.container_port, port.protocol): port.host_port
        for port in task.ports
        if port.container_name == container.name
    }
    return [
        {
            "containerPort": mapping.container_port,
            "hostPort": given.get((mapping.container_port, mapping.protocol), mapping.host_port),
            "protocol": mapping.protocol,
        }
        for mapping in container.port_mappings
    ]


def _config(container: ContainerDefinition) -> dict[str, Any]:
    config: dict[str, Any] = {"Labels": dict(container.docker_labels)}
    if container.user:
        config["User"] = container.user
    if container.working_directory:
        config["WorkingDir"] = container.working_directory
    if container.hostname:
        config["Hostname"] = container.hostname
    if container.health_check:
        config["Healthcheck"] = _health_check(container.health_check)
    return config


def _health_check(check: HealthCheckCommand) -> dict[str, Any]:
    return {
        "Test": list(check.command),
        "Interval": check.interval_seconds * _NANOSECONDS,
        "Timeout": check.timeout_seconds * _NANOSECONDS,
        "Retries": check.retries,
        "StartPeriod": check.start_period_seconds * _NANOSECONDS,
    }


def _host_config(
    container: ContainerDefinition, reservation_mib: int | None, network_mode: str, log_mode: str
) -> dict[str, Any]:
    config: dict[str, Any] = {
        "NetworkMode": network_mode,
        "Privileged": container.privileged,
        "ReadonlyRootfs": container.readonly_root_filesystem,
    }
    if reservation_mib:
        config["MemoryReservation"] = reservation_mib * _MIB
    if container.log_configuration:
        logs = container.log_configuration
        config["LogConfig"] = {"Type": logs.log_driver, "Config": _log_options(logs.options, log_mode)}
    return config


def _log_options(options: Mapping[str, str], log_mode: str) -> dict[str, str]:
    """With ECS's defaults; Docker's own are to block, and a buffer of 1 MiB."""
    known = {"mode": log_mode, **options}
    return {"max-buffer-size": "10m", **known} if known["mode"] == "non-blocking" else known


def _volume(name: str, source_path: str | None) -> dict[str, Any]:
    # `host` must be present for type host; an empty one is an anonymous volume that dies with the task.
    return {"name": name, "type": "host", "host": {"sourcePath": source_path} if source_path else {}}
