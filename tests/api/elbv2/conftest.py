"""A region with its default VPC, and clients for load balancers and their network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import ec2, elbv2
from tidegate.control.store.tables import CERTIFICATES, TRUST_STORES
from tidegate.domain.elbv2 import TrustStore
from tidegate.testing.api import ACCOUNT, REGION, Api, api_context
from tidegate.testing.clock import FakeClock
from tidegate.testing.load_balancers import a_certificate


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    context = api_context(clock)
    asyncio.run(ec2.ensure_defaults(context))
    return Api(context, [elbv2.FRONT_END, ec2.FRONT_END])


@pytest.fixture
def client(api: Api) -> Any:
    return api.client("elbv2")


@pytest.fixture
def network(api: Api) -> Any:
    return api.client("ec2")


@pytest.fixture
def vpc(network: Any) -> str:
    return str(network.describe_vpcs()["Vpcs"][0]["VpcId"])


@pytest.fixture
def subnets(network: Any) -> list[str]:
    """The default subnets, by zone."""
    found = network.describe_subnets()["Subnets"]
    return [subnet["SubnetId"] for subnet in sorted(found, key=lambda one: one["AvailabilityZone"])]


@pytest.fixture
def balancer(client: Any, subnets: list[str]) -> str:
    created = client.create_load_balancer(Name="shop", Subnets=subnets[:2])
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture
def make_group(client: Any, vpc: str) -> Callable[..., str]:
    """Creates a target group, by name."""

    def make(name: str = "web", **more: Any) -> str:
        arguments = {"Protocol": "HTTP", "Port": 5000, "VpcId": vpc, **more}
        created = client.create_target_group(Name=name, **arguments)
        return str(created["TargetGroups"][0]["TargetGroupArn"])

    return make


@pytest.fixture
def group(make_group: Callable[..., str]) -> str:
    return make_group()


@pytest.fixture
def make_listener(client: Any, balancer: str) -> Callable[..., str]:
    """Creates a listener with one action."""

    def make(action: dict[str, Any], port: int = 80) -> str:
        created = client.create_listener(
            LoadBalancerArn=balancer, Port=port, Protocol="HTTP", DefaultActions=[action]
        )
        return str(created["Listeners"][0]["ListenerArn"])

    return make


@pytest.fixture
def listener(make_listener: Callable[..., str], group: str) -> str:
    """Port 80, forwarding to `group`."""
    return make_listener({"Type": "forward", "TargetGroupArn": group})


@pytest.fixture
def make_rule(client: Any, listener: str) -> Callable[..., str]:
    """Creates a rule of `listener`: this path gets a fixed response."""

    def make(priority: int = 1, path: str = "/x", **more: Any) -> str:
        arguments: dict[str, Any] = {
            "ListenerArn": listener,
            "Conditions": [{"Field": "path-pattern", "Values": [path]}],
            "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}],
            **more,
        }
        created = client.create_rule(Priority=priority, **arguments)
        return str(created["Rules"][0]["RuleArn"])

    return make


@pytest.fixture
def make_certificate(api: Api) -> Callable[..., str]:
    """Puts an issued certificate into the store, by its domain name."""

    def make(domain: str = "shop.example.com", **more: Any) -> str:
        row = replace(a_certificate(domain), **more)
        asyncio.run(api.context.store.transact(lambda tx: tx.put(CERTIFICATES, row)))
        return row.arn

    return make


@pytest.fixture
def make_trust_store(api: Api) -> Callable[..., str]:
    """Puts an active trust store into the store."""

    def make(name: str = "partners", status: str = "ACTIVE") -> str:
        arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:truststore/{name}/0123456789abcdef"
        row = TrustStore(arn=arn, name=name, status=status, ca_pem="")
        asyncio.run(api.context.store.transact(lambda tx: tx.put(TRUST_STORES, row)))
        return arn

    return make


@pytest.fixture
def secure_listener(client: Any, balancer: str, make_certificate: Callable[..., str]) -> str:
    """Port 443 with a certificate, answering by itself."""
    created = client.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": make_certificate()}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    return str(created["Listeners"][0]["ListenerArn"])


@pytest.fixture
def instance(network: Any) -> str:
    """A running instance of the default VPC."""
    image = network.describe_images()["Images"][0]["ImageId"]
    started = network.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    return str(started["Instances"][0]["InstanceId"])


@pytest.fixture
def refused() -> Callable[..., AbstractContextManager[Any]]:
    """Expects an AWS error of this code, with this text when it is given."""
    return lambda code, text="": pytest.raises(ClientError, match=rf"\({code}\).*{text}")
