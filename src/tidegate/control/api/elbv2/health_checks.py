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
_MATCHER = re.compile(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", re.ASCII)


def changed_health_check(
    present: HealthCheck, parameters: Mapping[str, Any], target_type: str
) -> HealthCheck:
    """The present settings with those given; raises the fault of what is wrong."""
    if parameters.get("HealthCheckEnabled") is False:
        text = f"Health check enabled must be true for target groups with target type '{target_type}'"
        raise faults.invalid(text)
    _check_protocol(parameters.get("HealthCheckProtocol") or present.protocol)
    check = replace(
        present,
        port=_port(parameters.get("HealthCheckPort") or present.port),
        path=_path(parameters.get("HealthCheckPath") or present.path),
        matcher=_matcher(parameters.get("Matcher") or {}, present.matcher),
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


def _check_protocol(protocol: str) -> None:
    if protocol == "HTTPS":
        raise faults.unsupported("Health check protocol 'HTTPS'")
    if protocol != "HTTP":
        raise faults.invalid(f"Health check protocol '{protocol}' must be one of 'HTTP, HTTPS'")


def _port(port: str) -> str:
    if port != "traffic-port" and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise faults.invalid(f"Health check port '{port}' must be within '1-65535' or 'traffic-port'")
    return port


def _path(path: str) -> str:
    if not path.startswith("/"):
        raise faults.invalid(f"Health check path '{path}' must begin with '/'.")
    return path


def _matcher(given: Mapping[str, Any], present: str) -> str:
    if given.get("GrpcCode") and not given.get("HttpCode"):
        raise faults.invalid("Health check matcher HTTP code cannot be empty")
    matcher = str(given.get("HttpCode") or present)
    if not _MATCHER.fullmatch(matcher):
        raise Fault("InvalidParameterValue", "HttpCode must be like 200 | 200-399 | 200,201 ...")
    for code in re.findall(r"\d{3}", matcher):
        if not 200 <= int(code) <= 499:
            text = f"Health check matcher HTTP code '{code}' must be within '200-499' inclusive"
            raise faults.invalid(text)
    return matcher
