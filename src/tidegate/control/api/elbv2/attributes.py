"""Attributes of load balancers, target groups and listeners: keys, defaults, the values they take.

All are checked, stored and read back. Those that act on traffic are named by the operations' coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2.faults import invalid, misconfigured

Check = Callable[[str, str], None]
Known = Mapping[str, tuple[str, Check]]
"""Attribute keys with their defaults and checks."""

_HEADER_VALUE_LENGTH_MAX = 1024


def _boolean(key: str, value: str) -> None:
    if value not in ("true", "false"):
        raise invalid(f"The value of '{key}' must be 'true' or 'false', but was '{value}'")


def _text(_: str, __: str) -> None:
    """Anything."""


def _one_of(text: str, *choices: str) -> Check:
    def check(key: str, value: str) -> None:
        if value not in choices:
            raise invalid(text.format(key=key, value=value))

    return check


def _between(low: int, high: int, *others: str) -> Check:
    def check(key: str, value: str) -> None:
        if value not in others and not _is_within(value, low, high):
            raise invalid(f"'{key}' value '{value}' must be between '{low}-{high}' inclusive")

    return check


def _is_within(value: str, low: int, high: int) -> bool:
    return value.isascii() and value.isdigit() and low <= int(value) <= high


def _idle_timeout(key: str, value: str) -> None:
    # "characters" is AWS's own word here.
    is_number = value.isascii() and value.isdecimal()
    if not is_number or int(value) < 1:
        raise invalid(f"The value of '{key}' cannot be less than 1 characters")
    if int(value) > 4000:
        raise invalid(f"The value of '{key}' cannot be greater than 4000 characters")


def _keep_alive(key: str, value: str) -> None:
    if not _is_within(value, 60, 604800):
        raise invalid(f"The value of '{key}' must be an integer between 60 and 604800")


def _log_prefix(key: str, value: str) -> None:
    if "AWSLogs" in value:
        raise invalid(f"The value of '{key}' cannot contain 'AWSLogs'")


def _count(key: str, value: str) -> None:
    if value != "off" and not _is_within(value, 1, 10**6):
        raise invalid(f"The value of '{key}' must be 'off' or a positive integer")


def _percentage(key: str, value: str) -> None:
    if value == "off" or _is_within(value, 1, 100):
        return
    if _is_within(value, 101, 10**6):
        raise invalid(f"'{key}' must be 'off' or an integer from 1 to 100 inclusive")
    raise invalid(f"The value of '{key}' must be 'off' or a positive integer")


def _cookie_name(key: str, value: str) -> None:
    if value.startswith("AWSALB"):
        raise invalid(f"The value of '{key}' cannot begin with 'AWSALB'")


def _header_value(*choices: str) -> Check:
    def check(key: str, value: str) -> None:
        if len(value) > _HEADER_VALUE_LENGTH_MAX or not value.isprintable():
            raise invalid(f"The value of '{key}' contains invalid characters")
        if choices and value and value not in choices:
            listed = ", ".join(choices)
            raise invalid(f"The value of '{key}' must be from the following: [{listed}], but was '{value}'")

    return check


def _header_name(key: str, value: str) -> None:
    if value and not value.replace("-", "").replace("_", "").isalnum():
        raise invalid(f"The value of '{key}' contains invalid characters")


def _logs(name: str) -> dict[str, tuple[str, Check]]:
    return {
        f"{name}.s3.enabled": ("false", _boolean),
        f"{name}.s3.bucket": ("", _text),
        f"{name}.s3.prefix": ("", _log_prefix),
    }


_LOGS = ("access_logs", "connection_logs", "health_check_logs")

LOAD_BALANCER: Known = {
    **{key: entry for name in _LOGS for key, entry in _logs(name).items()},
    "deletion_protection.enabled": ("false", _boolean),
    "idle_timeout.timeout_seconds": ("60", _idle_timeout),
    "client_keep_alive.seconds": ("3600", _keep_alive),
    "routing.http2.enabled": ("true", _boolean),
    "routing.http.desync_mitigation_mode": (
        "defensive",
        _one_of(
            "'{key}' must be one of [defensive, monitor, strictest]", "defensive", "monitor", "strictest"
        ),
    ),
    "routing.http.drop_invalid_header_fields.enabled": ("false", _boolean),
    "routing.http.preserve_host_header.enabled": ("false", _boolean),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": ("false", _boolean),
    "routing.http.xff_client_port.enabled": ("false", _boolean),
    "routing.http.xff_header_processing.mode": (
        "append",
        _one_of("'{key}' must be set as 'preserve', 'append', or 'remove'", "append", "preserve", "remove"),
    ),
    "load_balancing.cross_zone.enabled": (
        "true",
        _one_of("The value for '{key}' must always be 'true' for an Application Load Balancer", "true"),
    ),
    "waf.fail_open.enabled": ("false", _boolean),
    "zonal_shift.config.enabled": ("false", _boolean),
}

_HEALTH = "target_group_health"
TARGET_GROUP: Known = {
    "deregistration_delay.timeout_seconds": ("300", _between(0, 3600)),
    "stickiness.enabled": ("false", _boolean),
    "stickiness.type": (
        "lb_cookie",
        _one_of(
            "Stickiness type '{value}' is not supported for target groups with the HTTP protocol",
            "lb_cookie",
            "app_cookie",
        ),
    ),
    "stickiness.lb_cookie.duration_seconds": ("86400", _between(1, 604800)),
    "stickiness.app_cookie.cookie_name": ("", _cookie_name),
    "stickiness.app_cookie.duration_seconds": ("86400", _between(1, 604800)),
    "load_balancing.algorithm.type": (
        "round_robin",
        _one_of(
            "'Load balancer algorithm' must be one of [round_robin, weighted_random, "
            "least_outstanding_requests]",
            "round_robin",
            "weighted_random",
            "least_outstanding_requests",
        ),
    ),
    "load_balancing.algorithm.anomaly_mitigation": (
        "off",
        _one_of("'{key}' must be one of [off, on]", "off", "on"),
    ),
    "load_balancing.cross_zone.enabled": (
        "use_load_balancer_configuration",
        _one_of(
            "'{key}' must be one of use_load_balancer_configuration,true,false",
            "use_load_balancer_configuration",
            "true",
            "false",
        ),
    ),
    "slow_start.duration_seconds": ("0", _between(30, 900, "0")),
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": ("1", _count),
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": ("off", _percentage),
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": ("1", _count),
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": ("off", _percentage),
}

_MTLS = "routing.http.request.x_amzn_mtls_clientcert"
_TEXT_HEADERS = (
    "strict_transport_security",
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
)
LISTENER: Known = {
    "routing.http.response.server.enabled": ("true", _boolean),
    **{f"routing.http.response.{name}.header_value": ("", _header_value()) for name in _TEXT_HEADERS},
    "routing.http.response.access_control_allow_credentials.header_value": ("", _header_value("true")),
    "routing.http.response.x_content_type_options.header_value": ("", _header_value("nosniff")),
    "routing.http.response.x_frame_options.header_value": ("", _header_value("DENY", "SAMEORIGIN")),
}
# Header names of TLS listeners, known here so that they are told apart from unknown keys.
LISTENER_TLS_ONLY: Mapping[str, Check] = {
    **{
        f"{_MTLS}{part}.header_name": _header_name
        for part in ("", "_serial_number", "_issuer", "_subject", "_validity", "_leaf")
    },
    "routing.http.request.x_amzn_tls_version.header_name": _header_name,
    "routing.http.request.x_amzn_tls_cipher_suite.header_name": _header_name,
}


def changed_load_balancer(present: Mapping[str, str], given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A load balancer's attributes after a change; raises the fault of what is wrong."""
    repeated = "Attribute key '{key}' has been specified more than once"
    result = _changed(LOAD_BALANCER, present, given, "Load balancer", repeated)
    for name in _LOGS:
        what = name.replace("_", " ")
        bucket = result.get(f"{name}.s3.bucket", "")
        if result.get(f"{name}.s3.enabled") == "true" and not bucket:
            raise invalid(f"The key '{name}.s3.bucket' must set in order to enable {what}")
        if result.get(f"{name}.s3.prefix") and not bucket:
            raise invalid(f"The key '{name}.s3.bucket' must set in order to set a prefix for {what}")
        if bucket:
            # AWS writes a test object at once and fails where it cannot: here it never can.
            raise misconfigured(f"Access Denied for bucket: {bucket}. Please check S3bucket permission")
    return result


def changed_target_group(present: Mapping[str, str], given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A target group's attributes after a change; raises the fault of what is wrong."""
    repeated = "Target group attribute keys must be unique: '[{key}]'"
    result = _changed(TARGET_GROUP, present, given, "Target group", repeated)

    def value(key: str) -> str:
        return result.get(key, TARGET_GROUP[key][0])

    algorithm = value("load_balancing.algorithm.type")
    is_sticky = value("stickiness.enabled") == "true"
    if value("stickiness.type") == "app_cookie" and not value("stickiness.app_cookie.cookie_name"):
        text = "You must set an application cookie name to enable stickiness of type 'app_cookie'"
        raise misconfigured(text)
    if value("load_balancing.algorithm.anomaly_mitigation") == "on" and algorithm != "weighted_random":
        name = algorithm.replace("_", " ")
        raise invalid(f"You cannot enable both anomaly mitigation and {name} algorithm on a target group")
    if value("slow_start.duration_seconds") != "0" and algorithm != "round_robin":
        name = algorithm.replace("_", " ")
        raise misconfigured(f"You cannot enable both slow start and {name} algorithm on a target group")
    if is_sticky and algorithm == "weighted_random":
        text = "You cannot enable both stickiness and weighted random algorithm on a target group"
        raise misconfigured(text)
    if is_sticky and value("load_balancing.cross_zone.enabled") == "false":
        text = "You cannot enable stickiness on a target group with cross-zone load balancing disabled"
        raise misconfigured(text)
    _check_thresholds(value)
    return result


def _check_thresholds(value: Callable[[str], str]) -> None:
    for unit in ("count", "percentage"):
        failover = value(f"{_HEALTH}.dns_failover.minimum_healthy_targets.{unit}")
        routing = value(f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.{unit}")
        if failover.isdigit() and routing.isdigit() and int(failover) < int(routing):
            text = "DNS failover threshold must be greater than or equal to unhealthy state routing threshold"
            raise invalid(text)


def changed_listener(present: Mapping[str, str], given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A listener's attributes after a change; raises the fault of what is wrong."""
    for item in given:
        if item.get("Key") in LISTENER_TLS_ONLY:
            raise invalid("The provided listener attribute is not supported")
    repeated = "Attribute key '{key}' has been specified more than once"
    return _changed(LISTENER, present, given, "Listener", repeated)


def _changed(
    known: Known, present: Mapping[str, str], given: Sequence[Mapping[str, Any]], what: str, repeated: str
) -> dict[str, str]:
    result = dict(present)
    seen: set[str] = set()
    for item in given:
        key, value = item.get("Key", ""), item.get("Value") or ""
        if key in seen:
            raise invalid(repeated.format(key=key))
        seen.add(key)
        if key not in known:
            raise invalid(f"{what} attribute key '{key}' is not recognized")
        known[key][1](key, value)
        result[key] = value
    return result


def described(known: Known, present: Mapping[str, str]) -> list[dict[str, str]]:
    """Every attribute with its present value or its default."""
    return [{"Key": key, "Value": present.get(key, default)} for key, (default, _) in known.items()]
