"""What one look at a region has found. Numbers are None where nothing was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """`rollout`: of the newest deployment; `deployments`: how many there are. CPU and memory in percent."""

    cluster: str
    name: str
    desired: int
    running: int
    pending: int
    rollout: str
    deployments: int = 1
    cpu: float | None = None
    memory: float | None = None

    @property
    def is_steady(self) -> bool:
        return self.running == self.desired and not self.pending and self.rollout == "COMPLETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSeen:
    """One target: `name` is ID:PORT, `state` and `reason` are ELBv2's."""

    name: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroupSeen:
    """A target group. Rates are a second's, of answers of targets; `p95` in seconds."""

    name: str
    balancer: str
    targets: tuple[TargetSeen, ...] = ()
    requests: float | None = None
    errors: float | None = None
    p95: float | None = None

    @property
    def healthy(self) -> int:
        return sum(target.state == "healthy" for target in self.targets)

    @property
    def is_steady(self) -> bool:
        return self.healthy == len(self.targets) and not self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerSeen:
    """A load balancer. Rates are a second's; `errors` are its own answers of 5XX; `open_now`: connections."""

    name: str
    state: str
    requests: float | None = None
    errors: float | None = None
    open_now: float | None = None
    connections: float | None = None
    bytes: float | None = None

    @property
    def is_steady(self) -> bool:
        return self.state == "active" and not self.errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A whole look, each list in the order of names."""

    at: datetime
    services: tuple[ServiceSeen, ...] = ()
    groups: tuple[TargetGroupSeen, ...] = ()
    balancers: tuple[BalancerSeen, ...] = ()
    alarms: tuple[str, ...] = field(default=())
