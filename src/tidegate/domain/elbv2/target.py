"""Targets and what the balancer observes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


def target_key(target_group_arn: str, target_id: str, port: int) -> str:
    """Targets are keyed on (id, port) within their group."""
    return f"{target_group_arn}|{target_id}|{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A registration (assigned). `registered_by` is the task whose container answers there, or None
    when the API's RegisterTargets put it in; `registered_for` is that task's service. `status`: active,
    or draining since `draining_since`; `drain_deadline` None while nothing else could serve."""

    target_group_arn: str
    id: str
    port: int
    address: str | None
    availability_zone: str | None = None
    status: str = "active"
    registered_at: datetime
    registered_by: str | None = None
    registered_for: str | None = None
    draining_since: datetime | None = None
    drain_deadline: datetime | None = None

    @property
    def key(self) -> str:
        return target_key(self.target_group_arn, self.id, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetHealth:
    """The newest report of a balancer on one target (observed). `state`: initial, healthy,
    unhealthy, unused, draining or unavailable. `is_drained`: nothing is in flight and the delay
    has passed. `is_anomalous`: it fails more requests than its peers; `is_mitigated`: it gets fewer for
    that."""

    target_group_arn: str
    id: str
    port: int
    state: str
    reason: str | None = None
    description: str | None = None
    is_drained: bool = False
    is_anomalous: bool = False
    is_mitigated: bool = False
    reported_at: datetime

    @property
    def key(self) -> str:
        return target_key(self.target_group_arn, self.id, self.port)
