"""What an Application Load Balancer does, as rows: each is proven by tests, or refused in a document.

A test says what it proves by `@pytest.mark.proves("action:redirect", ...)`. `scripts/conformance` prints the
matrix, and fails where a row has neither proof nor refusal, or a test proves a row that there is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tidegate.control.api import front_ends
from tidegate.domain.elbv2.attributes import (
    HTTPS_LISTENER_DEFAULTS,
    LOAD_BALANCER_DEFAULTS,
    TARGET_GROUP_DEFAULTS,
)
from tidegate.wire.coverage import operation_states
from tidegate.wire.models import service_model

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = 51

# Those of AWS that this product has not got at all, beside those that it keeps.
_LOAD_BALANCER_KEYS = {*LOAD_BALANCER_DEFAULTS, "ipv6.deny_all_igw_traffic"}
_TARGET_GROUP_KEYS = {*TARGET_GROUP_DEFAULTS, "lambda.multi_value_headers.enabled"}
_CONDITIONS = (
    "host-header",
    "path-pattern",
    "http-header",
    "http-request-method",
    "query-string",
    "source-ip",
    "host-header by expression",
    "path-pattern by expression",
    "http-header by expression",
)
_ACTIONS = (
    "forward",
    "forward to several groups",
    "forward with stickiness",
    "redirect",
    "fixed-response",
    "authenticate-oidc",
    "authenticate-cognito",
    "jwt-validation",
)
_TRANSFORMS = ("host-header-rewrite", "url-rewrite")
# Those that a load balancer makes itself; 000 and 460 are seen in logs only.
_STATUSES = (
    *("000", "301", "302", "400", "401", "403", "405", "408", "413", "414", "460", "463", "464"),
    *("500", "501", "502", "503", "504", "505", "507", "561", "562"),
)

_DIFFERENCES, _COVERAGE = "docs/differences.md", "docs/coverage.md"
# Where a row is refused: the document, and words of its that say so. Without them the row is open.
REFUSED: Mapping[str, tuple[str, str]] = {
    "operation:ModifyIpPools": (_COVERAGE, "| ModifyIpPools |"),
    **{
        f"load-balancer-attribute:{key}": (_DIFFERENCES, f"`{key}`")
        for key in (
            "waf.fail_open.enabled",
            "zonal_shift.config.enabled",
            "ddos_protection.syn_cookie.mode",
            "ipv6.deny_all_igw_traffic",
        )
    },
    **{
        f"target-group-attribute:target_group_health.dns_failover.minimum_healthy_targets.{part}": (
            _DIFFERENCES,
            "`target_group_health.dns_failover.*`",
        )
        for part in ("count", "percentage")
    },
    "target-group-attribute:lambda.multi_value_headers.enabled": (
        _DIFFERENCES,
        "target types lambda and alb",
    ),
    "status:000": (_DIFFERENCES, "and after 10,000 requests | they end when they are idle"),
    "status:403": (_DIFFERENCES, "there is no WAF"),
    "status:413": (_DIFFERENCES, "target types lambda and alb"),
    "status:414": (_DIFFERENCES, "a request line of up to 16 K (414)"),
    "status:501": (_DIFFERENCES, "other than `chunked` is 501"),
}


def rows() -> list[str]:
    """Every row, in the order in which they are printed."""
    return [
        *(f"operation:{name}" for name in service_model("elbv2").operation_names),
        *(f"load-balancer-attribute:{key}" for key in sorted(_LOAD_BALANCER_KEYS)),
        *(f"listener-attribute:{key}" for key in sorted(HTTPS_LISTENER_DEFAULTS)),
        *(f"target-group-attribute:{key}" for key in sorted(_TARGET_GROUP_KEYS)),
        *(f"condition:{name}" for name in _CONDITIONS),
        *(f"action:{name}" for name in _ACTIONS),
        *(f"transform:{name}" for name in _TRANSFORMS),
        *(f"status:{status}" for status in _STATUSES),
    ]


def refusals() -> dict[str, str]:
    """Rows that are refused, with the document that says so: only those whose words stand there."""
    texts = {name: (ROOT / name).read_text() for name in (_DIFFERENCES, _COVERAGE)}
    found = {row: name for row, (name, words) in REFUSED.items() if words in texts[name]}
    return found | {f"operation:{name}": _COVERAGE for name in _refused_operations()}


def _refused_operations() -> list[str]:
    [front_end] = [one for one in front_ends() if one.service == "elbv2"]
    return [name for name, (state, _) in operation_states(front_end).items() if state == "refused"]
