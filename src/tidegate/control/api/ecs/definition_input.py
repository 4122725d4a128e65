"""From RegisterTaskDefinition's members to a task definition: validation, defaults, refusals.

What Tidegate acts on becomes typed (`container_input` has the containers' part); whether the parts fit
together is looked at afterwards (`definition_checks`); what is read back is made from what was sent
(`definition_document`). The texts are those of the service where they are known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.control.api.ecs.container_input import parse_container
from tidegate.control.api.ecs.definition_checks import check_containers
from tidegate.control.api.ecs.definition_document import definition_document
from tidegate.control.api.ecs.faults import client, refuse_others
from tidegate.domain.ecs import TaskDefinition, Volume

_FAMILY = re.compile(r"[a-zA-Z0-9\-_]{1,255}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BYTES_MAX = 65536
_CONTAINERS_MAX = 10

_HONOURED = {
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "tags",
    "runtimePlatform",
}
_WHY = {
    "proxyConfiguration": "App Mesh is not supported.",
    "inferenceAccelerators": "accelerators are not supported.",
    "pidMode": "sharing of process namespaces is not supported.",
    "ipcMode": "sharing of IPC namespaces is not supported.",
    "ephemeralStorage": "it is for Fargate, which is not supported.",
    "placementConstraints": "constraints in a task definition are not supported.",
    "enableFaultInjection": "fault injection is not supported.",
}
_OF_VOLUME = {"name", "host"}
_NETWORK_MODES = ("bridge", "host", "awsvpc", "none")
_ARCHITECTURES = ("X86_64", "ARM64")
_COMPATIBILITIES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
_TROUBLESHOOTING = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."


def parse_definition(parameters: Mapping[str, Any]) -> TaskDefinition:
    """A definition without its ARN, revision and times. Raises ClientException."""
    family = parameters["family"]
    if not _FAMILY.fullmatch(family):
        raise client("Family contains invalid characters.")
    _check_size(parameters)
    refuse_others(parameters, _HONOURED, _WHY, client)
    network_mode = _network_mode(parameters)
    _check_platform(parameters)
    cpu, memory = _task_cpu(parameters.get("cpu")), _task_memory(parameters.get("memory"))
    volumes = tuple(_volume(volume) for volume in parameters.get("volumes") or ())
    sent = parameters["containerDefinitions"]
    if not sent:
        raise client("Container list cannot be empty")
    if len(sent) > _CONTAINERS_MAX:
        raise client(f"Container list cannot have more than {_CONTAINERS_MAX} elements")
    containers = tuple(parse_container(document, network_mode, memory) for document in sent)
    check_containers(containers, volumes, network_mode=network_mode, cpu=cpu, memory_mib=memory)
    return TaskDefinition(
        arn="",
        family=family,
        revision=0,
        network_mode=network_mode,
        cpu=cpu,
        memory_mib=memory,
        containers=containers,
        volumes=volumes,
        task_role_arn=parameters.get("taskRoleArn"),
        execution_role_arn=parameters.get("executionRoleArn"),
        registered_at=_EPOCH,
        document=definition_document(parameters, network_mode, cpu, memory, containers),
    )


def _check_size(parameters: Mapping[str, Any]) -> None:
    size = len(json.dumps(parameters, separators=(",", ":")).encode())
    if size > _BYTES_MAX:
        raise client(f"Actual length: '{size}'. Max allowed length is '{_BYTES_MAX}' bytes.")


def _network_mode(parameters: Mapping[str, Any]) -> str:
    mode: str = parameters.get("networkMode") or "bridge"
    if mode not in _NETWORK_MODES:
        raise client(f"networkMode should be one of [{','.join(_NETWORK_MODES)}]")
    if mode == "awsvpc":
        raise client("networkMode: awsvpc is not supported, only bridge, host and none.")
    return mode


def _check_platform(parameters: Mapping[str, Any]) -> None:
    for compatibility in parameters.get("requiresCompatibilities") or ():
        if compatibility not in _COMPATIBILITIES:
            raise client(f"requiresCompatibilities should be one of [{','.join(_COMPATIBILITIES)}]")
        if compatibility not in ("EC2", "EXTERNAL"):
            raise client(f"requiresCompatibilities: {compatibility} is not supported, only EC2.")
    platform = parameters.get("runtimePlatform") or {}
    family, architecture = platform.get("operatingSystemFamily"), platform.get("cpuArchitecture")
    if family not in (None, "", "LINUX"):
        raise client(f"runtimePlatform: operatingSystemFamily {family} is not supported, only LINUX.")
    if architecture not in (None, "", *_ARCHITECTURES):
        raise client(f"cpuArchitecture should be one of [{','.join(_ARCHITECTURES)}]")


def _task_cpu(text: str | None) -> int | None:
    if text is None:
        return None
    units = _number(text, unit="vcpu")
    if not 128 <= units <= 196608:
        raise client(f"Invalid 'cpu' setting for task. {_TROUBLESHOOTING}")
    return units


def _task_memory(text: str | None) -> int | None:
    if text is None:
        return None
    mib = _number(text, unit="gb")
    if mib < 6:
        raise client(f"Invalid 'memory' setting for task. {_TROUBLESHOOTING}")
    return mib


def _number(text: str, *, unit: str) -> int:
    """`256`, or in the larger unit: `.25 vCPU`; 0 for what is neither."""
    found = re.fullmatch(r"(\d{1,9}|\d{0,9}\.\d{1,9})\s*(\w*)", text.strip(), re.ASCII)
    if found is None or found[2].lower() not in ("", unit):
        return 0
    if found[2]:
        return round(float(found[1]) * 1024)
    return int(found[1]) if found[1].isdecimal() else 0


def _volume(document: Mapping[str, Any]) -> Volume:
    name = document.get("name")
    if not name:
        raise client("Volume.name should not be null or empty.")
    refuse_others(document, _OF_VOLUME, {}, lambda text: client(f"Volume '{name}': {text}"))
    source_path = (document.get("host") or {}).get("sourcePath") or None
    if source_path is not None and not source_path.startswith("/"):
        raise client(f"Volume '{name}': sourcePath must be an absolute path.")
    return Volume(name=name, source_path=source_path)
