"""The ELBv2 front end: application load balancers, listeners, rules, target groups, targets."""

from __future__ import annotations

from tidegate.control.api.elbv2 import (
    limits,
    listener_certificates,
    listeners,
    load_balancers,
    rules,
    ssl_policies,
    tags,
    target_groups,
    targets,
)
from tidegate.wire import FrontEnd

FRONT_END = FrontEnd(
    service="elbv2",
    operations={
        **load_balancers.OPERATIONS,
        **target_groups.OPERATIONS,
        **listeners.OPERATIONS,
        **listener_certificates.OPERATIONS,
        **ssl_policies.OPERATIONS,
        **rules.OPERATIONS,
        **targets.OPERATIONS,
        **tags.OPERATIONS,
        **limits.OPERATIONS,
    },
    refusals={},
)

__all__ = ["FRONT_END"]
