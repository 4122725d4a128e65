"""What is read back of a task definition: what was sent, and the defaults that AWS writes into it.

Nothing else is ever added: clients compare what they read with what they sent, and replace a definition
that differs (Terraform does so on every apply). Deploy tools send the whole document to
RegisterTaskDefinition again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.ecs.definition_attributes import required_attributes
from tidegate.domain.ecs import ContainerDefinition

_AS_SENT = ("family", "taskRoleArn", "executionRoleArn", "requiresCompatibilities", "runtimePlatform")


def definition_document(
    sent: Mapping[str, Any],
    network_mode: str,
    cpu: int | None,
    memory_mib: int | None,
    containers: Sequence[ContainerDefinition],
) -> dict[str, Any]:
    """The definition as it is described, less its ARN, revision, status and times."""
    document = {member: sent[member] for member in _AS_SENT if sent.get(member)}
    document |= {
        "networkMode": network_mode,
        "containerDefinitions": [
            _container(container, network_mode) for container in sent["containerDefinitions"]
        ],
        "volumes": list(sent.get("volumes") or []),
        "placementConstraints": [],
        "requiresAttributes": [{"name": name} for name in required_attributes(containers, sent)],
        "compatibilities": ["EXTERNAL", "EC2"],
    }
    if cpu is not None:
        document["cpu"] = str(cpu)
    if memory_mib is not None:
        document["memory"] = str(memory_mib)
    return document


def _container(sent: Mapping[str, Any], network_mode: str) -> dict[str, Any]:
    document = _given(sent)
    document |= {
        "cpu": sent.get("cpu", 0),
        "essential": sent.get("essential", True),
        "portMappings": [_port(port, network_mode) for port in sent.get("portMappings") or ()],
        "environment": list(sent.get("environment") or []),
        "mountPoints": list(sent.get("mountPoints") or []),
        "volumesFrom": [],
        "systemControls": [],
    }
    if sent.get("healthCheck"):
        document["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **sent["healthCheck"]}
    return document


def _port(sent: Mapping[str, Any], network_mode: str) -> dict[str, Any]:
    host_port = sent["containerPort"] if network_mode == "host" else sent.get("hostPort", 0)
    return {**_given(sent), "hostPort": host_port, "protocol": sent.get("protocol") or "tcp"}


def _given(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is said: an empty list, structure or text is as good as an absent member."""
    return {member: value for member, value in sent.items() if value not in ([], {}, "")}
