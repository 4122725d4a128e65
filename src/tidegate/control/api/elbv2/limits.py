"""The account's quotas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import finding, quotas
from tidegate.control.api.honoured import honours
from tidegate.wire import Call, Operation

# What Tidegate refuses by name, an account cannot have one of.
_REFUSED = (
    "certificates-per-network-load-balancer",
    "gateway-load-balancers",
    "gateway-load-balancers-per-vpc",
    "geneve-target-groups",
    "listeners-per-network-load-balancer",
    "network-load-balancer-enis-per-vpc",
    "network-load-balancers",
    "target-groups-per-action-on-network-load-balancer",
    "targets-per-availability-zone-per-gateway-load-balancer",
    "targets-per-availability-zone-per-network-load-balancer",
    "targets-per-network-load-balancer",
)
_LIMITS = {
    "application-load-balancers": quotas.LOAD_BALANCERS_MAX,
    "condition-values-per-alb-rule": quotas.CONDITION_VALUES_MAX,
    "condition-wildcards-per-alb-rule": quotas.CONDITION_WILDCARDS_MAX,
    "listeners-per-application-load-balancer": quotas.LISTENERS_MAX,
    "rules-per-application-load-balancer": quotas.RULES_MAX,
    "certificates-per-application-load-balancer": quotas.CERTIFICATES_MAX,
    "target-groups": quotas.TARGET_GROUPS_MAX,
    "target-groups-per-action-on-application-load-balancer": quotas.GROUPS_PER_ACTION_MAX,
    "target-groups-per-application-load-balancer": quotas.GROUPS_PER_BALANCER_MAX,
    "target-id-registrations-per-application-load-balancer": quotas.TARGETS_PER_BALANCER_MAX,
    "targets-per-application-load-balancer": quotas.TARGETS_PER_BALANCER_MAX,
    "targets-per-target-group": quotas.TARGETS_PER_GROUP_MAX,
    **dict.fromkeys(_REFUSED, 0),
}


@honours("Marker", "PageSize")
async def describe_account_limits(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    found, marker = finding.page(list(_LIMITS), call.parameters, lambda name: name)
    return {"Limits": [{"Name": name, "Max": str(_LIMITS[name])} for name in found], "NextMarker": marker}


OPERATIONS: Mapping[str, Operation] = {"DescribeAccountLimits": Operation(describe_account_limits)}
