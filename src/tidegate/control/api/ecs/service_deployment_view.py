"""Service deployments and revisions as ECS describes them. A rolling deployment has no lifecycle stage."""

from __future__ import annotations

from typing import Any

from tidegate.control.api.ecs.service_view import configuration_view, counts_view, use_view
from tidegate.domain.ecs import Rollback, ServiceDeployment, ServiceRevision


def service_deployment_brief(row: ServiceDeployment) -> dict[str, Any]:
    return {
        "serviceDeploymentArn": row.arn,
        "serviceArn": row.service_arn,
        "clusterArn": row.cluster_arn,
        "startedAt": row.started_at,
        "createdAt": row.created_at,
        "finishedAt": row.finished_at,
        "targetServiceRevisionArn": row.target.revision_arn,
        "status": row.status,
        "statusReason": row.status_reason,
    }


def service_deployment_view(row: ServiceDeployment) -> dict[str, Any]:
    return {
        "serviceDeploymentArn": row.arn,
        "serviceArn": row.service_arn,
        "clusterArn": row.cluster_arn,
        "createdAt": row.created_at,
        "startedAt": row.started_at,
        "finishedAt": row.finished_at,
        "stoppedAt": row.stopped_at,
        "updatedAt": row.updated_at,
        "sourceServiceRevisions": [counts_view(source) for source in row.sources],
        "targetServiceRevision": counts_view(row.target),
        "status": row.status,
        "statusReason": row.status_reason,
        "deploymentConfiguration": configuration_view(row.configuration),
        "rollback": _rollback(row.rollback) if row.rollback else None,
        "deploymentCircuitBreaker": {
            "status": row.breaker_status,
            "failureCount": row.failures,
            "threshold": row.threshold,
        },
        "alarms": {"status": "DISABLED", "alarmNames": [], "triggeredAlarmNames": []},
    }


def _rollback(row: Rollback) -> dict[str, Any]:
    return {"reason": row.reason, "startedAt": row.started_at, "serviceRevisionArn": row.revision_arn}


def revision_view(row: ServiceRevision) -> dict[str, Any]:
    return {
        "serviceRevisionArn": row.arn,
        "serviceArn": row.service_arn,
        "clusterArn": row.cluster_arn,
        "taskDefinition": row.task_definition_arn,
        "launchType": row.launch_type,
        "loadBalancers": [use_view(use) for use in row.load_balancers],
        "serviceRegistries": [],
        "containerImages": [
            {"containerName": one.container_name, "image": one.image} for one in row.container_images
        ],
        "guardDutyEnabled": False,
        "createdAt": row.created_at,
        "resolvedConfiguration": {
            "loadBalancers": [{"targetGroupArn": use.target_group_arn} for use in row.load_balancers]
        },
    }
