"""Where log lines go: the name of an object in a bucket, as Application Load Balancers lay it out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.balancer.decisions.access_log.sources import ACCESS, CONNECTION, HEALTH_CHECK
from tidegate.fleet.balancing import EdgeLoadBalancer, EdgeLog

_NAMES: Mapping[str, str] = {
    ACCESS: "",
    CONNECTION: "conn_log_",
    HEALTH_CHECK: "health_check_log_",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """An object."""

    bucket: str
    key: str


def interval_end(now: float, interval_seconds: int) -> int:
    """When the interval that holds a moment ends; intervals begin at whole multiples of their length."""
    return (math.floor(now / interval_seconds) + 1) * interval_seconds


def destination(balancer: EdgeLoadBalancer, log: EdgeLog, end: int, unique: str) -> Destination:
    """The object for lines up to `end` (Unix seconds); `unique` keeps it apart from others of that time."""
    # arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID
    _, _, _, region, account, resource = balancer.arn.split(":", 5)
    at = datetime.fromtimestamp(end, UTC)
    name = resource.removeprefix("loadbalancer/").replace("/", ".")
    prefix = f"{log.prefix.strip('/')}/" if log.prefix.strip("/") else ""
    folder = f"{prefix}AWSLogs/{account}/elasticloadbalancing/{region}/{at:%Y/%m/%d}"
    file = f"{account}_elasticloadbalancing_{region}_{name}_{at:%Y%m%dT%H%MZ}_{balancer.address}_{unique}"
    return Destination(log.bucket, f"{folder}/{_NAMES[log.kind]}{file}.log.gz")
