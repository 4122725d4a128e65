"""Services, their deployments and their events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerUse:
    """Which container port of a service registers with which target group."""

    target_group_arn: str
    container_name: str
    container_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    enable: bool = False
    rollback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentConfiguration:
    maximum_percent: int = 200
    minimum_healthy_percent: int = 100
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementConstraint:
    type: str
    expression: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementStrategy:
    type: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One attempt to bring a service to a task definition.

    The API creates it; the services controller alone moves `status`, the rollout fields and the
    failure counts. Running and pending counts are computed from tasks.
    `failed_tasks`: consecutive launches that never reached RUNNING. `failures`: what the circuit
    breaker counts since the deployment began. `rollback_from`: the failed deployment that this one
    rolls back. `start_delay_seconds` and `next_start_at` throttle launches while they fail.
    `returns_to`: the number of the older revision that a roll-back brings back.
    """

    id: str
    status: str = "PRIMARY"
    task_definition_arn: str
    load_balancers: tuple[LoadBalancerUse, ...] = ()
    created_at: datetime
    updated_at: datetime
    rollout_state: str = "IN_PROGRESS"
    rollout_state_reason: str = ""
    failed_tasks: int = 0
    failures: int = 0
    completed_at: datetime | None = None
    rollback_from: str | None = None
    last_failure_at: datetime | None = None
    start_delay_seconds: int = 0
    next_start_at: datetime | None = None
    returns_to: str | None = None

    @property
    def revision(self) -> str:
        """The number of the service revision that it brings the service to: its own, but for a roll-back."""
        return self.returns_to or self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A REPLICA service. `status`: ACTIVE, DRAINING (being deleted) or INACTIVE. `last_completed`: the
    newest completed deployment that has left `deployments`: what a roll-back returns to."""

    arn: str
    name: str
    cluster_arn: str
    status: str = "ACTIVE"
    desired_count: int
    task_definition_arn: str
    load_balancers: tuple[LoadBalancerUse, ...] = ()
    deployment_configuration: DeploymentConfiguration = field(default_factory=DeploymentConfiguration)
    deployments: tuple[Deployment, ...] = ()
    health_check_grace_period_seconds: int | None = None
    placement_constraints: tuple[PlacementConstraint, ...] = ()
    placement_strategy: tuple[PlacementStrategy, ...] = ()
    launch_type: str = "EC2"
    scheduling_strategy: str = "REPLICA"
    role_arn: str | None = None
    propagate_tags: str = "NONE"
    enable_ecs_managed_tags: bool = False
    enable_execute_command: bool = False
    created_at: datetime
    created_by: str = ""
    deleted_at: datetime | None = None
    client_token: str | None = None
    request_fingerprint: str | None = None
    steady_at: datetime | None = None
    last_completed: Deployment | None = None
    tags: Tags = field(default_factory=dict)

    @property
    def primary(self) -> Deployment | None:
        """The deployment that the service is heading for; None once it is INACTIVE."""
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    """One line of a service's event list; `sequence` orders events of the same instant."""

    id: str
    service_arn: str
    created_at: datetime
    sequence: int
    message: str
