"""Application Load Balancers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.elbv2.attributes import LOAD_BALANCER_DEFAULTS
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMapping:
    zone_name: str
    subnet_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """`address` is the loopback (or host) address that its listeners bind; `state` is observed:
    provisioning until a balancer has reported its listeners, then active; failed with a reason."""

    arn: str
    name: str
    dns_name: str
    canonical_hosted_zone_id: str
    scheme: str = "internet-facing"
    vpc_id: str
    zones: tuple[ZoneMapping, ...]
    security_groups: tuple[str, ...] = ()
    ip_address_type: str = "ipv4"
    address: str
    state: str = "provisioning"
    state_reason: str | None = None
    created_at: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)

    def attribute(self, key: str) -> str:
        """An attribute as it is set, else its default; raises KeyError for a key that there is not."""
        return self.attributes.get(key, LOAD_BALANCER_DEFAULTS[key])
