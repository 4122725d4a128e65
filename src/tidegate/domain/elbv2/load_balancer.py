"""Application Load Balancers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.elbv2.attributes import LOAD_BALANCER_DEFAULTS
from tidegate.domain.tags import Tags

# Of an address outside the VPC: every node may use it.
ALL_ZONES = "all"


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

    def enables(self, zone: str | None) -> bool:
        """Whether targets of a zone are used: those that are in no zone, or in `all`, always are."""
        return zone in (None, ALL_ZONES) or any(one.zone_name == zone for one in self.zones)

    def attribute(self, key: str) -> str:
        """An attribute as it is set, else its default; raises KeyError for a key that there is not."""
        return self.attributes.get(key, LOAD_BALANCER_DEFAULTS[key])
