"""One container of RegisterTaskDefinition: validation, defaults, refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.ecs.faults import client, refuse_others
from tidegate.domain.ecs import (
    ContainerDefinition,
    ContainerDependency,
    HealthCheckCommand,
    LogConfiguration,
    MountPoint,
    PortMapping,
)

_NAME = re.compile(r"[a-zA-Z0-9\-_]{1,255}")
_PORT_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")
_PORT_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")
# Docker makes no container with less.
_MEMORY_MIB_MIN = 6
_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
_PROTOCOLS = ("tcp", "udp")
_LOG_DRIVERS = ("awslogs", "json-file")
_HEALTH_COMMANDS = ("CMD", "CMD-SHELL", "NONE")
# Of each number: the least, the most, and what stands for none.
_HEALTH_LIMITS = {
    "interval": (5, 300, 30),
    "timeout": (2, 60, 5),
    "retries": (1, 10, 3),
    "startPeriod": (0, 300, 0),
}

_HONOURED = {
    "name",
    "image",
    "cpu",
    "memory",
    "memoryReservation",
    "links",
    "portMappings",
    "essential",
    "entryPoint",
    "command",
    "environment",
    "mountPoints",
    "dependsOn",
    "startTimeout",
    "stopTimeout",
    "versionConsistency",
    "hostname",
    "user",
    "workingDirectory",
    "privileged",
    "readonlyRootFilesystem",
    "dockerLabels",
    "logConfiguration",
    "healthCheck",
}
_WHY = {
    "repositoryCredentials": "credentials of a registry are not supported.",
    "restartPolicy": "restart policies are not supported.",
    "environmentFiles": "environment files are not supported.",
    "volumesFrom": "mounting another container's volumes is not supported.",
    "linuxParameters": "Linux parameters are not supported.",
    "secrets": "secrets are not supported.",
    "resourceRequirements": "GPUs and accelerators are not supported.",
    "firelensConfiguration": "FireLens is not supported.",
}
_OF_PORT = {"containerPort", "hostPort", "protocol", "name", "appProtocol"}
_OF_LOG = {"logDriver", "options"}


def parse_container(
    document: Mapping[str, Any], network_mode: str, task_memory_mib: int | None
) -> ContainerDefinition:
    """A container by itself. Raises ClientException."""
    for member in ("name", "image"):
        if not document.get(member):
            raise client(f"Container.{member} should not be null or empty.")
    name = document["name"]
    if not _NAME.fullmatch(name):
        raise client("Container.name contains invalid characters.")
    refuse_others(document, _HONOURED, _WHY, lambda text: client(f"Container '{name}': {text}"))
    if document.get("versionConsistency") not in (None, "", "disabled"):
        raise client(f"Container '{name}': versionConsistency: only disabled is supported.")
    memory, reservation = _memory(document, name, task_memory_mib)
    return ContainerDefinition(
        name=name,
        image=document["image"],
        cpu=_at_least(0, document.get("cpu") or 0, "cpu", name),
        memory_mib=memory,
        memory_reservation_mib=reservation,
        essential=document.get("essential", True),
        port_mappings=tuple(_port(port, name, network_mode) for port in document.get("portMappings") or ()),
        links=tuple(document.get("links") or ()),
        environment=_environment(document, name),
        command=_words(document.get("command")),
        entry_point=_words(document.get("entryPoint")),
        mount_points=tuple(_mount(mount, name) for mount in document.get("mountPoints") or ()),
        depends_on=tuple(_dependency(one) for one in document.get("dependsOn") or ()),
        start_timeout_seconds=_timeout(document, "startTimeout", name),
        stop_timeout_seconds=_timeout(document, "stopTimeout", name),
        health_check=_health_check(document.get("healthCheck"), name),
        log_configuration=_log(document.get("logConfiguration"), name),
        working_directory=document.get("workingDirectory") or None,
        user=document.get("user") or None,
        hostname=document.get("hostname") or None,
        privileged=bool(document.get("privileged")),
        readonly_root_filesystem=bool(document.get("readonlyRootFilesystem")),
        docker_labels=document.get("dockerLabels") or {},
    )


def _memory(
    document: Mapping[str, Any], name: str, task_memory_mib: int | None
) -> tuple[int | None, int | None]:
    memory, reservation = document.get("memory"), document.get("memoryReservation")
    if memory is None and reservation is None and task_memory_mib is None:
        raise client(
            f"Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must "
            "be specified."
        )
    for member, value in (("memory", memory), ("memoryReservation", reservation)):
        if value is not None:
            _at_least(_MEMORY_MIB_MIN, value, member, name)
    if memory is not None and reservation is not None and memory < reservation:
        raise client("'memory' must be greater than or equal to 'memoryReservation'")
    if memory is not None and task_memory_mib is not None and memory > task_memory_mib:
        raise client(f"The 'memory' setting for container '{name}' is greater than for the task")
    return memory, reservation


def _at_least(least: int, value: int, member: str, container: str) -> int:
    if value < least:
        raise client(f"Invalid '{member}' setting for container '{container}'. It must be at least {least}.")
    return value


def _timeout(document: Mapping[str, Any], member: str, container: str) -> int | None:
    value: int | None = document.get(member)
    return None if value is None else _at_least(0, value, member, container)


def _words(words: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(words) if words else None


def _environment(document: Mapping[str, Any], container: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    for pair in document.get("environment") or ():
        if not pair.get("name"):
            raise client(f"Invalid environment for container '{container}': a variable must have a name.")
        variables[pair["name"]] = pair.get("value", "")
    return variables


def _port(document: Mapping[str, Any], container: str, network_mode: str) -> PortMapping:
    _check_range(document, container)
    refuse_others(document, _OF_PORT, {}, lambda text: client(f"Port mapping of '{container}': {text}"))
    container_port, host_port = document.get("containerPort"), document.get("hostPort") or 0
    if container_port is None or not 1 <= container_port <= 65535 or not 0 <= host_port <= 65535:
        raise client(f"Invalid port mapping for container '{container}': ports are 1 to 65535.")
    protocol = document.get("protocol") or "tcp"
    if protocol not in _PROTOCOLS:
        raise client(f"protocol should be one of [{','.join(_PROTOCOLS)}]")
    if network_mode == "none":
        raise client("Port mappings are not supported when networkMode=none.")
    if network_mode == "host":
        if host_port not in (0, container_port):
            raise client(
                "When networkMode=host, the host ports and container ports in port mappings must match."
            )
        host_port = container_port
    name = document.get("name") or None
    if name is not None and not _PORT_NAME.fullmatch(name):
        raise client(f"Invalid name '{name}' of a port mapping of container '{container}'.")
    return PortMapping(container_port=container_port, host_port=host_port, protocol=protocol, name=name)


def _check_range(document: Mapping[str, Any], container: str) -> None:
    """Port ranges are refused; wrong ones as wrong."""
    text = document.get("containerPortRange")
    if not text:
        return
    if document.get("containerPort") is not None:
        raise client(
            f"Invalid port mapping for container '{container}', cannot specify both single port and port "
            "range."
        )
    found = _PORT_RANGE.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= 65535:
        raise client(f"Invalid 'containerPortRange' setting for container '{container}'.")


def _mount(document: Mapping[str, Any], container: str) -> MountPoint:
    volume, path = document.get("sourceVolume"), document.get("containerPath")
    if not volume or not path:
        raise client(
            f"Invalid mount point for container '{container}': sourceVolume or containerPath missing."
        )
    return MountPoint(source_volume=volume, container_path=path, read_only=bool(document.get("readOnly")))


def _dependency(document: Mapping[str, Any]) -> ContainerDependency:
    condition = document["condition"]
    if condition not in _CONDITIONS:
        raise client(f"condition should be one of [{','.join(_CONDITIONS)}]")
    return ContainerDependency(container_name=document["containerName"], condition=condition)


def _health_check(document: Mapping[str, Any] | None, container: str) -> HealthCheckCommand | None:
    if not document:
        return None
    command = tuple(document["command"])
    if not command or command[0] not in _HEALTH_COMMANDS or (len(command) < 2 and command[0] != "NONE"):
        raise client(
            f"Invalid health check command for container '{container}': it begins with CMD or CMD-SHELL."
        )
    values: dict[str, int] = {}
    for member, (least, most, default) in _HEALTH_LIMITS.items():
        values[member] = document.get(member, default)
        if values[member] > most:
            bound = f"less than or equal to the maximum allowed value {most}"
        elif values[member] < least:
            bound = f"greater than or equal to the minimum allowed value {least}"
        else:
            continue
        raise client(f"Health check {member} must be {bound} for container '{container}'")
    if command[0] == "NONE":
        return None
    return HealthCheckCommand(
        command=command,
        interval_seconds=values["interval"],
        timeout_seconds=values["timeout"],
        retries=values["retries"],
        start_period_seconds=values["startPeriod"],
    )


def _log(document: Mapping[str, Any] | None, container: str) -> LogConfiguration | None:
    if not document:
        return None
    driver, options = document["logDriver"], document.get("options") or {}
    if driver not in _LOG_DRIVERS:
        supported = " and ".join(_LOG_DRIVERS)
        raise client(f"Container '{container}': logDriver: {driver} is not supported, only {supported}.")
    refuse_others(document, _OF_LOG, {}, lambda text: client(f"Container '{container}': {text}"))
    if driver == "awslogs" and not options.get("awslogs-group"):
        raise client("Log driver awslogs requires options: awslogs-group")
    return LogConfiguration(log_driver=driver, options=options)
