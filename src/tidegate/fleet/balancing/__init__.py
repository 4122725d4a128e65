"""What control and balancers tell each other: documents down, reports up.

Websocket `/fleet/balancer/ws`, signed for the service `tidegate`; text frames `{"type", "message"}`.
Control sends one EdgeDocument and one GroupDocument per target group in use, on connect and after every
change; each carries a generation. A balancer keeps the newest on disk, ignores older generations, and
reports back which generation its observations belong to. So one target's change costs one group. Of a group
that has left the edge a FormerGroupDocument tells, which nobody keeps or answers.
What it has measured it sends as TrafficReports, the next when the TrafficReceipt of the last has come, and
keeps each until then.
"""

from __future__ import annotations

from tidegate.fleet.balancing.edge import (
    EdgeCertificate,
    EdgeDocument,
    EdgeIngress,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeLoginKeys,
    EdgeTls,
    EdgeTrustStore,
)
from tidegate.fleet.balancing.groups import (
    FormerGroupDocument,
    GroupDocument,
    GroupStickiness,
    GroupTarget,
    HealthCheckDocument,
)
from tidegate.fleet.balancing.reports import (
    EdgeReport,
    GroupReport,
    ListenerBinding,
    TargetReport,
    TrafficReceipt,
    TrafficReport,
)
from tidegate.fleet.balancing.rules import (
    EdgeAction,
    EdgeAuthentication,
    EdgeCondition,
    EdgeRule,
    EdgeTokenValidation,
    EdgeTransform,
)

BALANCER_PATH = "/fleet/balancer/ws"
SERVICE = "tidegate"

__all__ = [
    "BALANCER_PATH",
    "SERVICE",
    "EdgeAction",
    "EdgeAuthentication",
    "EdgeCertificate",
    "EdgeCondition",
    "EdgeDocument",
    "EdgeIngress",
    "EdgeListener",
    "EdgeLoadBalancer",
    "EdgeLog",
    "EdgeLoginKeys",
    "EdgeReport",
    "EdgeRule",
    "EdgeTls",
    "EdgeTokenValidation",
    "EdgeTransform",
    "EdgeTrustStore",
    "FormerGroupDocument",
    "GroupDocument",
    "GroupReport",
    "GroupStickiness",
    "GroupTarget",
    "HealthCheckDocument",
    "ListenerBinding",
    "TargetReport",
    "TrafficReceipt",
    "TrafficReport",
]
