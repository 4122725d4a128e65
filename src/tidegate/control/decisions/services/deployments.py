"""A service with another deployment, or with one of its own changed."""

from __future__ import annotations

from dataclasses import replace

from tidegate.domain.ecs import Deployment, Service


def succeeded_by(service: Service, deployment: Deployment) -> Service:
    """The service with a new PRIMARY deployment; the former ones run until it has replaced them."""
    former = tuple(replace(other, status="ACTIVE") for other in service.deployments)
    return replace(
        service,
        deployments=(deployment, *former),
        task_definition_arn=deployment.task_definition_arn,
        load_balancers=deployment.load_balancers,
        steady_at=None,
    )


def with_deployment(service: Service, deployment: Deployment) -> Service:
    """The service with one of its deployments replaced."""
    return replace(
        service, deployments=tuple(deployment if d.id == deployment.id else d for d in service.deployments)
    )
