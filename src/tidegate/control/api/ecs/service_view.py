"""A service as DescribeServices shows it; counts are computed from its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.control.api.ecs.tag_input import tag_list
from tidegate.control.decisions.services.history import PENDING, RUNNING, revision_counts
from tidegate.control.service_history import current_deployment, live_tasks
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import SERVICE_EVENTS
from tidegate.domain.ecs import (
    Deployment,
    DeploymentConfiguration,
    LoadBalancerUse,
    RevisionCounts,
    Service,
    Task,
)

_EVENTS_MAX = 100


def service_view(snapshot: Snapshot, row: Service, *, with_tags: bool = False) -> dict[str, Any]:
    tasks = live_tasks(snapshot, row)
    current = current_deployment(snapshot, row)
    return {
        "serviceArn": row.arn,
        "serviceName": row.name,
        "clusterArn": row.cluster_arn,
        "loadBalancers": [use_view(use) for use in row.load_balancers],
        "serviceRegistries": [],
        "status": row.status,
        "desiredCount": row.desired_count,
        "runningCount": _count(tasks, RUNNING),
        "pendingCount": _count(tasks, PENDING),
        "launchType": row.launch_type,
        "taskDefinition": row.task_definition_arn,
        "deploymentConfiguration": configuration_view(row.deployment_configuration),
        "deployments": [_deployment(deployment, row, tasks) for deployment in row.deployments],
        "currentServiceDeployment": current.arn if current else None,
        "currentServiceRevisions": [counts_view(one) for one in revision_counts(row, tasks).values()],
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


def configuration_view(row: DeploymentConfiguration) -> dict[str, Any]:
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
        "pendingCount": _count(ours, PENDING),
        "runningCount": _count(ours, RUNNING),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": service.launch_type,
        "rolloutState": deployment.rollout_state,
        "rolloutStateReason": deployment.rollout_state_reason,
    }


def counts_view(row: RevisionCounts) -> dict[str, Any]:
    return {
        "arn": row.revision_arn,
        "requestedTaskCount": row.requested,
        "runningTaskCount": row.running,
        "pendingTaskCount": row.pending,
    }


def _events(snapshot: Snapshot, row: Service) -> list[dict[str, Any]]:
    """Newest first."""
    events = sorted(
        snapshot.by(SERVICE_EVENTS, "service", row.arn), key=lambda event: event.sequence, reverse=True
    )
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in events[:_EVENTS_MAX]]


def _count(tasks: Sequence[Task], statuses: Sequence[str]) -> int:
    return sum(1 for task in tasks if task.last_status in statuses)


def use_view(use: LoadBalancerUse) -> dict[str, Any]:
    return {
        "targetGroupArn": use.target_group_arn,
        "containerName": use.container_name,
        "containerPort": use.container_port,
    }
