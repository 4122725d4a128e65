"""Attributes of load balancers: the values they take."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tidegate.control.api.elbv2.attribute_changes import (
    Check,
    Given,
    boolean,
    changed,
    invalid_characters,
    is_within,
    one_of,
)
from tidegate.control.api.elbv2.faults import invalid, misconfigured
from tidegate.domain.elbv2 import LoadBalancer
from tidegate.domain.elbv2.attributes import LOAD_BALANCER_DEFAULTS, LOGS
from tidegate.wire import Fault

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9](\.[a-z0-9][a-z0-9-]*[a-z0-9])*")
_IPV6_KEY = "ipv6.deny_all_igw_traffic"


def _idle_timeout(key: str, value: str) -> None:
    # "characters" is AWS's own word here.
    if not is_within(value, 1, 10**18):
        raise invalid(f"The value of '{key}' cannot be less than 1 characters")
    if int(value) > 4000:
        raise invalid(f"The value of '{key}' cannot be greater than 4000 characters")


def _keep_alive(key: str, value: str) -> None:
    if not is_within(value, 60, 604800):
        raise invalid(f"The value of '{key}' must be an integer between 60 and 604800")


def _bucket(_: str, value: str) -> None:
    # AWS writes a test object into the bucket at once and fails where it cannot. Here every bucket is a
    # folder, so that only a name that no bucket can have fails.
    if value and not (3 <= len(value) <= 63 and _BUCKET.fullmatch(value)):
        raise misconfigured(f"Access Denied for bucket: {value}. Please check S3bucket permission")


def _prefix(key: str, value: str) -> None:
    if "AWSLogs" in value:
        raise invalid(f"The value of '{key}' cannot contain 'AWSLogs'")
    # A part of a path on disk: it must not lead out of its folder.
    if not value.isprintable() or {".", ".."} & set(value.split("/")):
        raise invalid_characters(key)


_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(LOAD_BALANCER_DEFAULTS, boolean),
    **{f"{name}.s3.bucket": _bucket for name in LOGS},
    **{f"{name}.s3.prefix": _prefix for name in LOGS},
    "idle_timeout.timeout_seconds": _idle_timeout,
    "client_keep_alive.seconds": _keep_alive,
    "routing.http.desync_mitigation_mode": one_of(
        "'{key}' must be one of [defensive, monitor, strictest]", "defensive", "monitor", "strictest"
    ),
    "routing.http.xff_header_processing.mode": one_of(
        "'{key}' must be set as 'preserve', 'append', or 'remove'", "append", "preserve", "remove"
    ),
    "load_balancing.cross_zone.enabled": one_of(
        "The value for '{key}' must always be 'true' for an Application Load Balancer", "true"
    ),
    # Accounts show this key, but no document says what else it takes.
    "ddos_protection.syn_cookie.mode": one_of("'{key}' must be one of [reactive]", "reactive"),
}


def changed_attributes(row: LoadBalancer, given: Given) -> dict[str, str]:
    """A load balancer's attributes after a change; raises the fault of what is wrong."""
    repeated = "Attribute key '{key}' has been specified more than once"
    result = changed(row.attributes, given, _CHECKS, repeated=repeated, unknown=_unknown)
    for name in LOGS:
        what = name.replace("_", " ")
        bucket = result.get(f"{name}.s3.bucket", "")
        if result.get(f"{name}.s3.enabled") == "true" and not bucket:
            raise invalid(f"The key '{name}.s3.bucket' must set in order to enable {what}")
        if result.get(f"{name}.s3.prefix") and not bucket:
            raise invalid(f"The key '{name}.s3.bucket' must set in order to set a prefix for {what}")
    return result


def _unknown(key: str) -> Fault:
    start = f"Load balancer attribute key '{key}' is not "
    if key == _IPV6_KEY:
        # In the words after which Terraform leaves the key out and tries again.
        return misconfigured(f"{start}supported on load balancers with IP address type 'ipv4'")
    return invalid(f"{start}recognized")
