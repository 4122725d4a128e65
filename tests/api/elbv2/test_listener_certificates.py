"""Certificates that a listener chooses from by server name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.api.elbv2 import quotas

Make = Callable[..., str]


def _listed(client: Any, listener: str) -> list[tuple[str, bool]]:
    found = client.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    return [(one["CertificateArn"], one["IsDefault"]) for one in found]


def _add(client: Any, listener: str, arn: str) -> Any:
    return client.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])


def _remove(client: Any, listener: str, arn: str) -> None:
    client.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])


@pytest.mark.proves("operation:AddListenerCertificates", "operation:RemoveListenerCertificates")
def test_certificates_are_added_once_and_removed(
    client: Any, secure_listener: str, make_certificate: Make
) -> None:
    default, other = make_certificate(), make_certificate("other.example.com")
    answer = _add(client, secure_listener, other)["Certificates"]
    assert answer == [{"CertificateArn": other, "IsDefault": False}]
    _add(client, secure_listener, other)
    assert _listed(client, secure_listener) == [(default, True), (other, False)]
    _remove(client, secure_listener, other)
    _remove(client, secure_listener, other)
    assert _listed(client, secure_listener) == [(default, True)]


def test_the_default_certificate_may_be_in_the_list_too(
    client: Any, refused: Any, secure_listener: str, make_certificate: Make
) -> None:
    default = make_certificate()
    with refused("OperationNotPermitted", "Default certificate cannot be removed"):
        _remove(client, secure_listener, default)
    _add(client, secure_listener, default)
    assert _listed(client, secure_listener) == [(default, True), (default, False)]
    _remove(client, secure_listener, default)
    assert _listed(client, secure_listener) == [(default, True)]


def test_one_certificate_is_named_per_call(client: Any, refused: Any, secure_listener: str) -> None:
    two = [{"CertificateArn": "a"}, {"CertificateArn": "b"}]
    for call in (client.add_listener_certificates, client.remove_listener_certificates):
        with refused("ValidationError", "Up to '1' certificate ARNs can be specified, but '2' were"):
            call(ListenerArn=secure_listener, Certificates=two)
        with refused("ValidationError", "A certificate ARN must be specified"):
            call(ListenerArn=secure_listener, Certificates=[])


def test_a_certificate_must_exist_and_its_listener_be_secure(
    client: Any, refused: Any, listener: str, secure_listener: str, make_certificate: Make
) -> None:
    with refused("ValidationError", "A certificate cannot be specified for HTTP listeners"):
        _add(client, listener, make_certificate())
    assert _listed(client, listener) == []
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/none"
    with refused("CertificateNotFound", f"Certificate '{arn}' not found"):
        _add(client, secure_listener, arn)
    with refused("ListenerNotFound"):
        _add(client, secure_listener[:-1] + "x", make_certificate())


def test_a_load_balancer_has_twenty_five_certificates_beside_the_default_ones(
    client: Any,
    refused: Any,
    secure_listener: str,
    make_certificate: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert quotas.CERTIFICATES_MAX == 25
    monkeypatch.setattr(quotas, "CERTIFICATES_MAX", 1)
    _add(client, secure_listener, make_certificate("first.example.com"))
    with refused("TooManyCertificates", "reached the limit on the number of certificates"):
        _add(client, secure_listener, make_certificate("second.example.com"))
    assert len(_listed(client, secure_listener)) == 2


@pytest.mark.proves("operation:DescribeListenerCertificates")
def test_certificates_come_in_pages(client: Any, secure_listener: str, make_certificate: Make) -> None:
    others = [make_certificate(f"{letter}.example.com") for letter in "ab"]
    for arn in others:
        _add(client, secure_listener, arn)
    pages = client.get_paginator("describe_listener_certificates").paginate(
        ListenerArn=secure_listener, PaginationConfig={"PageSize": 2}
    )
    found = [[one["CertificateArn"] for one in page["Certificates"]] for page in pages]
    assert found == [[make_certificate(), others[0]], [others[1]]]
