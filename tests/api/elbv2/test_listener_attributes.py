"""Attributes of listeners: checked, stored, read back."""

from __future__ import annotations

import re
from typing import Any

import pytest

RESPONSE = "routing.http.response"
REQUEST = "routing.http.request"
DEFAULTS = {
    f"{RESPONSE}.server.enabled": "true",
    f"{RESPONSE}.strict_transport_security.header_value": "",
    f"{RESPONSE}.access_control_allow_origin.header_value": "",
    f"{RESPONSE}.access_control_allow_methods.header_value": "",
    f"{RESPONSE}.access_control_allow_headers.header_value": "",
    f"{RESPONSE}.access_control_allow_credentials.header_value": "",
    f"{RESPONSE}.access_control_expose_headers.header_value": "",
    f"{RESPONSE}.access_control_max_age.header_value": "",
    f"{RESPONSE}.content_security_policy.header_value": "",
    f"{RESPONSE}.x_content_type_options.header_value": "",
    f"{RESPONSE}.x_frame_options.header_value": "",
}
SECURE_DEFAULTS = {
    **DEFAULTS,
    f"{REQUEST}.x_amzn_mtls_clientcert.header_name": "X-Amzn-Mtls-Clientcert",
    f"{REQUEST}.x_amzn_mtls_clientcert_serial_number.header_name": "X-Amzn-Mtls-Clientcert-Serial-Number",
    f"{REQUEST}.x_amzn_mtls_clientcert_issuer.header_name": "X-Amzn-Mtls-Clientcert-Issuer",
    f"{REQUEST}.x_amzn_mtls_clientcert_subject.header_name": "X-Amzn-Mtls-Clientcert-Subject",
    f"{REQUEST}.x_amzn_mtls_clientcert_validity.header_name": "X-Amzn-Mtls-Clientcert-Validity",
    f"{REQUEST}.x_amzn_mtls_clientcert_leaf.header_name": "X-Amzn-Mtls-Clientcert-Leaf",
    f"{REQUEST}.x_amzn_tls_version.header_name": "X-Amzn-Tls-Version",
    f"{REQUEST}.x_amzn_tls_cipher_suite.header_name": "X-Amzn-Tls-Cipher-Suite",
}


def _modify(client: Any, listener: str, **values: str) -> dict[str, str]:
    pairs = [{"Key": key, "Value": value} for key, value in values.items()]
    answer = client.modify_listener_attributes(ListenerArn=listener, Attributes=pairs)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def _read(client: Any, listener: str) -> dict[str, str]:
    read = client.describe_listener_attributes(ListenerArn=listener)["Attributes"]
    return {item["Key"]: item["Value"] for item in read}


@pytest.mark.proves("operation:DescribeListenerAttributes")
def test_every_default_is_described_for_the_protocol(
    client: Any, listener: str, secure_listener: str
) -> None:
    assert _read(client, listener) == DEFAULTS
    assert _read(client, secure_listener) == SECURE_DEFAULTS


@pytest.mark.parametrize(
    "values",
    [
        {f"{RESPONSE}.server.enabled": "false"},
        {f"{RESPONSE}.strict_transport_security.header_value": "max-age=31536000; includeSubDomains"},
        {f"{RESPONSE}.access_control_allow_origin.header_value": "https://example.com"},
        {f"{RESPONSE}.access_control_allow_methods.header_value": "GET,PUT"},
        {f"{RESPONSE}.access_control_allow_headers.header_value": "*"},
        {f"{RESPONSE}.access_control_allow_credentials.header_value": "true"},
        {f"{RESPONSE}.access_control_expose_headers.header_value": "X-One, X-Two"},
        {f"{RESPONSE}.access_control_max_age.header_value": "600"},
        {f"{RESPONSE}.content_security_policy.header_value": "default-src 'self'"},
        {f"{RESPONSE}.x_content_type_options.header_value": "nosniff"},
        {f"{RESPONSE}.x_frame_options.header_value": "SAMEORIGIN"},
    ],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.proves("operation:ModifyListenerAttributes")
def test_values_are_kept_and_an_empty_one_is_the_default_again(
    client: Any, listener: str, values: dict[str, str]
) -> None:
    assert _modify(client, listener, **values) == {**DEFAULTS, **values}
    assert _read(client, listener) == {**DEFAULTS, **values}
    (key,) = values
    if not DEFAULTS[key]:
        assert _modify(client, listener, **{key: ""}) == DEFAULTS


@pytest.mark.parametrize("key", sorted(SECURE_DEFAULTS.keys() - DEFAULTS.keys()))
def test_secure_listeners_name_the_headers_that_targets_get(
    client: Any, refused: Any, listener: str, secure_listener: str, key: str
) -> None:
    assert _modify(client, secure_listener, **{key: "X-Mine_1"})[key] == "X-Mine_1"
    assert _modify(client, secure_listener, **{key: ""}) == SECURE_DEFAULTS
    with refused("ValidationError", "The provided listener attribute is not supported"):
        _modify(client, listener, **{key: "X-Mine"})


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("no.such.key", "x", "Listener attribute key 'no.such.key' is not recognized"),
        ("tcp.idle_timeout.seconds", "60", "The provided listener attribute is not supported"),
        (
            f"{RESPONSE}.server.enabled",
            "on",
            f"The value of '{RESPONSE}.server.enabled' must be 'true' or 'false', but was 'on'",
        ),
        (
            f"{RESPONSE}.x_frame_options.header_value",
            "ALLOW",
            f"The value of '{RESPONSE}.x_frame_options.header_value' must be from the following: "
            "[DENY, SAMEORIGIN], but was 'ALLOW'",
        ),
        (f"{RESPONSE}.x_content_type_options.header_value", "sniff", "from the following: [nosniff]"),
        (f"{RESPONSE}.access_control_allow_credentials.header_value", "false", "from the following: [true]"),
        (f"{RESPONSE}.content_security_policy.header_value", "a\nb", "contains invalid characters"),
        (f"{RESPONSE}.content_security_policy.header_value", 'a"b', "contains invalid characters"),
        (f"{RESPONSE}.content_security_policy.header_value", "x" * 1025, "contains invalid characters"),
        (f"{RESPONSE}.access_control_max_age.header_value", "1h", "contains invalid characters"),
        (
            f"{REQUEST}.x_amzn_tls_version.header_name",
            "X Tls",
            f"The value of '{REQUEST}.x_amzn_tls_version.header_name' contains invalid characters",
        ),
    ],
)
def test_bad_values_get_awss_text(
    client: Any, refused: Any, secure_listener: str, key: str, value: str, text: str
) -> None:
    with refused("ValidationError", re.escape(text)):
        _modify(client, secure_listener, **{key: value})
    assert _read(client, secure_listener) == SECURE_DEFAULTS


def test_a_key_comes_once(client: Any, refused: Any, listener: str) -> None:
    pair = {"Key": f"{RESPONSE}.server.enabled", "Value": "true"}
    with refused("ValidationError", "has been specified more than once"):
        client.modify_listener_attributes(ListenerArn=listener, Attributes=[pair, pair])
