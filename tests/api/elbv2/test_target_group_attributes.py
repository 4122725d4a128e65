"""Attributes of target groups: checked, stored, read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., str]

HEALTH = "target_group_health"
DEFAULTS = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    f"{HEALTH}.dns_failover.minimum_healthy_targets.count": "1",
    f"{HEALTH}.dns_failover.minimum_healthy_targets.percentage": "off",
    f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}


def _modify(client: Any, group: str, **values: str) -> dict[str, str]:
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]
    answer = client.modify_target_group_attributes(TargetGroupArn=group, Attributes=pairs)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def _read(client: Any, group: str) -> dict[str, str]:
    read = client.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    return {item["Key"]: item["Value"] for item in read}


@pytest.mark.proves("operation:DescribeTargetGroupAttributes")
def test_every_default_is_described_before_anything_is_set(client: Any, group: str) -> None:
    assert _read(client, group) == DEFAULTS


@pytest.mark.parametrize(
    "values",
    [
        {
            "deregistration_delay.timeout_seconds": "0",
            "load_balancing.algorithm.type": "least_outstanding_requests",
            "stickiness.enabled": "true",
            "stickiness.type": "lb_cookie",
            "stickiness.lb_cookie.duration_seconds": "60",
        },
        {
            "stickiness.enabled": "true",
            "stickiness.type": "app_cookie",
            "stickiness.app_cookie.cookie_name": "session",
            "stickiness.app_cookie.duration_seconds": "604800",
        },
        {
            "load_balancing.algorithm.type": "weighted_random",
            "load_balancing.algorithm.anomaly_mitigation": "on",
        },
        {"slow_start.duration_seconds": "900", "load_balancing.cross_zone.enabled": "false"},
        {
            f"{HEALTH}.dns_failover.minimum_healthy_targets.count": "off",
            f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "2",
            f"{HEALTH}.dns_failover.minimum_healthy_targets.percentage": "60",
            f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": "50",
        },
    ],
)
@pytest.mark.proves("operation:ModifyTargetGroupAttributes")
def test_values_that_go_together_are_kept(client: Any, group: str, values: dict[str, str]) -> None:
    assert _modify(client, group, **values) == {**DEFAULTS, **values}
    assert _read(client, group) == {**DEFAULTS, **values}


CODES = {
    "A target group with": "InvalidConfigurationRequest",
    "Stickiness type": "InvalidConfigurationRequest",
    "You must set": "InvalidConfigurationRequest",
    "You cannot have": "InvalidConfigurationRequest",
    "You cannot enable both slow": "InvalidConfigurationRequest",
    "You cannot enable stickiness": "InvalidConfigurationRequest",
}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"no.such.key": "x"}, "Target group attribute key 'no.such.key' is not recognized"),
        (
            {"preserve_client_ip.enabled": "true"},
            "A target group with HTTP protocol does not support the attribute preserve_client_ip.enabled",
        ),
        (
            {"lambda.multi_value_headers.enabled": "true"},
            "A target group with target type 'instance' does not support the attribute lambda.multi_value",
        ),
        (
            {"deregistration_delay.timeout_seconds": "3601"},
            "'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive",
        ),
        (
            {"slow_start.duration_seconds": "29"},
            "'slow_start.duration_seconds' value '29' must be between '30-900' inclusive",
        ),
        ({"slow_start.duration_seconds": "-1"}, "must be between '30-900' inclusive"),
        (
            {"stickiness.lb_cookie.duration_seconds": "0"},
            "'stickiness.lb_cookie.duration_seconds' value '0' must be between '1-604800' inclusive",
        ),
        ({"stickiness.app_cookie.duration_seconds": "604801"}, "must be between '1-604800' inclusive"),
        (
            {"stickiness.enabled": "1"},
            "The value of 'stickiness.enabled' must be 'true' or 'false', but was '1'",
        ),
        (
            {"stickiness.type": "source_ip"},
            "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
        ),
        (
            {"stickiness.type": "app_cookie"},
            "You must set an application cookie name to enable stickiness of type 'app_cookie'",
        ),
        ({"stickiness.app_cookie.cookie_name": "AWSALBAPP-1"}, "cannot begin with 'AWSALB'"),
        ({"stickiness.app_cookie.cookie_name": "a b"}, "contains invalid characters"),
        (
            {"load_balancing.algorithm.type": "fastest"},
            "'Load balancer algorithm' must be one of [round_robin, weighted_random, "
            "least_outstanding_requests]",
        ),
        (
            {"load_balancing.algorithm.anomaly_mitigation": "yes"},
            "'load_balancing.algorithm.anomaly_mitigation' must be one of [off, on]",
        ),
        (
            {"load_balancing.cross_zone.enabled": "maybe"},
            "'load_balancing.cross_zone.enabled' must be one of use_load_balancer_configuration,true,false",
        ),
        (
            {"load_balancing.algorithm.anomaly_mitigation": "on"},
            "You cannot enable both anomaly mitigation and round robin algorithm on a target group",
        ),
        (
            {"slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "weighted_random"},
            "You cannot enable both slow start and weighted random algorithm on a target group",
        ),
        (
            {
                "slow_start.duration_seconds": "30",
                "load_balancing.algorithm.type": "least_outstanding_requests",
            },
            "You cannot enable both slow start and least outstanding requests algorithm on a target group",
        ),
        (
            {"stickiness.enabled": "true", "load_balancing.algorithm.type": "weighted_random"},
            "You cannot have both stickiness and weighted random algorithm enabled on the same target group.",
        ),
        (
            {"stickiness.enabled": "true", "load_balancing.cross_zone.enabled": "false"},
            "You cannot enable stickiness on a target group with cross-zone load balancing disabled",
        ),
        (
            {f"{HEALTH}.dns_failover.minimum_healthy_targets.percentage": "101"},
            "must be 'off' or an integer from 1 to 100 inclusive",
        ),
        (
            {f"{HEALTH}.dns_failover.minimum_healthy_targets.percentage": "0"},
            "must be 'off' or a positive integer",
        ),
        (
            {f"{HEALTH}.dns_failover.minimum_healthy_targets.count": "0"},
            "must be 'off' or a positive integer",
        ),
        (
            {f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "off"},
            "must be a positive integer",
        ),
        (
            {f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": "2"},
            "DNS failover threshold must be greater than or equal to unhealthy state routing threshold",
        ),
    ],
)
def test_bad_values_get_awss_text(
    client: Any, refused: Any, group: str, values: dict[str, str], text: str
) -> None:
    code = next((code for start, code in CODES.items() if text.startswith(start)), "ValidationError")
    with refused(code, re.escape(text)):
        _modify(client, group, **values)
    assert _read(client, group) == DEFAULTS


def test_values_are_checked_with_those_that_stay(client: Any, refused: Any, group: str) -> None:
    _modify(client, group, **{"slow_start.duration_seconds": "30"})
    with refused("InvalidConfigurationRequest", "slow start and weighted random"):
        _modify(client, group, **{"load_balancing.algorithm.type": "weighted_random"})


def test_a_key_comes_once(client: Any, refused: Any, group: str) -> None:
    pair = {"Key": "load_balancing.algorithm.type", "Value": "round_robin"}
    text = re.escape("Target group attribute keys must be unique: '[load_balancing.algorithm.type]'")
    with refused("ValidationError", text):
        client.modify_target_group_attributes(TargetGroupArn=group, Attributes=[pair, pair])


def test_targets_of_every_zone_keep_cross_zone_on(
    client: Any, refused: Any, make_group: Make, group: str
) -> None:
    assert group
    addresses = make_group("addresses", TargetType="ip")
    client.register_targets(TargetGroupArn=addresses, Targets=[{"Id": "10.9.8.7", "AvailabilityZone": "all"}])
    with refused("InvalidConfigurationRequest", "Availability Zone 'all'"):
        _modify(client, addresses, **{"load_balancing.cross_zone.enabled": "false"})


def _shared(client: Any, listener: str, *groups: str, is_sticky: bool) -> None:
    config = {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1} for arn in groups],
        "TargetGroupStickinessConfig": {"Enabled": is_sticky, "DurationSeconds": 60},
    }
    action = {"Type": "forward", "ForwardConfig": config}
    client.modify_listener(ListenerArn=listener, DefaultActions=[action])


def test_targets_are_sticky_only_behind_sticky_groups(
    client: Any, refused: Any, listener: str, make_group: Make, group: str
) -> None:
    _shared(client, listener, group, make_group("green"), is_sticky=False)
    sticky = {"stickiness.enabled": "true"}
    with refused("InvalidConfigurationRequest", "behind a rule with group stickiness disabled"):
        _modify(client, group, **sticky)
    _shared(client, listener, group, make_group("green"), is_sticky=True)
    assert sticky.items() <= _modify(client, group, **sticky).items()


def test_application_cookies_are_for_groups_that_are_alone(
    client: Any, refused: Any, listener: str, make_group: Make, group: str
) -> None:
    _shared(client, listener, group, make_group("green"), is_sticky=True)
    cookie = {
        "stickiness.enabled": "true",
        "stickiness.type": "app_cookie",
        "stickiness.app_cookie.cookie_name": "session",
    }
    with refused("InvalidConfigurationRequest", "none of them can have stickiness of type 'app_cookie'"):
        _modify(client, group, **cookie)
