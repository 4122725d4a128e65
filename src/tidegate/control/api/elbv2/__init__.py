"""The ELBv2 front end: application load balancers with HTTP listeners, target groups, targets."""

from __future__ import annotations

from tidegate.control.api.elbv2 import (
    capacity,
    limits,
    listeners,
    load_balancers,
    tags,
    target_groups,
    targets,
    trust_store_revocations,
    trust_stores,
)
from tidegate.wire import FrontEnd

_NO_RULES = "Tidegate serves a listener's default rule only."
_NO_TLS = "Tidegate does not serve HTTPS listeners."

FRONT_END = FrontEnd(
    service="elbv2",
    operations={
        **load_balancers.OPERATIONS,
        **target_groups.OPERATIONS,
        **listeners.OPERATIONS,
        **targets.OPERATIONS,
        **tags.OPERATIONS,
        **limits.OPERATIONS,
        **capacity.OPERATIONS,
        **trust_stores.OPERATIONS,
        **trust_store_revocations.OPERATIONS,
    },
    refusals={
        "ModifyIpPools": "Load balancers have addresses of the machine's own; there are no IPAM pools.",
        **dict.fromkeys(("CreateRule", "DeleteRule", "ModifyRule", "SetRulePriorities"), _NO_RULES),
        **dict.fromkeys(
            (
                "AddListenerCertificates",
                "DescribeListenerCertificates",
                "DescribeSSLPolicies",
                "RemoveListenerCertificates",
            ),
            _NO_TLS,
        ),
    },
)

__all__ = ["FRONT_END"]
