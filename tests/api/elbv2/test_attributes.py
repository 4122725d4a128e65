"""Attributes: checked, stored, read back."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.api.elbv2 import attributes
from tidegate.wire import Fault

# What Terraform sends with every load balancer that it creates.
TERRAFORM = {
    "access_logs.s3.enabled": "false",
    "connection_logs.s3.enabled": "false",
    "routing.http2.enabled": "true",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "waf.fail_open.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "deletion_protection.enabled": "false",
    "zonal_shift.config.enabled": "false",
    "routing.http.drop_invalid_header_fields.enabled": "false",
}


def _pairs(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def _mapping(listed: list[dict[str, str]]) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in listed}


def test_terraforms_attributes_are_accepted_and_read_back(client: Any, balancer: str) -> None:
    answer = client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=_pairs(**TERRAFORM))
    read = client.describe_load_balancer_attributes(LoadBalancerArn=balancer)
    assert _mapping(answer["Attributes"]) == _mapping(read["Attributes"])
    assert TERRAFORM.items() <= _mapping(read["Attributes"]).items()


def test_every_default_is_described_before_anything_is_set(
    client: Any, balancer: str, group: str, listener: str
) -> None:
    balancers = client.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    groups = client.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    listeners = client.describe_listener_attributes(ListenerArn=listener)["Attributes"]
    assert _mapping(balancers)["idle_timeout.timeout_seconds"] == "60"
    assert _mapping(groups)["deregistration_delay.timeout_seconds"] == "300"
    assert _mapping(groups)["load_balancing.algorithm.type"] == "round_robin"
    assert _mapping(listeners)["routing.http.response.server.enabled"] == "true"


def test_target_group_and_listener_attributes_are_kept(client: Any, group: str, listener: str) -> None:
    kept = {
        "deregistration_delay.timeout_seconds": "10",
        "load_balancing.algorithm.type": "least_outstanding_requests",
        "stickiness.enabled": "true",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "60",
    }
    client.modify_target_group_attributes(TargetGroupArn=group, Attributes=_pairs(**kept))
    read = client.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    assert kept.items() <= _mapping(read).items()
    header = {"routing.http.response.x_frame_options.header_value": "DENY"}
    client.modify_listener_attributes(ListenerArn=listener, Attributes=_pairs(**header))
    read = client.describe_listener_attributes(ListenerArn=listener)["Attributes"]
    assert header.items() <= _mapping(read).items()


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("no.such.key", "x", "Load balancer attribute key 'no.such.key' is not recognized"),
        ("idle_timeout.timeout_seconds", "4001", "cannot be greater than 4000 characters"),
        ("idle_timeout.timeout_seconds", "0", "cannot be less than 1 characters"),
        ("client_keep_alive.seconds", "59", "must be an integer between 60 and 604800"),
        ("routing.http2.enabled", "yes", "must be 'true' or 'false', but was 'yes'"),
        ("routing.http.desync_mitigation_mode", "off", "must be one of [defensive, monitor, strictest]"),
        (
            "routing.http.xff_header_processing.mode",
            "drop",
            "must be set as 'preserve', 'append', or 'remove'",
        ),
        (
            "load_balancing.cross_zone.enabled",
            "false",
            "must always be 'true' for an Application Load Balancer",
        ),
        (
            "access_logs.s3.enabled",
            "true",
            "The key 'access_logs.s3.bucket' must set in order to enable access",
        ),
        ("access_logs.s3.bucket", "logs", "Access Denied for bucket: logs. Please check S3bucket permission"),
    ],
)
def test_a_load_balancers_bad_values_get_awss_text(key: str, value: str, text: str) -> None:
    with pytest.raises(Fault) as caught:
        attributes.changed_load_balancer({}, _pairs(**{key: value}))
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"no.such.key": "x"}, "Target group attribute key 'no.such.key' is not recognized"),
        (
            {"deregistration_delay.timeout_seconds": "3601"},
            "'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive",
        ),
        ({"slow_start.duration_seconds": "29"}, "must be between '30-900' inclusive"),
        ({"stickiness.lb_cookie.duration_seconds": "0"}, "must be between '1-604800' inclusive"),
        ({"stickiness.enabled": "1"}, "must be 'true' or 'false', but was '1'"),
        ({"stickiness.type": "source_ip"}, "Stickiness type 'source_ip' is not supported"),
        ({"stickiness.type": "app_cookie"}, "You must set an application cookie name"),
        ({"load_balancing.algorithm.type": "fastest"}, "'Load balancer algorithm' must be one of"),
        (
            {"load_balancing.algorithm.anomaly_mitigation": "on"},
            "anomaly mitigation and round robin algorithm",
        ),
        (
            {"slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "weighted_random"},
            "slow start and weighted random",
        ),
        (
            {"stickiness.enabled": "true", "load_balancing.algorithm.type": "weighted_random"},
            "stickiness and weighted random",
        ),
        (
            {"target_group_health.dns_failover.minimum_healthy_targets.percentage": "101"},
            "must be 'off' or an integer from 1 to 100 inclusive",
        ),
        (
            {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2"},
            "DNS failover threshold must be greater than or equal to",
        ),
    ],
)
def test_a_target_groups_bad_values_get_awss_text(values: dict[str, str], text: str) -> None:
    with pytest.raises(Fault) as caught:
        attributes.changed_target_group({}, _pairs(**values))
    assert text in caught.value.message


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("no.such.key", "x", "Listener attribute key 'no.such.key' is not recognized"),
        (
            "routing.http.request.x_amzn_tls_version.header_name",
            "X-Tls",
            "The provided listener attribute is not supported",
        ),
        (
            "routing.http.response.x_frame_options.header_value",
            "ALLOW",
            "must be from the following: [DENY, SAMEORIGIN], but was 'ALLOW'",
        ),
        ("routing.http.response.content_security_policy.header_value", "a\nb", "contains invalid characters"),
    ],
)
def test_a_listeners_bad_values_get_awss_text(key: str, value: str, text: str) -> None:
    with pytest.raises(Fault) as caught:
        attributes.changed_listener({}, _pairs(**{key: value}))
    assert text in caught.value.message


def test_a_key_comes_once(client: Any, refused: Any, balancer: str) -> None:
    twice = _pairs(**{"waf.fail_open.enabled": "true"}) * 2
    with refused("ValidationError", "has been specified more than once"):
        client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=twice)


def test_one_bad_value_changes_nothing(client: Any, refused: Any, group: str) -> None:
    values = {"deregistration_delay.timeout_seconds": "10", "stickiness.enabled": "perhaps"}
    with refused("ValidationError"):
        client.modify_target_group_attributes(TargetGroupArn=group, Attributes=_pairs(**values))
    read = client.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    assert _mapping(read)["deregistration_delay.timeout_seconds"] == "300"
