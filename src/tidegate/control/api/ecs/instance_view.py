"""A container instance as it is described, and as a query sees it; what remains is computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from tidegate.control.api.ecs.tag_input import tag_list
from tidegate.control.decisions.cluster_query import InstanceFacts
from tidegate.control.rooms import room_on
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TASK_DEFINITIONS, TASKS
from tidegate.domain.ecs import Attribute, ContainerInstance, Task


def instance_view(
    snapshot: Snapshot, row: ContainerInstance, now: datetime, include: Collection[str] = ()
) -> dict[str, Any]:
    live = list(snapshot.by(TASKS, "live_on_instance", row.arn))
    room = room_on(snapshot, row, now)
    tcp, udp = set(row.resources.reserved_tcp_ports), set(row.resources.reserved_udp_ports)
    used = list(_static_ports(snapshot, live))
    return {
        "containerInstanceArn": row.arn,
        "ec2InstanceId": row.ec2_instance_id,
        "version": row.version,
        "versionInfo": {
            "agentVersion": row.version_info.agent_version,
            "agentHash": row.version_info.agent_hash,
            "dockerVersion": row.version_info.docker_version,
        },
        "remainingResources": _resources(
            max(0, room.cpu),
            max(0, room.memory_mib),
            tcp | {port for port, protocol in used if protocol == "tcp"},
            udp | {port for port, protocol in used if protocol == "udp"},
        ),
        "registeredResources": _resources(row.resources.cpu, row.resources.memory_mib, tcp, udp),
        "status": row.status,
        "statusReason": row.status_reason,
        "agentConnected": row.agent_connected,
        "runningTasksCount": sum(1 for task in live if task.last_status == "RUNNING"),
        "pendingTasksCount": sum(1 for task in live if task.last_status == "PENDING"),
        "attributes": [attribute_view(one) for one in row.attributes],
        "registeredAt": row.registered_at,
        "attachments": [],
        "tags": tag_list(row.tags) if "TAGS" in include else [],
        "healthStatus": (
            {"overallStatus": "INSUFFICIENT_DATA", "details": []}
            if "CONTAINER_INSTANCE_HEALTH" in include
            else None
        ),
    }


def attribute_view(attribute: Attribute) -> dict[str, Any]:
    return {"name": attribute.name, "value": attribute.value}


def filter_view(snapshot: Snapshot, row: ContainerInstance) -> InstanceFacts:
    """What an expression of the cluster query language may ask of an instance."""
    tasks = list(snapshot.by(TASKS, "live_on_instance", row.arn))
    return InstanceFacts(
        attributes={one.name: one.value for one in row.attributes},
        agent_connected=row.agent_connected,
        agent_version=row.version_info.agent_version,
        ec2_instance_id=row.ec2_instance_id or "",
        registered_at=row.registered_at,
        running_tasks_count=sum(1 for task in tasks if task.last_status == "RUNNING"),
        task_groups=frozenset(task.group for task in tasks),
    )


def _static_ports(snapshot: Snapshot, live: Iterable[Task]) -> Iterable[tuple[int, str]]:
    """The host ports that definitions fix; dynamic ones are not listed."""
    for task in live:
        definition = snapshot.get(TASK_DEFINITIONS, task.task_definition_arn)
        for container in definition.containers if definition else ():
            for mapping in container.port_mappings:
                if mapping.host_port:
                    yield mapping.host_port, mapping.protocol


def _resources(cpu: int, memory_mib: int, tcp: set[int], udp: set[int]) -> list[dict[str, Any]]:
    unused = {"doubleValue": 0.0, "longValue": 0}
    return [
        {"name": "CPU", "type": "INTEGER", **unused, "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", **unused, "integerValue": memory_mib},
        {"name": "PORTS", "type": "STRINGSET", **unused, "integerValue": 0, "stringSetValue": _texts(tcp)},
        {
            "name": "PORTS_UDP",
            "type": "STRINGSET",
            **unused,
            "integerValue": 0,
            "stringSetValue": _texts(udp),
        },
    ]


def _texts(ports: set[int]) -> list[str]:
    return [str(port) for port in sorted(ports)]
