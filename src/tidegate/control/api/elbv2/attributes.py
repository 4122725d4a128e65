"""Attributes of load balancers, target groups and listeners: keys, defaults, what values they take.

All are stored and read back. Those that act are named in docs/differences.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2.faults import invalid
from tidegate.wire import Fault

_Check = Callable[[str, str], None]


def _boolean(key: str, value: str) -> None:
    if value not in ("true", "false"):
        raise invalid(f"The value of '{key}' must be 'true' or 'false', but was '{value}'")


def _text(_: str, __: str) -> None:
    """Anything."""


def _one_of(*choices: str) -> _Check:
    def check(key: str, value: str) -> None:
        if value not in choices:
            raise invalid(f"'{key}' must be one of [{', '.join(choices)}]")

    return check


def _between(low: int, high: int, *others: str) -> _Check:
    def check(key: str, value: str) -> None:
        if value in others:
            return
        if not value.lstrip("-").isdigit() or not low <= int(value) <= high:
            raise invalid(f"'{key}' value '{value}' must be between '{low}-{high}' inclusive")

    return check


def _idle_timeout(key: str, value: str) -> None:
    if not value.isdigit() or int(value) < 1:
        raise invalid(f"The value of '{key}' cannot be less than 1 characters")
    if int(value) > 4000:
        raise invalid(f"The value of '{key}' cannot be greater than 4000 characters")


def _always(wanted: str, message: str) -> _Check:
    def check(_: str, value: str) -> None:
        if value != wanted:
            raise invalid(message)

    return check


def _logs_off(key: str, value: str) -> None:
    _boolean(key, value)
    if value == "true":
        raise Fault("InvalidConfigurationRequest", f"{key}: delivering logs to a bucket is not supported.")


LOAD_BALANCER: Mapping[str, tuple[str, _Check]] = {
    "access_logs.s3.enabled": ("false", _logs_off),
    "access_logs.s3.bucket": ("", _text),
    "access_logs.s3.prefix": ("", _text),
    "connection_logs.s3.enabled": ("false", _logs_off),
    "connection_logs.s3.bucket": ("", _text),
    "connection_logs.s3.prefix": ("", _text),
    "health_check_logs.s3.enabled": ("false", _logs_off),
    "health_check_logs.s3.bucket": ("", _text),
    "health_check_logs.s3.prefix": ("", _text),
    "deletion_protection.enabled": ("false", _boolean),
    "idle_timeout.timeout_seconds": ("60", _idle_timeout),
    "client_keep_alive.seconds": ("3600", _between(60, 604800)),
    "routing.http2.enabled": ("true", _boolean),
    "routing.http.desync_mitigation_mode": ("defensive", _one_of("defensive", "monitor", "strictest")),
    "routing.http.drop_invalid_header_fields.enabled": ("false", _boolean),
    "routing.http.preserve_host_header.enabled": ("false", _boolean),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": ("false", _boolean),
    "routing.http.xff_client_port.enabled": ("false", _boolean),
    "routing.http.xff_header_processing.mode": ("append", _one_of("append", "preserve", "remove")),
    "load_balancing.cross_zone.enabled": (
        "true",
        _always(
            "true",
            "The value for 'load_balancing.cross_zone.enabled' must always be 'true' for an Application Load "
            "Balancer",
        ),
    ),
    "waf.fail_open.enabled": ("false", _boolean),
    "zonal_shift.config.enabled": ("false", _boolean),
}

_COUNT = _between(1, 1000, "off")
_PERCENTAGE = _between(1, 100, "off")
TARGET_GROUP: Mapping[str, tuple[str, _Check]] = {
    "deregistration_delay.timeout_seconds": ("300", _between(0, 3600)),
    "stickiness.enabled": ("false", _always("false", "stickiness.enabled: stickiness is not supported.")),
    "stickiness.type": ("lb_cookie", _one_of("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": ("86400", _between(1, 604800)),
    "stickiness.app_cookie.cookie_name": ("", _text),
    "stickiness.app_cookie.duration_seconds": ("86400", _between(1, 604800)),
    "load_balancing.algorithm.type": (
        "round_robin",
        _one_of("round_robin", "weighted_random", "least_outstanding_requests"),
    ),
    "load_balancing.algorithm.anomaly_mitigation": (
        "off",
        _always("off", "load_balancing.algorithm.anomaly_mitigation: it is not supported."),
    ),
    "load_balancing.cross_zone.enabled": (
        "use_load_balancer_configuration",
        _one_of("use_load_balancer_configuration", "true"),
    ),
    "slow_start.duration_seconds": ("0", _always("0", "slow_start.duration_seconds: it is not supported.")),
    "target_group_health.dns_failover.minimum_healthy_targets.count": ("1", _COUNT),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": ("off", _PERCENTAGE),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": ("1", _COUNT),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": ("off", _PERCENTAGE),
}

LISTENER: Mapping[str, tuple[str, _Check]] = {
    "routing.http.response.server.enabled": ("true", _boolean),
    **{
        f"routing.http.response.{name}.header_value": (
            "",
            _always("", f"routing.http.response.{name}.header_value: it is not supported."),
        )
        for name in (
            "strict_transport_security",
            "access_control_allow_origin",
            "access_control_allow_methods",
            "access_control_allow_headers",
            "access_control_allow_credentials",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "x_content_type_options",
            "x_frame_options",
        )
    },
}


def changed(
    known: Mapping[str, tuple[str, _Check]],
    present: Mapping[str, str],
    given: Sequence[Mapping[str, Any]],
    what: str,
) -> dict[str, str]:
    """The present attributes with those given; raises ValidationError."""
    result = dict(present)
    seen: set[str] = set()
    for item in given:
        key, value = item.get("Key", ""), item.get("Value") or ""
        if key in seen:
            raise invalid(f"Attribute key '{key}' has been specified more than once")
        seen.add(key)
        if key not in known:
            raise invalid(f"{what} attribute key '{key}' is not recognized")
        known[key][1](key, value)
        result[key] = value
    return result


def described(known: Mapping[str, tuple[str, _Check]], present: Mapping[str, str]) -> list[dict[str, str]]:
    """Every attribute with its present value or its default."""
    return [{"Key": key, "Value": present.get(key, default)} for key, (default, _) in known.items()]
