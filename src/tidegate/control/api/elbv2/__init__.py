"""The ELBv2 front end: application load balancers, listeners, rules, target groups, targets, trust stores."""

from __future__ import annotations

from tidegate.control.api.elbv2 import (
    capacity,
    limits,
    listener_certificates,
    listeners,
    load_balancers,
    rules,
    ssl_policies,
    tags,
    target_groups,
    targets,
    trust_store_revocations,
    trust_stores,
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
        **capacity.OPERATIONS,
        **trust_stores.OPERATIONS,
        **trust_store_revocations.OPERATIONS,
    },
    refusals={
        "ModifyIpPools": "Load balancers have addresses of the machine's own; there are no IPAM pools.",
    },
)

__all__ = ["FRONT_END"]
