"""Target groups and their health checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.elbv2.attributes import TARGET_GROUP_DEFAULTS
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """`port` is a number in text or `traffic-port`; times in seconds; `matcher` as in `200-299,301`."""

    enabled: bool = True
    protocol: str = "HTTP"
    port: str = "traffic-port"
    path: str = "/"
    interval_seconds: int = 30
    timeout_seconds: int = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    arn: str
    name: str
    protocol: str
    protocol_version: str = "HTTP1"
    port: int
    vpc_id: str
    target_type: str = "instance"
    ip_address_type: str = "ipv4"
    health_check: HealthCheck
    created_at: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)

    def attribute(self, key: str) -> str:
        """An attribute as it is set, else its default; raises KeyError for a key that there is not."""
        return self.attributes.get(key, TARGET_GROUP_DEFAULTS[key])

    @property
    def drains_early(self) -> bool:
        """Whether a drain is over as soon as nothing is in flight, beyond what AWS does."""
        return self.tags.get("tidegate:drain") == "early"

    @property
    def deregistration_delay_seconds(self) -> int:
        return int(self.attribute("deregistration_delay.timeout_seconds"))
