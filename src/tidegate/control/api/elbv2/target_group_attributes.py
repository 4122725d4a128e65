"""Attributes of target groups: the values they take, and which of them go together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tidegate.control.api.elbv2.attribute_changes import (
    Check,
    Given,
    between,
    boolean,
    changed,
    invalid_characters,
    is_within,
    one_of,
)
from tidegate.control.api.elbv2.faults import invalid, misconfigured
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, RULES, TARGETS
from tidegate.domain.elbv2 import ForwardConfig, TargetGroup
from tidegate.domain.elbv2.attributes import TARGET_GROUP_DEFAULTS
from tidegate.wire import Fault

_HEALTH = "target_group_health"
_ALGORITHMS = ("round_robin", "weighted_random", "least_outstanding_requests")
_OF_OTHER_PROTOCOLS = (
    "deregistration_delay.connection_termination.enabled",
    "preserve_client_ip.enabled",
    "proxy_protocol_v2.enabled",
    "target_failover.on_deregistration",
    "target_failover.on_unhealthy",
    "target_health_state.unhealthy.connection_termination.enabled",
    "target_health_state.unhealthy.draining_interval_seconds",
)
_OF_LAMBDA = "lambda.multi_value_headers.enabled"
_COUNT_MAX = 10**6


def _count(key: str, value: str) -> None:
    if value != "off" and not is_within(value, 1, _COUNT_MAX):
        raise invalid(f"The value of '{key}' must be 'off' or a positive integer")


def _count_that_is_on(key: str, value: str) -> None:
    if not is_within(value, 1, _COUNT_MAX):
        raise invalid(f"The value of '{key}' must be a positive integer")


def _percentage(key: str, value: str) -> None:
    if value == "off" or is_within(value, 1, 100):
        return
    if is_within(value, 101, _COUNT_MAX):
        raise invalid(f"'{key}' must be 'off' or an integer from 1 to 100 inclusive")
    raise invalid(f"The value of '{key}' must be 'off' or a positive integer")


def _cookie_name(key: str, value: str) -> None:
    if value.startswith("AWSALB"):
        raise invalid(f"The value of '{key}' cannot begin with 'AWSALB'")
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]*", value):
        raise invalid_characters(key)


def _any(_: str, __: str) -> None:
    """Checked with the rest, once the cookie's name is known to be there."""


_CHECKS: Mapping[str, Check] = {
    "deregistration_delay.timeout_seconds": between(0, 3600),
    "stickiness.enabled": boolean,
    "stickiness.type": _any,
    "stickiness.lb_cookie.duration_seconds": between(1, 604800),
    "stickiness.app_cookie.cookie_name": _cookie_name,
    "stickiness.app_cookie.duration_seconds": between(1, 604800),
    "load_balancing.algorithm.type": one_of(
        f"'Load balancer algorithm' must be one of [{', '.join(_ALGORITHMS)}]", *_ALGORITHMS
    ),
    "load_balancing.algorithm.anomaly_mitigation": one_of("'{key}' must be one of [off, on]", "off", "on"),
    "load_balancing.cross_zone.enabled": one_of(
        "'{key}' must be one of use_load_balancer_configuration,true,false",
        "use_load_balancer_configuration",
        "true",
        "false",
    ),
    "slow_start.duration_seconds": between(30, 900, "0"),
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": _count,
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": _percentage,
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": _count_that_is_on,
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": _percentage,
}


def changed_attributes(row: TargetGroup, given: Given) -> dict[str, str]:
    """A target group's attributes after a change; raises the fault of what is wrong with them alone."""

    def unknown(key: str) -> Fault:
        if key in _OF_OTHER_PROTOCOLS:
            text = f"A target group with {row.protocol} protocol does not support the attribute {key}"
            return misconfigured(text)
        if key == _OF_LAMBDA:
            text = f"A target group with target type '{row.target_type}' does not support the attribute {key}"
            return misconfigured(text)
        return invalid(f"Target group attribute key '{key}' is not recognized")

    repeated = "Target group attribute keys must be unique: '[{key}]'"
    result = changed(row.attributes, given, _CHECKS, repeated=repeated, unknown=unknown)

    def value(key: str) -> str:
        return result.get(key, TARGET_GROUP_DEFAULTS[key])

    _check_stickiness_type(value, row.protocol)
    _check_algorithm(value)
    _check_thresholds(value)
    return result


def _check_stickiness_type(value: Callable[[str], str], protocol: str) -> None:
    kind = value("stickiness.type")
    if kind == "app_cookie" and not value("stickiness.app_cookie.cookie_name"):
        text = "You must set an application cookie name to enable stickiness of type 'app_cookie'"
        raise misconfigured(text)
    if kind not in ("lb_cookie", "app_cookie"):
        text = f"Stickiness type '{kind}' is not supported for target groups with the {protocol} protocol"
        raise misconfigured(text)


def _check_algorithm(value: Callable[[str], str]) -> None:
    algorithm = value("load_balancing.algorithm.type")
    name = algorithm.replace("_", " ")
    if value("load_balancing.algorithm.anomaly_mitigation") == "on" and algorithm != "weighted_random":
        raise invalid(f"You cannot enable both anomaly mitigation and {name} algorithm on a target group")
    if value("slow_start.duration_seconds") != "0" and algorithm != "round_robin":
        raise misconfigured(f"You cannot enable both slow start and {name} algorithm on a target group")
    if value("stickiness.enabled") == "false":
        return
    if algorithm == "weighted_random":
        text = f"You cannot have both stickiness and {name} algorithm enabled on the same target group."
        raise misconfigured(text)
    if value("load_balancing.cross_zone.enabled") == "false":
        # AWS's words are not known.
        text = "You cannot enable stickiness on a target group with cross-zone load balancing disabled"
        raise misconfigured(text)


def _check_thresholds(value: Callable[[str], str]) -> None:
    for unit in ("count", "percentage"):
        failover = value(f"{_HEALTH}.dns_failover.minimum_healthy_targets.{unit}")
        routing = value(f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.{unit}")
        if failover.isdigit() and routing.isdigit() and int(failover) < int(routing):
            text = "DNS failover threshold must be greater than or equal to unhealthy state routing threshold"
            raise invalid(text)


def check_use(tx: Transaction, row: TargetGroup) -> None:
    """Raise the fault of attributes that do not go with the group's targets, or with its rules."""
    is_zonal = row.attribute("load_balancing.cross_zone.enabled") == "false"
    targets = tx.by(TARGETS, "target_group", row.arn)
    if is_zonal and any(target.availability_zone == "all" for target in targets):
        # AWS's words are not known.
        raise misconfigured(
            "You cannot disable cross-zone load balancing on a target group with targets that are registered "
            "with the Availability Zone 'all'"
        )
    if row.attribute("stickiness.enabled") == "false":
        return
    for arn, forward in _shared_forwards(tx, row.arn):
        if row.attribute("stickiness.type") == "app_cookie":
            raise misconfigured(
                "When configuring a rule with multiple target groups, none of them can have stickiness of "
                "type 'app_cookie' enabled"
            )
        if not forward.stickiness_enabled:
            raise misconfigured(
                f"This target group appears behind a rule with group stickiness disabled ({arn}). You must "
                "enable group stickiness before enabling target stickiness"
            )


def _shared_forwards(tx: Transaction, group_arn: str) -> Iterator[tuple[str, ForwardConfig]]:
    """The actions that forward to the group and to others, with the ARN of their rule."""
    defaults = (listener.default_rule for listener in tx.by(LISTENERS, "target_group", group_arn))
    for rule in (*defaults, *tx.by(RULES, "target_group", group_arn)):
        for action in rule.actions:
            if action.forward is not None and len(action.forward.target_groups) > 1:
                yield rule.arn, action.forward
