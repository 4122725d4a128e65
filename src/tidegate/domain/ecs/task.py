"""Tasks and their containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkBinding:
    bind_ip: str
    container_port: int
    host_port: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortReservation:
    """A host port that placement gave to a container port, before the agent reports it as bound."""

    container_name: str
    container_port: int
    host_port: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What the agent reports of one container (observed)."""

    arn: str
    name: str
    image: str
    last_status: str = "PENDING"
    runtime_id: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    image_digest: str | None = None
    health_status: str = "UNKNOWN"
    network_bindings: tuple[NetworkBinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task and its place.

    Written when placed: identity, `container_instance_arn`, `ports`, `cpu`, `memory_mib`. Written by
    the API and controllers: `desired_status`, `stop_code`, `stopped_reason`, `has_failed_checks` (it is
    stopped for its bad health), DEACTIVATING and STOPPING of `last_status`. Written by the API:
    `protected_until`, when its protection from scale-in and deployments ends. Written by node sessions:
    PENDING, RUNNING and STOPPED of `last_status`, `containers`, the times of the agent,
    `acknowledged_at`. Written by the services controller: `healthy_at`, the first instant the task
    counted as healthy, and `is_outcome_counted`, once a stopped task has entered its deployment's
    failure counts.

    The agent is told to stop a task when `desired_status` is STOPPED and `last_status` is STOPPING:
    a draining task (DEACTIVATING) goes on running.
    """

    arn: str
    cluster_arn: str
    task_definition_arn: str
    group: str
    service_arn: str | None = None
    deployment_id: str | None = None
    started_by: str | None = None
    container_instance_arn: str
    availability_zone: str
    launch_type: str = "EC2"
    cpu: int = 0
    memory_mib: int = 0
    ports: tuple[PortReservation, ...] = ()
    desired_status: str = "RUNNING"
    last_status: str = "PENDING"
    containers: tuple[Container, ...] = ()
    overrides: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    acknowledged_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    healthy_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    has_failed_checks: bool = False
    protected_until: datetime | None = None
    client_token: str | None = None
    request_fingerprint: str | None = None
    is_outcome_counted: bool = False
    version: int = 1
    enable_execute_command: bool = False
    tags: Tags = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    def is_protected(self, now: datetime) -> bool:
        """Whether scale-in and deployments leave it alone."""
        return self.protected_until is not None and now < self.protected_until
