"""The metrics of AWS/ApplicationELB: units, sets of dimensions, and when a zero is reported.

Figures are kept by place, the finest that there is; a sample adds up the places that its dimensions take in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.cloudwatch import Metric

NAMESPACE = "AWS/ApplicationELB"
# The letters of the sets of dimensions: T a target group, L a load balancer, A an availability zone.
_NAMES = {"A": "AvailabilityZone", "L": "LoadBalancer", "T": "TargetGroup"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A load balancer and one of its zones, both as in their dimensions; `group`: the target group that is
    meant, if any is. `zone` empty: the load balancer has none."""

    balancer: str
    zone: str = ""
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """`has_zeros`: reported when registered targets had no traffic, too."""

    unit: str
    dimensions: tuple[str, ...]
    has_zeros: bool = False


_BALANCER = ("L", "LA")
_GROUP = ("TL", "TLA")
_BOTH = _BALANCER + _GROUP

KINDS: Mapping[str, Kind] = {
    "RequestCount": Kind("Count", _BOTH, has_zeros=True),
    "GrpcRequestCount": Kind("Count", ("TL", "TLA", "T", "TA")),
    "RuleEvaluations": Kind("Count", ("L",)),
    **{f"HTTPCode_ELB_{code}_Count": Kind("Count", _BALANCER) for code in ("3XX", "4XX")},
    # Beyond AWS, for A/B tests, which count both against a group: the chosen target gave no answer, and
    # there was none to choose.
    "HTTPCode_ELB_5XX_Count": Kind("Count", (*_BALANCER, "TL")),
    "NoTargetRequestCount": Kind("Count", ("TL",)),
    **{f"HTTPCode_ELB_{code}_Count": Kind("Count", _BALANCER) for code in (500, 502, 503, 504)},
    **{f"HTTPCode_Target_{code}XX_Count": Kind("Count", _BOTH, has_zeros=True) for code in (2, 3, 4, 5)},
    "HTTP_Fixed_Response_Count": Kind("Count", _BALANCER),
    "HTTP_Redirect_Count": Kind("Count", _BALANCER),
    "HTTP_Redirect_Url_Limit_Exceeded_Count": Kind("Count", _BALANCER),
    "DesyncMitigationMode_NonCompliant_Request_Count": Kind("Count", _BALANCER),
    "DroppedInvalidHeaderRequestCount": Kind("Count", ("LA",)),
    "ForwardedInvalidHeaderRequestCount": Kind("Count", ("LA",)),
    **{f"ELBAuth{end}": Kind("Count", _BALANCER) for end in ("Error", "Failure", "Success")},
    "ELBAuthRefreshTokenSuccess": Kind("Count", _BALANCER),
    "ELBAuthUserClaimsSizeExceeded": Kind("Count", _BALANCER),
    "ELBAuthLatency": Kind("Milliseconds", _BALANCER),
    "JWTValidationSuccessCount": Kind("Count", _BALANCER),
    "JWTValidationFailureCount": Kind("Count", _BALANCER),
    "NonStickyRequestCount": Kind("Count", _BALANCER),
    "AppCookieNonStickinessCount": Kind("Count", _BALANCER),
    "TargetConnectionErrorCount": Kind("Count", _BOTH),
    "UnhealthyRoutingRequestCount": Kind("Count", _GROUP),
    "ActiveConnectionCount": Kind("Count", _BALANCER),
    "RejectedConnectionCount": Kind("Count", _BALANCER),
    "NewConnectionCount": Kind("Count", _BALANCER),
    "ClientTLSNegotiationErrorCount": Kind("Count", _BALANCER),
    "ProcessedBytes": Kind("Bytes", _BALANCER),
    "TargetTLSNegotiationErrorCount": Kind("Count", _BOTH),
    "TargetResponseTime": Kind("Seconds", _BOTH),
}


def metrics(name: str, dimensions: tuple[str, ...], place: Place) -> Iterator[Metric]:
    """A metric with each of these sets of dimensions that a place has."""
    values = {"A": place.zone, "L": place.balancer, "T": place.group or ""}
    for letters in dimensions:
        pairs = tuple((_NAMES[letter], values[letter]) for letter in sorted(letters))
        if all(value for _, value in pairs):
            yield Metric(namespace=NAMESPACE, name=name, dimensions=pairs)
