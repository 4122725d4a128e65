"""A task as DescribeTasks shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.ecs.tag_input import tag_list
from tidegate.control.decisions.task_health import task_health
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TASK_DEFINITIONS
from tidegate.domain.ecs import Container, ContainerDefinition, NetworkBinding, Task


def task_view(snapshot: Snapshot, task: Task, *, with_tags: bool = False) -> dict[str, Any]:
    definition = snapshot.get(TASK_DEFINITIONS, task.task_definition_arn)
    containers = {one.name: one for one in definition.containers} if definition else {}
    checked = {one.name for one in containers.values() if one.essential and one.health_check}
    overrides = {one["name"]: one for one in task.overrides.get("containerOverrides", ())}
    return {
        "attachments": [],
        "attributes": [],
        "availabilityZone": task.availability_zone,
        "clusterArn": task.cluster_arn,
        "connectivity": "CONNECTED" if task.acknowledged_at else None,
        "connectivityAt": task.acknowledged_at,
        "containerInstanceArn": task.container_instance_arn,
        "containers": [
            _container(one, task, containers.get(one.name), overrides.get(one.name, {}))
            for one in task.containers
        ],
        "cpu": str(task.cpu),
        "createdAt": task.created_at,
        "desiredStatus": task.desired_status,
        "enableExecuteCommand": task.enable_execute_command,
        "executionStoppedAt": task.execution_stopped_at,
        "group": task.group,
        "healthStatus": task_health(task, checked),
        "lastStatus": task.last_status,
        "launchType": task.launch_type,
        "memory": str(task.memory_mib),
        "overrides": {
            "containerOverrides": [overrides.get(c.name, {"name": c.name}) for c in task.containers],
            "inferenceAcceleratorOverrides": [],
        },
        "pullStartedAt": task.pull_started_at,
        "pullStoppedAt": task.pull_stopped_at,
        "startedAt": task.started_at,
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedAt": task.stopped_at,
        "stoppedReason": task.stopped_reason,
        "stoppingAt": task.stopping_at,
        "tags": tag_list(task.tags) if with_tags else [],
        "taskArn": task.arn,
        "taskDefinitionArn": task.task_definition_arn,
        "version": task.version,
    }


def _container(
    container: Container,
    task: Task,
    definition: ContainerDefinition | None,
    override: Mapping[str, Any],
) -> dict[str, Any]:
    defined: dict[str, int | None] = {}
    if definition is not None:
        defined = {
            "cpu": definition.cpu,
            "memory": definition.memory_mib,
            "memoryReservation": definition.memory_reservation_mib,
        }
    sizes = {name: override.get(name, value) for name, value in defined.items()}
    return {
        "containerArn": container.arn,
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "imageDigest": container.image_digest,
        "runtimeId": container.runtime_id,
        "lastStatus": container.last_status,
        "exitCode": container.exit_code,
        "reason": container.reason,
        "networkBindings": [_binding(binding) for binding in container.network_bindings],
        "networkInterfaces": [],
        "healthStatus": container.health_status,
        **{name: str(value) for name, value in sizes.items() if value is not None},
    }


def _binding(binding: NetworkBinding) -> dict[str, Any]:
    return {
        "bindIP": binding.bind_ip,
        "containerPort": binding.container_port,
        "hostPort": binding.host_port,
        "protocol": binding.protocol,
    }
