"""A service's history: the revisions it has had, and the service deployments that led from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.ecs.lifecycle import SERVICE_DEPLOYMENT_TRANSITIONS, ServiceDeploymentStatus
from tidegate.domain.ecs.service import Deployment, DeploymentConfiguration, LoadBalancerUse, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerImage:
    container_name: str
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRevision:
    """What a service was to be from one deployment on. It never changes."""

    arn: str
    service_arn: str
    cluster_arn: str
    task_definition_arn: str
    load_balancers: tuple[LoadBalancerUse, ...] = ()
    container_images: tuple[ContainerImage, ...] = ()
    launch_type: str = "EC2"
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionCounts:
    """The tasks of one revision."""

    revision_arn: str
    requested: int = 0
    running: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """`revision_arn`: None where there was nothing to roll back to."""

    reason: str
    started_at: datetime
    revision_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeployment:
    """One service deployment. It may span two of the service's `deployments`: the one that it is for,
    `deployment_id`, and the one that rolls that one back.

    The API writes PENDING, and asks by STOP_REQUESTED and ROLLBACK_REQUESTED; the services controller writes
    all else. `target` and `sources`: counts as they were when it ended; before that they are computed from
    tasks. `breaker_status`: of the circuit breaker, in AWS's words.
    """

    arn: str
    service_arn: str
    cluster_arn: str
    deployment_id: str
    target: RevisionCounts
    sources: tuple[RevisionCounts, ...] = ()
    configuration: DeploymentConfiguration
    status: str = "PENDING"
    status_reason: str | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    finished_at: datetime | None = None
    failures: int = 0
    threshold: int = 0
    breaker_status: str = "DISABLED"
    rollback: Rollback | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return bool(SERVICE_DEPLOYMENT_TRANSITIONS[ServiceDeploymentStatus(self.status)])


def arn_within(service_arn: str, kind: str, name: str) -> str:
    """The ARN of something that a service has: `KIND/CLUSTER/SERVICE/NAME`."""
    start, _, path = service_arn.partition(":service/")
    return f"{start}:{kind}/{path}/{name}"


def revision_arn(service: Service, deployment: Deployment) -> str:
    """The ARN of the revision that a deployment brings the service to."""
    return arn_within(service.arn, "service-revision", deployment.revision)
