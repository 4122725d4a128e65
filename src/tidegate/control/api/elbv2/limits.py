"""The account's quotas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import finding
from tidegate.control.api.elbv2.listeners import LISTENERS_MAX
from tidegate.control.api.elbv2.load_balancers import LOAD_BALANCERS_MAX
from tidegate.control.api.elbv2.targets import TARGETS_MAX
from tidegate.control.api.honoured import honours
from tidegate.wire import Call, Operation

_LIMITS = {
    "application-load-balancers": LOAD_BALANCERS_MAX,
    "target-groups": 3000,
    "targets-per-application-load-balancer": 1000,
    "targets-per-target-group": TARGETS_MAX,
    "target-groups-per-application-load-balancer": 100,
    "target-groups-per-action-on-application-load-balancer": 5,
    "target-id-registrations-per-application-load-balancer": 1000,
    "listeners-per-application-load-balancer": LISTENERS_MAX,
    "rules-per-application-load-balancer": 0,
    "condition-values-per-alb-rule": 5,
    "condition-wildcards-per-alb-rule": 5,
    "certificates-per-application-load-balancer": 0,
    "network-load-balancers": 0,
    "gateway-load-balancers": 0,
}


@honours("Marker", "PageSize")
async def describe_account_limits(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    found, marker = finding.page(list(_LIMITS), call.parameters, lambda name: name)
    return {"Limits": [{"Name": name, "Max": str(_LIMITS[name])} for name in found], "NextMarker": marker}


OPERATIONS: Mapping[str, Operation] = {"DescribeAccountLimits": Operation(describe_account_limits)}
