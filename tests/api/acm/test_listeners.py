"""Certificates and HTTPS listeners together: what is requested serves at once, and what serves stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.api import acm, ec2, elbv2
from tidegate.testing.api import Api, api_context
from tidegate.testing.certificates import a_certificate, an_authority
from tidegate.testing.clock import FakeClock


@pytest.fixture
def api(clock: FakeClock) -> Api:
    context = api_context(clock)
    asyncio.run(ec2.ensure_defaults(context))
    return Api(context, [acm.FRONT_END, elbv2.FRONT_END, ec2.FRONT_END])


@pytest.fixture
def balancing(api: Api) -> Any:
    return api.client("elbv2")


@pytest.fixture
def balancer(api: Api, balancing: Any) -> str:
    subnets = [one["SubnetId"] for one in api.client("ec2").describe_subnets()["Subnets"][:2]]
    return str(
        balancing.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    )


@pytest.fixture
def serve(balancing: Any, balancer: str) -> Callable[[str], str]:
    def create(certificate: str) -> str:
        created = balancing.create_listener(
            LoadBalancerArn=balancer,
            Port=443,
            Protocol="HTTPS",
            Certificates=[{"CertificateArn": certificate}],
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
        )
        return str(created["Listeners"][0]["ListenerArn"])

    return create


def test_a_requested_certificate_serves_at_once_and_is_in_use(
    client: Any,
    balancing: Any,
    balancer: str,
    request_one: Callable[..., str],
    serve: Callable[[str], str],
    describe: Callable[[str], dict[str, Any]],
    refused: Any,
) -> None:
    default, other = request_one("shop.example"), request_one("www.shop.example")
    listener = serve(default)
    balancing.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    for arn in (default, other):
        assert describe(arn)["InUseBy"] == [balancer]
        with refused("ResourceInUseException"):
            client.delete_certificate(CertificateArn=arn)
    balancing.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    client.delete_certificate(CertificateArn=other)
    balancing.delete_listener(ListenerArn=listener)
    client.delete_certificate(CertificateArn=default)
    with refused("CertificateNotFound"):
        serve(default)


def test_an_imported_certificate_without_a_name_is_not_served(
    import_one: Callable[..., str], serve: Callable[[str], str], refused: Any
) -> None:
    arn = import_one(a_certificate(common_name="", issuer=an_authority()))
    with refused("UnsupportedCertificate", "must have a fully-qualified domain name"):
        serve(arn)
