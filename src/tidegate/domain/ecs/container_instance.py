"""Container instances: the API's view of the nodes that run tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What an instance offers: CPU units, MiB, and the TCP and UDP ports it keeps for itself."""

    cpu: int
    memory_mib: int
    reserved_tcp_ports: tuple[int, ...] = ()
    reserved_udp_ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    agent_version: str = ""
    agent_hash: str = ""
    docker_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerInstance:
    """One registered agent.

    `status` (ACTIVE, DRAINING, DEREGISTERING, INACTIVE) is written by the API and by the instances
    controller; `agent_connected`, `version_info` and the two connection times by node sessions.
    """

    arn: str
    cluster_arn: str
    ec2_instance_id: str | None = None
    address: str | None = None
    availability_zone: str
    status: str = "ACTIVE"
    status_reason: str | None = None
    agent_connected: bool = False
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    version_info: VersionInfo = field(default_factory=VersionInfo)
    resources: Resources
    attributes: tuple[Attribute, ...] = ()
    registered_at: datetime
    client_token: str | None = None
    version: int = 1
    tags: Tags = field(default_factory=dict)
