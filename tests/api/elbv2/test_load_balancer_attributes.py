"""Attributes of load balancers: checked, stored, read back."""

from __future__ import annotations

import re
from typing import Any

import pytest

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
DEFAULTS = {
    **TERRAFORM,
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.prefix": "",
    "load_balancing.cross_zone.enabled": "true",
    "ddos_protection.syn_cookie.mode": "reactive",
}


def _pairs(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def _modify(client: Any, balancer: str, **values: str) -> dict[str, str]:
    answer = client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=_pairs(**values))
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def _read(client: Any, balancer: str) -> dict[str, str]:
    read = client.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    return {item["Key"]: item["Value"] for item in read}


@pytest.mark.proves("operation:DescribeLoadBalancerAttributes")
def test_every_default_is_described_before_anything_is_set(client: Any, balancer: str) -> None:
    assert _read(client, balancer) == DEFAULTS


def test_terraforms_attributes_are_accepted_and_all_are_answered(client: Any, balancer: str) -> None:
    assert _modify(client, balancer, **TERRAFORM) == DEFAULTS
    assert _read(client, balancer) == DEFAULTS


@pytest.mark.proves("operation:ModifyLoadBalancerAttributes")
def test_what_is_changed_is_read_back_and_the_rest_stays(client: Any, balancer: str) -> None:
    changes = {"routing.http2.enabled": "false", "client_keep_alive.seconds": "60"}
    assert _modify(client, balancer, **changes) == {**DEFAULTS, **changes}
    assert _read(client, balancer) == {**DEFAULTS, **changes}


def test_logs_go_to_a_bucket_under_a_prefix(client: Any, refused: Any, balancer: str) -> None:
    for name in ("access_logs", "connection_logs", "health_check_logs"):
        what = name.replace("_", " ")
        with refused("ValidationError", f"The key '{name}.s3.bucket' must set in order to enable {what}"):
            _modify(client, balancer, **{f"{name}.s3.enabled": "true"})
        with refused("ValidationError", f"The key '{name}.s3.bucket' must set"):
            _modify(client, balancer, **{f"{name}.s3.prefix": "shop"})
        logs = {
            f"{name}.s3.enabled": "true",
            f"{name}.s3.bucket": "logs.example",
            f"{name}.s3.prefix": "shop/one",
        }
        assert logs.items() <= _modify(client, balancer, **logs).items()


@pytest.mark.parametrize("bucket", ["..", "a", "Logs", "a/b", "-ab", "a..b", "x" * 64])
def test_a_bucket_that_cannot_be_is_one_that_cannot_be_written(
    client: Any, refused: Any, balancer: str, bucket: str
) -> None:
    text = re.escape(f"Access Denied for bucket: {bucket}. Please check S3bucket permission")
    with refused("InvalidConfigurationRequest", text):
        _modify(client, balancer, **{"access_logs.s3.bucket": bucket})


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("no.such.key", "x", "Load balancer attribute key 'no.such.key' is not recognized"),
        (
            "dns_record.client_routing_policy",
            "any_availability_zone",
            "Load balancer attribute key 'dns_record.client_routing_policy' is not recognized",
        ),
        ("idle_timeout.timeout_seconds", "4001", "cannot be greater than 4000 characters"),
        ("idle_timeout.timeout_seconds", "0", "cannot be less than 1 characters"),
        ("idle_timeout.timeout_seconds", "²", "cannot be less than 1 characters"),
        ("client_keep_alive.seconds", "59", "must be an integer between 60 and 604800"),
        ("client_keep_alive.seconds", "604801", "must be an integer between 60 and 604800"),
        (
            "routing.http2.enabled",
            "yes",
            "The value of 'routing.http2.enabled' must be 'true' or 'false', but was 'yes'",
        ),
        (
            "routing.http.desync_mitigation_mode",
            "off",
            "'routing.http.desync_mitigation_mode' must be one of [defensive, monitor, strictest]",
        ),
        (
            "routing.http.xff_header_processing.mode",
            "drop",
            "'routing.http.xff_header_processing.mode' must be set as 'preserve', 'append', or 'remove'",
        ),
        (
            "load_balancing.cross_zone.enabled",
            "false",
            "The value for 'load_balancing.cross_zone.enabled' must always be 'true' for an Application Load",
        ),
        ("access_logs.s3.prefix", "a/AWSLogs", "cannot contain 'AWSLogs'"),
        ("access_logs.s3.prefix", "a/../b", "contains invalid characters"),
        ("ddos_protection.syn_cookie.mode", "off", "must be one of [reactive]"),
    ],
)
@pytest.mark.proves("load-balancer-attribute:load_balancing.cross_zone.enabled")
def test_bad_values_get_awss_text(
    client: Any, refused: Any, balancer: str, key: str, value: str, text: str
) -> None:
    with refused("ValidationError", re.escape(text)):
        _modify(client, balancer, **{key: value})
    assert _read(client, balancer) == DEFAULTS


def test_a_key_for_ipv6_is_refused_so_that_terraform_leaves_it_out(
    client: Any, refused: Any, balancer: str
) -> None:
    """Its provider drops a key, and tries again, on a message of this form."""
    form = r"attribute key ('|\")?([^'\" ]+)('|\")? is not (recognized|supported)"
    with refused("InvalidConfigurationRequest", form):
        _modify(client, balancer, **{"ipv6.deny_all_igw_traffic": "true"})


def test_a_key_comes_once(client: Any, refused: Any, balancer: str) -> None:
    twice = _pairs(**{"waf.fail_open.enabled": "true"}) * 2
    with refused("ValidationError", "'waf.fail_open.enabled' has been specified more than once"):
        client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=twice)


def test_twenty_attributes_are_changed_at_once_at_most(client: Any, refused: Any, balancer: str) -> None:
    many = [{"Key": f"key.{number}", "Value": "x"} for number in range(21)]
    with refused("ValidationError", "Member must have length less than or equal to 20"):
        client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=many)
