"""TLS policies."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.domain.elbv2.ssl_policies import SSL_POLICIES

RSA = ["AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA", "AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA"]


def _policy(client: Any, name: str) -> dict[str, Any]:
    (found,) = client.describe_ssl_policies(Names=[name])["SslPolicies"]
    described: dict[str, Any] = found
    return described


def _ciphers(name: str) -> list[str]:
    return list(SSL_POLICIES[f"ELBSecurityPolicy-{name}"].ciphers)


def test_the_default_policy_is_described_with_its_ciphers_by_preference(client: Any) -> None:
    found = _policy(client, "ELBSecurityPolicy-2016-08")
    assert found["SslProtocols"] == ["TLSv1.2", "TLSv1.1", "TLSv1"]
    assert found["SupportedLoadBalancerTypes"] == ["application"]
    assert [one["Priority"] for one in found["Ciphers"]] == list(range(1, 19))
    assert [one["Name"] for one in found["Ciphers"]] == [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA",
        "ECDHE-ECDSA-AES256-SHA",
        *RSA,
    ]


@pytest.mark.parametrize(
    ("name", "protocols"),
    [
        ("TLS13-1-3-2021-06", ["TLSv1.3"]),
        ("TLS13-1-2-Res-2021-06", ["TLSv1.3", "TLSv1.2"]),
        ("TLS13-1-1-2021-06", ["TLSv1.3", "TLSv1.2", "TLSv1.1"]),
        ("TLS13-1-0-2021-06", ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"]),
        ("TLS-1-2-2017-01", ["TLSv1.2"]),
        ("FS-1-1-2019-08", ["TLSv1.2", "TLSv1.1"]),
    ],
)
def test_a_policy_says_which_protocols_it_speaks(client: Any, name: str, protocols: list[str]) -> None:
    assert _policy(client, f"ELBSecurityPolicy-{name}")["SslProtocols"] == protocols


def test_policies_nest() -> None:
    tls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    assert _ciphers("TLS13-1-3-2021-06") == tls13
    assert _ciphers("TLS13-1-2-Res-2021-06") == tls13 + _ciphers("FS-1-2-Res-2020-10")
    assert _ciphers("TLS13-1-2-2021-06") == tls13 + _ciphers("FS-1-2-Res-2019-08")
    assert _ciphers("TLS13-1-2-Ext2-2021-06") == tls13 + _ciphers("2016-08")
    assert _ciphers("2016-08") == _ciphers("FS-2018-06") + RSA
    assert _ciphers("TLS-1-0-2015-04") == [*_ciphers("2016-08"), "DES-CBC3-SHA"]


def test_policies_for_governments_leave_out_chacha() -> None:
    for name, policy in SSL_POLICIES.items():
        assert ("TLS_CHACHA20_POLY1305_SHA256" in policy.ciphers) == (
            "TLS13" in name and not policy.is_fips
        ), name


@pytest.mark.proves("operation:DescribeSSLPolicies")
def test_all_policies_are_listed_in_pages(client: Any) -> None:
    pages = client.get_paginator("describe_ssl_policies").paginate(PaginationConfig={"PageSize": 20})
    found = [[one["Name"] for one in page["SslPolicies"]] for page in pages]
    assert [len(page) for page in found] == [20, len(SSL_POLICIES) - 20]
    assert {name for page in found for name in page} == set(SSL_POLICIES)


def test_policies_are_for_application_load_balancers(client: Any) -> None:
    assert client.describe_ssl_policies(LoadBalancerType="application")["SslPolicies"]
    assert client.describe_ssl_policies(LoadBalancerType="network")["SslPolicies"] == []


def test_an_unknown_policy_fails_the_call(client: Any, refused: Any) -> None:
    with refused("SSLPolicyNotFound", "SSL policy 'strong' not found"):
        client.describe_ssl_policies(Names=["ELBSecurityPolicy-2016-08", "strong"])
