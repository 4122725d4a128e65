"""The ELBv2 front end: application load balancers with HTTP listeners, rules, target groups, targets."""

from __future__ import annotations

from tidegate.control.api.elbv2 import (
    limits,
    listeners,
    load_balancers,
    rules,
    tags,
    target_groups,
    targets,
)
from tidegate.wire import FrontEnd

_NO_TLS = "Tidegate does not serve HTTPS listeners."

FRONT_END = FrontEnd(
    service="elbv2",
    operations={
        **load_balancers.OPERATIONS,
        **target_groups.OPERATIONS,
        **listeners.OPERATIONS,
        **rules.OPERATIONS,
        **targets.OPERATIONS,
        **tags.OPERATIONS,
        **limits.OPERATIONS,
    },
    refusals={
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
