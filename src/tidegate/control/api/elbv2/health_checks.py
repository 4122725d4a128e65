"""Health checks of target groups, read from requests. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.elbv2 import faults
from tidegate.domain.elbv2 import HealthCheck
from tidegate.wire import Fault

HEALTH_CHECK_MEMBERS = (
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckEnabled",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)
_HTTP_MATCHER = re.compile(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", re.ASCII)
_GRPC_MATCHER = re.compile(r"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*", re.ASCII)


def default_health_check(protocol_version: str) -> HealthCheck:
    """What a group of this version checks when nothing is said: HTTP, of HTTPS groups too."""
    if protocol_version == "GRPC":
        # 12 is UNIMPLEMENTED: what a server says of a method that it has not.
        return HealthCheck(path="/AWS.ALB/healthcheck", matcher="12")
    return HealthCheck()


def changed_health_check(
    present: HealthCheck, parameters: Mapping[str, Any], *, target_type: str, protocol_version: str
) -> HealthCheck:
    """The present settings with those given; raises the fault of what is wrong."""
    if parameters.get("HealthCheckEnabled") is False:
        text = f"Health check enabled must be true for target groups with target type '{target_type}'"
        raise faults.invalid(text)
    check = replace(
        present,
        protocol=_protocol(parameters.get("HealthCheckProtocol") or present.protocol),
        port=_port(parameters.get("HealthCheckPort") or present.port),
        path=_path(parameters.get("HealthCheckPath") or present.path),
        matcher=_matcher(parameters.get("Matcher") or {}, protocol_version) or present.matcher,
        interval_seconds=parameters.get("HealthCheckIntervalSeconds") or present.interval_seconds,
        timeout_seconds=parameters.get("HealthCheckTimeoutSeconds") or present.timeout_seconds,
        healthy_threshold=parameters.get("HealthyThresholdCount") or present.healthy_threshold,
        unhealthy_threshold=parameters.get("UnhealthyThresholdCount") or present.unhealthy_threshold,
    )
    if check.timeout_seconds >= check.interval_seconds:
        raise faults.invalid(
            f"Health check timeout '{check.timeout_seconds}' must be smaller than the interval "
            f"'{check.interval_seconds}'"
        )
    return check


def _protocol(protocol: str) -> str:
    if protocol not in ("HTTP", "HTTPS"):
        raise faults.invalid(f"Health check protocol '{protocol}' must be one of 'HTTP, HTTPS'")
    return protocol


def _port(port: str) -> str:
    is_number = port.isascii() and port.isdigit() and len(port) < 6 and 1 <= int(port) <= 65535
    if port != "traffic-port" and not is_number:
        raise faults.invalid(f"Health check port '{port}' must be within '1-65535' or 'traffic-port'")
    return port


def _path(path: str) -> str:
    if not path.startswith("/"):
        raise faults.invalid(f"Health check path '{path}' must begin with '/'.")
    return path


def _matcher(given: Mapping[str, Any], protocol_version: str) -> str | None:
    """The codes that are given, HTTP's or gRPC's, whichever the group speaks; None when none are."""
    own, other = ("HttpCode", "GrpcCode") if protocol_version != "GRPC" else ("GrpcCode", "HttpCode")
    kind = own.removesuffix("Code").upper()
    matcher = given.get(own)
    if not matcher:
        if given.get(other):
            raise faults.invalid(f"Health check matcher {kind} code cannot be empty")
        return None
    if kind == "HTTP":
        _check_codes(matcher, _HTTP_MATCHER, kind, 200, 499)
    else:
        _check_codes(matcher, _GRPC_MATCHER, kind, 0, 99)
    return str(matcher)


def _check_codes(matcher: str, form: re.Pattern[str], kind: str, low: int, high: int) -> None:
    if not form.fullmatch(matcher):
        examples = "200 | 200-399 | 200,201" if kind == "HTTP" else "12 | 0-99 | 0,12"
        text = f"{kind.title()}Code must be like {examples} ..."
        raise Fault("InvalidParameterValue", text)
    for code in re.findall(r"\d+", matcher):
        if not low <= int(code) <= high:
            text = f"Health check matcher {kind} code '{code}' must be within '{low}-{high}' inclusive"
            raise faults.invalid(text)
