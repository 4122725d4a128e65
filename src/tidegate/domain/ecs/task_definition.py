"""Task definitions: what Tidegate acts on is typed; what it only reads back stays in `document`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMapping:
    """`host_port` 0 asks for a dynamic host port."""

    container_port: int
    host_port: int = 0
    protocol: str = "tcp"
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPoint:
    source_volume: str
    container_path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerDependency:
    """`condition`: START, COMPLETE, SUCCESS or HEALTHY."""

    container_name: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckCommand:
    """A container's own health check (the load balancer's is the target group's)."""

    command: tuple[str, ...]
    interval_seconds: int = 30
    timeout_seconds: int = 5
    retries: int = 3
    start_period_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfiguration:
    log_driver: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerDefinition:
    """One container of a task definition. `cpu` in CPU units, memories in MiB."""

    name: str
    image: str
    cpu: int = 0
    memory_mib: int | None = None
    memory_reservation_mib: int | None = None
    essential: bool = True
    port_mappings: tuple[PortMapping, ...] = ()
    links: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] | None = None
    entry_point: tuple[str, ...] | None = None
    mount_points: tuple[MountPoint, ...] = ()
    depends_on: tuple[ContainerDependency, ...] = ()
    start_timeout_seconds: int | None = None
    stop_timeout_seconds: int | None = None
    health_check: HealthCheckCommand | None = None
    log_configuration: LogConfiguration | None = None
    working_directory: str | None = None
    user: str | None = None
    hostname: str | None = None
    privileged: bool = False
    readonly_root_filesystem: bool = False
    docker_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A host volume: `source_path` None gives an anonymous volume that lives as long as the task."""

    name: str
    source_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDefinition:
    """One revision of a family: ACTIVE, INACTIVE once deregistered, DELETE_IN_PROGRESS for good. `document`
    is AWS's own description of it, read back unchanged."""

    arn: str
    family: str
    revision: int
    status: str = "ACTIVE"
    network_mode: str = "bridge"
    cpu: int | None = None
    memory_mib: int | None = None
    containers: tuple[ContainerDefinition, ...]
    volumes: tuple[Volume, ...] = ()
    task_role_arn: str | None = None
    execution_role_arn: str | None = None
    registered_at: datetime
    deregistered_at: datetime | None = None
    delete_requested_at: datetime | None = None
    registered_by: str = ""
    document: Mapping[str, Any]
    tags: Tags = field(default_factory=dict)
