"""A service as DescribeServices shows it; counts are computed from tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.control.api.ecs.lookup import tag_list
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import SERVICE_EVENTS, TASKS
from tidegate.domain.ecs import Deployment, LoadBalancerUse, Service, Task

_PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


def view(snapshot: Snapshot, row: Service, *, with_tags: bool = False) -> dict[str, Any]:
    tasks = [task for task in snapshot.by(TASKS, "service", row.arn) if task.last_status != "STOPPED"]
    configuration = row.deployment_configuration
    described: dict[str, Any] = {
        "serviceArn": row.arn,
        "serviceName": row.name,
        "clusterArn": row.cluster_arn,
        "loadBalancers": _uses(row.load_balancers),
        "serviceRegistries": [],
        "status": row.status,
        "desiredCount": row.desired_count,
        "runningCount": _count(tasks, ("RUNNING",)),
        "pendingCount": _count(tasks, _PENDING),
        "launchType": row.launch_type,
        "taskDefinition": row.task_definition_arn,
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {
                "enable": configuration.circuit_breaker.enable,
                "rollback": configuration.circuit_breaker.rollback,
            },
            "maximumPercent": configuration.maximum_percent,
            "minimumHealthyPercent": configuration.minimum_healthy_percent,
            "alarms": {"alarmNames": [], "rollback": False, "enable": False},
            "strategy": "ROLLING",
        },
        "deployments": [_deployment(d, row, tasks) for d in row.deployments],
        "events": _events(snapshot, row),
        "createdAt": row.created_at,
        "createdBy": row.created_by,
        "placementConstraints": [{"type": c.type} for c in row.placement_constraints],
        "placementStrategy": [
            {"type": s.type, "field": s.field} if s.field else {"type": s.type}
            for s in row.placement_strategy
        ],
        "schedulingStrategy": row.scheduling_strategy,
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": row.enable_ecs_managed_tags,
        "propagateTags": row.propagate_tags,
        "enableExecuteCommand": row.enable_execute_command,
        "availabilityZoneRebalancing": "DISABLED",
    }
    if row.health_check_grace_period_seconds is not None:
        described["healthCheckGracePeriodSeconds"] = row.health_check_grace_period_seconds
    if row.role_arn:
        described["roleArn"] = row.role_arn
    if with_tags:
        described["tags"] = tag_list(row.tags)
    return described


def _deployment(deployment: Deployment, service: Service, tasks: Sequence[Task]) -> dict[str, Any]:
    ours = [task for task in tasks if task.deployment_id == deployment.id]
    wanted = sum(1 for task in ours if task.desired_status == "RUNNING")
    return {
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition_arn,
        "desiredCount": service.desired_count if deployment.status == "PRIMARY" else wanted,
        "pendingCount": _count(ours, _PENDING),
        "runningCount": _count(ours, ("RUNNING",)),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "launchType": service.launch_type,
        "rolloutState": deployment.rollout_state,
        "rolloutStateReason": deployment.rollout_state_reason,
    }


def _events(snapshot: Snapshot, row: Service) -> list[dict[str, Any]]:
    events = sorted(
        snapshot.by(SERVICE_EVENTS, "service", row.arn), key=lambda event: event.sequence, reverse=True
    )
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in events[:100]]


def _count(tasks: Sequence[Task], statuses: Sequence[str]) -> int:
    return sum(1 for task in tasks if task.last_status in statuses)


def _uses(uses: Sequence[LoadBalancerUse]) -> list[dict[str, Any]]:
    return [
        {
            "targetGroupArn": use.target_group_arn,
            "containerName": use.container_name,
            "containerPort": use.container_port,
        }
        for use in uses
    ]
