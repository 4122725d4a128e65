"""From RegisterTaskDefinition's members to a task definition: validation, defaults, refusals.

What a user sent is stored and read back as it was, with no more added than AWS adds: clients compare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.control.api.ecs.definition_attributes import required_attributes
from tidegate.control.api.ecs.lookup import refuse
from tidegate.domain.ecs import (
    ContainerDefinition,
    ContainerDependency,
    HealthCheckCommand,
    LogConfiguration,
    MountPoint,
    PortMapping,
    TaskDefinition,
    Volume,
)
from tidegate.wire import Fault

_FAMILY = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REFUSED = {
    "proxyConfiguration": "App Mesh is not supported.",
    "inferenceAccelerators": "accelerators are not supported.",
    "pidMode": "sharing of process namespaces is not supported.",
    "ipcMode": "sharing of IPC namespaces is not supported.",
    "ephemeralStorage": "it is for Fargate, which is not supported.",
    "placementConstraints": "constraints in a task definition are not supported.",
}
_REFUSED_OF_CONTAINER = {
    "secrets": "secrets are not supported.",
    "environmentFiles": "environment files are not supported.",
    "volumesFrom": "mounting another container's volumes is not supported.",
    "resourceRequirements": "GPUs and accelerators are not supported.",
    "firelensConfiguration": "FireLens is not supported.",
    "linuxParameters": "Linux parameters are not supported.",
    "ulimits": "ulimits are not supported.",
    "systemControls": "system controls are not supported.",
    "extraHosts": "extra hosts are not supported.",
    "dnsServers": "DNS servers are not supported.",
    "dnsSearchDomains": "DNS search domains are not supported.",
    "dockerSecurityOptions": "security options are not supported.",
    "repositoryCredentials": "credentials of a registry are not supported.",
    "restartPolicy": "restart policies are not supported.",
    "credentialSpecs": "credential specifications are not supported.",
    "interactive": "interactive containers are not supported.",
    "pseudoTerminal": "pseudo terminals are not supported.",
    "disableNetworking": "containers without a network are not supported.",
}
_CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
_LOG_DRIVERS = ("awslogs", "json-file", "none")


def _fault(message: str) -> Fault:
    return Fault("ClientException", message)


def parse_definition(parameters: Mapping[str, Any]) -> TaskDefinition:
    """A definition without its ARN, revision and times. Raises ClientException."""
    family = parameters.get("family") or ""
    if not _FAMILY.fullmatch(family):
        raise _fault("Family contains invalid characters or has an invalid length.")
    refuse(parameters, _REFUSED, "ClientException")
    _refuse_launch(parameters)
    network_mode = parameters.get("networkMode") or "bridge"
    cpu, memory = _task_cpu(parameters.get("cpu")), _task_memory(parameters.get("memory"))
    volumes = tuple(_volume(volume) for volume in parameters.get("volumes") or ())
    definitions = parameters.get("containerDefinitions") or []
    if not definitions:
        raise _fault("Container list cannot be empty")
    if len(definitions) > 10:
        raise _fault("Too many containers: a task definition can have at most 10.")
    containers = tuple(_container(document, network_mode, memory) for document in definitions)
    _check_together(containers, volumes, cpu, memory)
    return TaskDefinition(
        arn="",
        family=family,
        revision=0,
        network_mode=network_mode,
        cpu=cpu,
        memory_mib=memory,
        containers=containers,
        volumes=volumes,
        task_role_arn=parameters.get("taskRoleArn") or None,
        execution_role_arn=parameters.get("executionRoleArn") or None,
        registered_at=_EPOCH,
        document=_document(parameters, network_mode, cpu, memory, containers),
    )


def _refuse_launch(parameters: Mapping[str, Any]) -> None:
    mode = parameters.get("networkMode") or "bridge"
    if mode == "awsvpc":
        raise _fault("networkMode=awsvpc is not supported: use bridge, or host with target type ip.")
    if mode not in ("bridge", "host", "none"):
        raise _fault(f"Invalid network mode: {mode}.")
    for compatibility in parameters.get("requiresCompatibilities") or ():
        if compatibility not in ("EC2", "EXTERNAL"):
            raise _fault(f"requiresCompatibilities: {compatibility} is not supported.")


def _task_cpu(text: str | None) -> int | None:
    if not text:
        return None
    vcpu = re.fullmatch(r"([\d.]+)\s*vcpu", text.strip(), re.IGNORECASE)
    number = round(float(vcpu[1]) * 1024) if vcpu else int(text) if text.strip().isdigit() else 0
    if not 128 <= number <= 196608:
        raise _fault(
            "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the "
            "Amazon ECS Developer Guide."
        )
    return number


def _task_memory(text: str | None) -> int | None:
    if not text:
        return None
    gigabytes = re.fullmatch(r"([\d.]+)\s*gb", text.strip(), re.IGNORECASE)
    number = round(float(gigabytes[1]) * 1024) if gigabytes else int(text) if text.strip().isdigit() else 0
    if number < 6:
        raise _fault(
            "Invalid 'memory' setting for task. For more information, see the Troubleshooting section of the "
            "Amazon ECS Developer Guide."
        )
    return number


def _volume(document: Mapping[str, Any]) -> Volume:
    name = document.get("name") or ""
    if not name:
        raise _fault("Volume.name should not be null or empty.")
    for kind in (
        "dockerVolumeConfiguration",
        "efsVolumeConfiguration",
        "fsxWindowsFileServerVolumeConfiguration",
        "configuredAtLaunch",
    ):
        if document.get(kind):
            raise _fault(f"Volume {name}: {kind} is not supported: use host volumes.")
    return Volume(name=name, source_path=(document.get("host") or {}).get("sourcePath") or None)


def _container(
    document: Mapping[str, Any], network_mode: str, task_memory: int | None
) -> ContainerDefinition:
    for member in ("name", "image"):
        if not document.get(member):
            raise _fault(f"Container.{member} should not be null or empty.")
    name = document["name"]
    refuse(document, _REFUSED_OF_CONTAINER, "ClientException")
    memory, reservation = document.get("memory"), document.get("memoryReservation")
    if memory is None and reservation is None and task_memory is None:
        raise _fault(
            f"Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must "
            "be specified."
        )
    if memory is not None and reservation is not None and memory < reservation:
        raise _fault("'memory' must be greater than or equal to 'memoryReservation'")
    if memory is not None and task_memory is not None and memory > task_memory:
        raise _fault(f"The 'memory' setting for container '{name}' is greater than for the task")
    return ContainerDefinition(
        name=name,
        image=document["image"],
        cpu=document.get("cpu") or 0,
        memory_mib=memory,
        memory_reservation_mib=reservation,
        essential=document.get("essential", True),
        port_mappings=tuple(_port(p, name, network_mode) for p in document.get("portMappings") or ()),
        links=tuple(document.get("links") or ()),
        environment={
            e["name"]: e.get("value", "") for e in document.get("environment") or () if e.get("name")
        },
        command=_words(document.get("command")),
        entry_point=_words(document.get("entryPoint")),
        mount_points=tuple(_mount(m) for m in document.get("mountPoints") or ()),
        depends_on=tuple(
            ContainerDependency(container_name=d["containerName"], condition=d["condition"])
            for d in document.get("dependsOn") or ()
        ),
        start_timeout_seconds=document.get("startTimeout"),
        stop_timeout_seconds=document.get("stopTimeout"),
        health_check=_health_check(document.get("healthCheck"), name),
        log_configuration=_log(document.get("logConfiguration")),
        working_directory=document.get("workingDirectory") or None,
        user=document.get("user") or None,
        hostname=document.get("hostname") or None,
        privileged=bool(document.get("privileged")),
        readonly_root_filesystem=bool(document.get("readonlyRootFilesystem")),
        docker_labels=document.get("dockerLabels") or {},
    )


def _words(words: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(words) if words else None


def _port(document: Mapping[str, Any], container: str, network_mode: str) -> PortMapping:
    refuse(document, {"containerPortRange": "port ranges are not supported."}, "ClientException")
    container_port, host_port = document.get("containerPort"), document.get("hostPort") or 0
    if container_port is None or not 1 <= container_port <= 65535 or not 0 <= host_port <= 65535:
        raise _fault(f"Invalid port mapping for container '{container}': ports are 1 to 65535.")
    if network_mode == "host":
        if host_port not in (0, container_port):
            raise _fault(
                "When networkMode=host, the host ports and container ports in port mappings must match."
            )
        host_port = container_port
    protocol = document.get("protocol") or "tcp"
    if protocol not in ("tcp", "udp"):
        raise _fault(f"Invalid protocol for container '{container}': {protocol}")
    return PortMapping(
        container_port=container_port, host_port=host_port, protocol=protocol, name=document.get("name")
    )


def _mount(document: Mapping[str, Any]) -> MountPoint:
    if not document.get("sourceVolume") or not document.get("containerPath"):
        raise _fault("Mount points must have a sourceVolume and a containerPath.")
    return MountPoint(
        source_volume=document["sourceVolume"],
        container_path=document["containerPath"],
        read_only=bool(document.get("readOnly")),
    )


def _health_check(document: Mapping[str, Any] | None, container: str) -> HealthCheckCommand | None:
    if not document:
        return None
    limits = {
        "interval": (5, 300, 30),
        "timeout": (2, 60, 5),
        "retries": (1, 10, 3),
        "startPeriod": (0, 300, 0),
    }
    values: dict[str, int] = {}
    for member, (low, high, default) in limits.items():
        value = document.get(member)
        values[member] = default if value is None else value
        if not low <= values[member] <= high:
            bound = f"less than or equal to the maximum allowed value {high}"
            if values[member] < low:
                bound = f"greater than or equal to the minimum allowed value {low}"
            raise _fault(f"Health check {member} must be {bound} for container '{container}'")
    return HealthCheckCommand(
        command=tuple(document.get("command") or ()),
        interval_seconds=values["interval"],
        timeout_seconds=values["timeout"],
        retries=values["retries"],
        start_period_seconds=values["startPeriod"],
    )


def _log(document: Mapping[str, Any] | None) -> LogConfiguration | None:
    if not document:
        return None
    driver, options = document.get("logDriver") or "", document.get("options") or {}
    if driver not in _LOG_DRIVERS:
        raise _fault(f"Log driver {driver} is not supported: use one of {', '.join(_LOG_DRIVERS)}.")
    if driver == "awslogs" and not options.get("awslogs-group"):
        raise _fault("Log driver awslogs requires options: awslogs-group")
    refuse(document, {"secretOptions": "secret options are not supported."}, "ClientException")
    return LogConfiguration(log_driver=driver, options=options)


def _check_together(
    containers: Sequence[ContainerDefinition], volumes: Sequence[Volume], cpu: int | None, memory: int | None
) -> None:
    names = {container.name for container in containers}
    if len(names) < len(containers):
        raise _fault("Container names must be unique within a task definition")
    if not any(container.essential for container in containers):
        raise _fault("Task definition doesn't have any essential container")
    if cpu is not None and sum(c.cpu for c in containers) > cpu:
        raise _fault("The sum of the containers' 'cpu' settings is greater than the task's.")
    if memory is not None and sum(c.memory_reservation_mib or 0 for c in containers) > memory:
        raise _fault("The sum of the containers' 'memoryReservation' settings is greater than the task's.")
    known = {volume.name for volume in volumes}
    ports: set[tuple[int, str]] = set()
    for container in containers:
        for mount in container.mount_points:
            if mount.source_volume not in known:
                raise _fault(f"Unknown volume '{mount.source_volume}'.")
        for port in container.port_mappings:
            if port.host_port and (port.host_port, port.protocol) in ports:
                raise _fault(f"Host port {port.host_port} is used multiple times in task.")
            ports.add((port.host_port, port.protocol))
        _check_dependencies(container, containers, names)
    _check_no_cycle(containers)


def _check_dependencies(
    container: ContainerDefinition, containers: Sequence[ContainerDefinition], names: set[str]
) -> None:
    for link in container.links:
        if link.split(":")[0] not in names:
            raise _fault(
                f"Container '{container.name}' links to '{link.split(':')[0]}', which does not exist."
            )
    for dependency in container.depends_on:
        if dependency.container_name not in names:
            raise _fault(
                f"Cannot depend on container + '{dependency.container_name}' because it does not exist"
            )
        if dependency.condition not in _CONDITIONS:
            raise _fault(f"Invalid dependency condition: {dependency.condition}")
        other = next(c for c in containers if c.name == dependency.container_name)
        if dependency.condition in ("COMPLETE", "SUCCESS") and other.essential:
            raise _fault(
                "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
            )
        if dependency.condition == "HEALTHY" and other.health_check is None:
            raise _fault("A dependency container with HEALTHY condition must have health check configured")


def _check_no_cycle(containers: Sequence[ContainerDefinition]) -> None:
    below = {
        c.name: {link.split(":")[0] for link in c.links} | {d.container_name for d in c.depends_on}
        for c in containers
    }
    left = dict(below)
    while left:
        free = [name for name, needs in left.items() if not needs & left.keys()]
        if not free:
            raise _fault("Container links should not have a cycle")
        for name in free:
            del left[name]


def _document(
    parameters: Mapping[str, Any],
    network_mode: str,
    cpu: int | None,
    memory: int | None,
    containers: Sequence[ContainerDefinition],
) -> dict[str, Any]:
    """What is read back: what was sent, and the defaults that AWS writes into it."""
    document = {
        member: parameters[member]
        for member in (
            "family",
            "taskRoleArn",
            "executionRoleArn",
            "requiresCompatibilities",
            "runtimePlatform",
        )
        if parameters.get(member)
    }
    document |= {
        "networkMode": network_mode,
        "containerDefinitions": [
            _container_document(sent, network_mode) for sent in parameters["containerDefinitions"]
        ],
        "volumes": list(parameters.get("volumes") or []),
        "placementConstraints": [],
        "requiresAttributes": [{"name": name} for name in required_attributes(containers, parameters)],
        "compatibilities": ["EXTERNAL", "EC2"],
    }
    if cpu is not None:
        document["cpu"] = str(cpu)
    if memory is not None:
        document["memory"] = str(memory)
    return document


def _container_document(sent: Mapping[str, Any], network_mode: str) -> dict[str, Any]:
    kept = {member: value for member, value in sent.items() if value not in ([], {}, None)}
    ports = []
    for port in sent.get("portMappings") or ():
        host_port = port["containerPort"] if network_mode == "host" else port.get("hostPort") or 0
        ports.append({**port, "hostPort": host_port, "protocol": port.get("protocol") or "tcp"})
    kept |= {
        "cpu": sent.get("cpu") or 0,
        "essential": sent.get("essential", True),
        "portMappings": ports,
        "environment": list(sent.get("environment") or []),
        "mountPoints": list(sent.get("mountPoints") or []),
        "volumesFrom": [],
        "systemControls": [],
    }
    if sent.get("healthCheck"):
        defaults = {"interval": 30, "timeout": 5, "retries": 3}
        kept["healthCheck"] = {**defaults, **{k: v for k, v in sent["healthCheck"].items() if v is not None}}
    return kept
