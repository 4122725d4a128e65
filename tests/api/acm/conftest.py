"""A region without certificates, and clients for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import acm
from tidegate.control.store.tables import CERTIFICATES, LISTENERS
from tidegate.domain.acm import Certificate
from tidegate.domain.elbv2 import Listener
from tidegate.testing.api import Api, api_context
from tidegate.testing.certificates import MadeCertificate, a_certificate
from tidegate.testing.clock import FakeClock

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(api_context(clock), [acm.FRONT_END])


@pytest.fixture
def client(api: Api) -> Any:
    return api.client("acm")


@pytest.fixture
def request_one(client: Any) -> Callable[..., str]:
    """Requests a certificate with an elliptic key, which is made at once."""

    def ask(domain: str = "example.com", **more: Any) -> str:
        given = {"ValidationMethod": "DNS", "KeyAlgorithm": "EC_prime256v1", **more}
        return str(client.request_certificate(DomainName=domain, **given)["CertificateArn"])

    return ask


@pytest.fixture
def import_one(client: Any) -> Callable[..., str]:
    def give(made: MadeCertificate | None = None, **more: Any) -> str:
        made = made or a_certificate("example.com")
        given = {"Certificate": made.pem, "PrivateKey": made.key_pem, **more}
        return str(client.import_certificate(**given)["CertificateArn"])

    return give


@pytest.fixture
def describe(client: Any) -> Callable[[str], dict[str, Any]]:
    def ask(arn: str) -> dict[str, Any]:
        found: dict[str, Any] = client.describe_certificate(CertificateArn=arn)["Certificate"]
        return found

    return ask


@pytest.fixture
def row_of(api: Api) -> Callable[[str], Certificate]:
    """What is kept of a certificate."""

    def get(arn: str) -> Certificate:
        row = api.context.store.snapshot.get(CERTIFICATES, arn)
        assert row is not None
        return row

    return get


@pytest.fixture
def use(api: Api) -> Callable[..., None]:
    """Has a listener use certificates."""

    def put(*arns: str) -> None:
        listener = Listener(
            arn="arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/1/2",
            load_balancer_arn=BALANCER,
            port=443,
            protocol="HTTPS",
            default_actions=(),
            created_at=api.context.clock.now(),
            certificate_arns=arns,
        )
        asyncio.run(api.context.store.transact(lambda tx: tx.put(LISTENERS, listener)))

    return put


@pytest.fixture
def refused() -> Callable[..., AbstractContextManager[Any]]:
    """Expects an AWS error of this code, with this text when it is given."""
    return lambda code, text="": pytest.raises(ClientError, match=rf"\({code}\).*{text}")
