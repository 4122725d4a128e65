"""The document of one target group: a change of its targets costs that group, and no reload."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheckDocument:
    """Times in seconds; `port` a number in text or `traffic-port`; `matcher` as in `200-299,301`, of HTTP
    statuses, or of gRPC's for a group that speaks gRPC."""

    protocol: str = "HTTP"
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
    held, and serves as long as no other target of its group is healthy. `is_zone_enabled`: whether the load
    balancer has a node in its zone; a target for which it has none is unused, neither asked for its health
    nor sent a new request. `is_admitted`, `is_check_admitted`: whether the target's security groups let the
    load balancer reach its port, and the port of the health check."""

    id: str
    port: int
    address: str
    zone: str | None = None
    status: str = "active"
    drain_deadline: float | None = None
    is_zone_enabled: bool = True
    is_admitted: bool = True
    is_check_admitted: bool = True

    @property
    def is_in_use(self) -> bool:
        """Whether it is one of those that the group's requests are for."""
        return self.status == "active" and self.is_zone_enabled


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStickiness:
    """`type`: lb_cookie or app_cookie; `cookie_name` of the application's cookie."""

    type: str
    seconds: int
    cookie_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDocument:
    """`algorithm`: round_robin, least_outstanding_requests or weighted_random. `protocol_version`: HTTP1,
    HTTP2 or GRPC. The group fails open when fewer targets are healthy than `minimum_healthy_count` or,
    when given, than that percentage. `drains_early`: a drain is over once nothing is in flight."""

    target_group_arn: str
    generation: int
    protocol: str = "HTTP"
    protocol_version: str = "HTTP1"
    algorithm: str = "round_robin"
    mitigates_anomalies: bool = False
    slow_start_seconds: int = 0
    stickiness: GroupStickiness | None = None
    is_cross_zone: bool = True
    minimum_healthy_count: int = 1
    minimum_healthy_percentage: int | None = None
    drains_early: bool = False
    health_check: HealthCheckDocument
    targets: tuple[GroupTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerGroupDocument:
    """A target group that the edge does not have any more: connections of before may still send requests to
    its targets."""

    target_group_arn: str
    targets: tuple[GroupTarget, ...] = ()
