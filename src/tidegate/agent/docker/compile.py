"""From an ACS container to Docker's create request; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.agent.awslogs.options import log_files_max
from tidegate.agent.payload import ContainerPayload, TaskPayload

LABEL_INSTANCE = "tidegate.instance"
LABEL_TASK = "com.amazonaws.ecs.task-arn"
LABEL_CONTAINER = "com.amazonaws.ecs.container-name"


def container_name(task: TaskPayload, container: ContainerPayload) -> str:
    """Amazon's form of name, with the task's id for its random part: starting twice finds the first."""
    return f"ecs-{task.family}-{task.version}-{container.name}-{task.id}"


def create_request(
    task: TaskPayload,
    container: ContainerPayload,
    *,
    image: str,
    address: str,
    instance_id: str,
    cluster: str,
    region: str,
) -> dict[str, Any]:
    """The body of Docker's create call. Ports are published on the instance's address alone."""
    config = dict(container.config)
    host_config = dict(container.host_config)
    ports: dict[str, list[Mapping[str, str]]] = {}
    for mapping in container.port_mappings:
        port = f"{mapping.container_port}/{mapping.protocol}"
        ports.setdefault(port, []).append({"HostIp": address, "HostPort": str(mapping.host_port)})
    host_config["PortBindings"] = ports
    host_config["CpuShares"] = max(2, container.cpu)
    if container.memory:
        host_config["Memory"] = max(4, container.memory) * 1024 * 1024
    host_config["Links"] = [
        _link(task, link)
        for link in container.links
        if link.split(":")[0] in {c.name for c in task.containers}
    ]
    host_config["Binds"] = [*host_config.get("Binds", []), *_binds(task, container)]
    log = host_config.get("LogConfig") or {}
    if log.get("Type", "awslogs") not in ("none", "json-file", "local"):
        # Lines are kept on this host, in files that the product reads and ships, whatever their driver.
        files = str(log_files_max(container))
        host_config["LogConfig"] = {"Type": "json-file", "Config": {"max-size": "10m", "max-file": files}}
    labels = {
        **config.get("Labels", {}),
        LABEL_INSTANCE: instance_id,
        LABEL_TASK: task.arn,
        LABEL_CONTAINER: container.name,
        "com.amazonaws.ecs.cluster": cluster,
        "com.amazonaws.ecs.task-definition-family": task.family,
        "com.amazonaws.ecs.task-definition-version": task.version,
    }
    environment = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, **container.environment}
    request: dict[str, Any] = {
        **config,
        "Image": image,
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "ExposedPorts": {port: {} for port in ports},
        "Labels": labels,
        "HostConfig": host_config,
    }
    if container.command is not None:
        request["Cmd"] = container.command
    if container.entry_point is not None:
        request["Entrypoint"] = container.entry_point
    return request


def _link(task: TaskPayload, link: str) -> str:
    name, _, alias = link.partition(":")
    return f"{container_name(task, task.container(name))}:{alias or name}"


def _binds(task: TaskPayload, container: ContainerPayload) -> list[str]:
    volumes = {volume.name: volume for volume in task.volumes}
    binds = []
    for mount in container.mount_points:
        volume = volumes[mount.source_volume]
        # A volume without a source is the task's own: named after it, removed with it.
        source = volume.host.source_path or f"ecs-{task.family}-{task.version}-{volume.name}-{task.id}"
        binds.append(f"{source}:{mount.container_path}" + (":ro" if mount.read_only else ""))
    return binds
