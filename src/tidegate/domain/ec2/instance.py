"""Instances: on one machine, virtual container instances that the host supervisor runs as agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags

INSTANCE_TYPES: dict[str, tuple[int, int]] = {
    # type -> (CPU units, MiB that the ECS agent registers on that type; t2.micro's is measured)
    "t2.nano": (1024, 460),
    "t2.micro": (1024, 983),
    "t2.small": (1024, 1993),
    "t2.medium": (2048, 3947),
    "t2.large": (2048, 7980),
    "t3.nano": (2048, 460),
    "t3.micro": (2048, 952),
    "t3.small": (2048, 1950),
    "t3.medium": (2048, 3883),
    "t3.large": (2048, 7878),
    "m5.large": (2048, 7765),
    "m5.xlarge": (4096, 15770),
    "c5.large": (2048, 3793),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`cluster_name` comes from the user data's ECS_CLUSTER, `default` without one; None for an instance
    that runs no agent, as older versions started some.

    `state`: pending, running, shutting-down, terminated, stopping, stopped. `private_ip_address` is
    the loopback address on which its containers really answer. `metadata_options` are kept to be
    described: there is no metadata service that they could change.
    """

    id: str
    reservation_id: str
    instance_type: str
    image_id: str
    state: str = "pending"
    state_reason: str | None = None
    private_ip_address: str
    subnet_id: str
    vpc_id: str
    availability_zone: str
    key_name: str | None = None
    security_groups: tuple[str, ...] = ()
    user_data: str | None = None
    cluster_name: str | None = None
    iam_instance_profile_arn: str | None = None
    network_interface_id: str
    launched_at: datetime
    terminated_at: datetime | None = None
    client_token: str | None = None
    launch_index: int = 0
    has_public_address: bool = False
    is_monitored: bool = False
    is_protected_from_termination: bool = False
    is_protected_from_stop: bool = False
    shutdown_behavior: str = "stop"
    cpu_credits: str = "standard"
    metadata_options: Mapping[str, str | int] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
