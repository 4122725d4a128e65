"""What control and balancers tell each other: documents down, reports up.

Websocket `/fleet/balancer/ws`, signed for the service `tidegate`; text frames `{"type", "message"}`.
Control sends one EdgeDocument and one GroupDocument per target group in use, on connect and after every
change; each carries a generation. A balancer keeps the newest on disk, ignores older generations, and
reports back which generation its observations belong to. So one target's change costs one group.
"""

from __future__ import annotations

from dataclasses import dataclass

BALANCER_PATH = "/fleet/balancer/ws"
SERVICE = "tidegate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAction:
    """`type`: forward, redirect or fixed-response. `target_groups`: (ARN, weight) pairs of a forward;
    `redirect`: status code, protocol, host, port, path, query; `fixed`: status, content type, body."""

    type: str
    target_groups: tuple[tuple[str, int], ...] = ()
    redirect: tuple[str, str, str, str, str, str] | None = None
    fixed: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeListener:
    arn: str
    port: int
    protocol: str
    default_action: EdgeAction


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLoadBalancer:
    arn: str
    name: str
    dns_name: str
    address: str
    idle_timeout_seconds: int = 60
    listeners: tuple[EdgeListener, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeDocument:
    """Everything that a change of listeners touches. Groups that are not in `target_groups` are gone."""

    generation: int
    load_balancers: tuple[EdgeLoadBalancer, ...] = ()
    target_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckDocument:
    """Times in seconds; `port` a number in text or `traffic-port`; `matcher` as in `200-299,301`."""

    path: str = "/"
    port: str = "traffic-port"
    interval_seconds: int = 30
    timeout_seconds: int = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTarget:
    """`status`: active or draining. `drain_deadline` (Unix seconds) None while draining: the target is
    held, and serves as long as no other target of its group is healthy."""

    id: str
    port: int
    address: str
    status: str = "active"
    drain_deadline: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDocument:
    """`algorithm`: round_robin, least_outstanding_requests or weighted_random."""

    target_group_arn: str
    generation: int
    algorithm: str = "round_robin"
    health_check: HealthCheckDocument
    targets: tuple[GroupTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerBinding:
    """Where a listener really answers, or why it does not."""

    listener_arn: str
    address: str
    port: int
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    generation: int
    listeners: tuple[ListenerBinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """`state`, `reason` and `description` in AWS's words. `is_drained`: the deadline has passed and
    nothing is in flight any more."""

    id: str
    port: int
    state: str
    reason: str | None = None
    description: str | None = None
    is_drained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """All targets of one group, as of a generation."""

    target_group_arn: str
    generation: int
    targets: tuple[TargetReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTraffic:
    """What one target was sent since the balancer's start. `errors_5xx`: its own 5xx answers;
    `connection_errors`: connects that failed and answers that did not come; `in_flight`: at this moment."""

    id: str
    port: int
    requests: int = 0
    errors_5xx: int = 0
    connection_errors: int = 0
    in_flight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReport:
    """The traffic of one group's targets; sent when it has changed, every few seconds at most."""

    target_group_arn: str
    targets: tuple[TargetTraffic, ...] = ()
