"""A service as DescribeServices shows it; counts are computed from its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.control.api.ecs.tag_input import tag_list
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import SERVICE_EVENTS, TASKS
from tidegate.domain.ecs import Deployment, DeploymentConfiguration, LoadBalancerUse, Service, Task

_EVENTS_MAX = 100
_RUNNING = ("RUNNING",)
_PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


def service_view(snapshot: Snapshot, row: Service, *, with_tags: bool = False) -> dict[str, Any]:
    tasks = [task for task in snapshot.by(TASKS, "service", row.arn) if task.last_status != "STOPPED"]
    return {
        "serviceArn": row.arn,
        "serviceName": row.name,
        "clusterArn": row.cluster_arn,
        "loadBalancers": [_use(use) for use in row.load_balancers],
        "serviceRegistries": [],
        "status": row.status,
        "desiredCount": row.desired_count,
        "runningCount": _count(tasks, _RUNNING),
        "pendingCount": _count(tasks, _PENDING),
        "launchType": row.launch_type,
        "taskDefinition": row.task_definition_arn,
        "deploymentConfiguration": _configuration(row.deployment_configuration),
        "deployments": [_deployment(deployment, row, tasks) for deployment in row.deployments],
        "roleArn": row.role_arn,
        "events": _events(snapshot, row),
        "createdAt": row.created_at,
        "createdBy": row.created_by or None,
        "placementConstraints": [{"type": one.type} for one in row.placement_constraints],
        "placementStrategy": [{"type": one.type, "field": one.field} for one in row.placement_strategy],
        "healthCheckGracePeriodSeconds": row.health_check_grace_period_seconds,
        "schedulingStrategy": row.scheduling_strategy,
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": row.enable_ecs_managed_tags,
        "propagateTags": row.propagate_tags,
        "enableExecuteCommand": row.enable_execute_command,
        "availabilityZoneRebalancing": "DISABLED",
        "tags": tag_list(row.tags) if with_tags else None,
    }


def _configuration(row: DeploymentConfiguration) -> dict[str, Any]:
    return {
        "deploymentCircuitBreaker": {
            "enable": row.circuit_breaker.enable,
            "rollback": row.circuit_breaker.rollback,
        },
        "maximumPercent": row.maximum_percent,
        "minimumHealthyPercent": row.minimum_healthy_percent,
        "alarms": {"alarmNames": [], "rollback": False, "enable": False},
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }


def _deployment(deployment: Deployment, service: Service, tasks: Sequence[Task]) -> dict[str, Any]:
    ours = [task for task in tasks if task.deployment_id == deployment.id]
    # An older deployment wants what it still keeps.
    kept = sum(1 for task in ours if task.desired_status == "RUNNING")
    return {
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition_arn,
        "desiredCount": service.desired_count if deployment.status == "PRIMARY" else kept,
        "pendingCount": _count(ours, _PENDING),
        "runningCount": _count(ours, _RUNNING),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": service.launch_type,
        "rolloutState": deployment.rollout_state,
        "rolloutStateReason": deployment.rollout_state_reason,
    }


def _events(snapshot: Snapshot, row: Service) -> list[dict[str, Any]]:
    """Newest first."""
    events = sorted(
        snapshot.by(SERVICE_EVENTS, "service", row.arn), key=lambda event: event.sequence, reverse=True
    )
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in events[:_EVENTS_MAX]]


def _count(tasks: Sequence[Task], statuses: Sequence[str]) -> int:
    return sum(1 for task in tasks if task.last_status in statuses)


def _use(use: LoadBalancerUse) -> dict[str, Any]:
    return {
        "targetGroupArn": use.target_group_arn,
        "containerName": use.container_name,
        "containerPort": use.container_port,
    }
