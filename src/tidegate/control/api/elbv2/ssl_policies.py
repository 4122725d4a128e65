"""DescribeSSLPolicies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import finding
from tidegate.control.api.honoured import honours
from tidegate.domain.elbv2.ssl_policies import SSL_POLICIES, SslPolicy
from tidegate.wire import Call, Fault, Operation

_LOAD_BALANCER_TYPE = "application"


@honours("Names", "LoadBalancerType", "Marker", "PageSize")
async def describe_ssl_policies(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    parameters = call.parameters
    names = parameters.get("Names") or list(SSL_POLICIES)
    for name in names:
        if name not in SSL_POLICIES:
            raise Fault("SSLPolicyNotFound", f"SSL policy '{name}' not found")
    is_asked = parameters.get("LoadBalancerType", _LOAD_BALANCER_TYPE) == _LOAD_BALANCER_TYPE
    rows = [SSL_POLICIES[name] for name in dict.fromkeys(names)] if is_asked else []
    found, marker = finding.page(rows, parameters, lambda row: row.name)
    return {"SslPolicies": [_view(row) for row in found], "NextMarker": marker}


def _view(row: SslPolicy) -> dict[str, Any]:
    return {
        "Name": row.name,
        "SslProtocols": list(row.protocols),
        "Ciphers": [{"Name": name, "Priority": place} for place, name in enumerate(row.ciphers, start=1)],
        # Network load balancers are refused, so that no policy is good for one.
        "SupportedLoadBalancerTypes": [_LOAD_BALANCER_TYPE],
    }


OPERATIONS: Mapping[str, Operation] = {"DescribeSSLPolicies": Operation(describe_ssl_policies)}
