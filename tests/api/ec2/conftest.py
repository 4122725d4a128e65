"""A region with its default VPC, and an EC2 client for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import ec2
from tidegate.testing.api import Api, api_context
from tidegate.testing.clock import FakeClock

Refused = Callable[[str], AbstractContextManager[Any]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    context = api_context(clock)
    asyncio.run(ec2.ensure_defaults(context))
    return Api(context, [ec2.FRONT_END])


@pytest.fixture
def client(api: Api) -> Any:
    return api.client("ec2")


@pytest.fixture
def vpc(client: Any) -> str:
    """A VPC of the user's own."""
    return str(client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def subnet(client: Any, vpc: str) -> str:
    created = client.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")
    return str(created["Subnet"]["SubnetId"])


@pytest.fixture
def image(client: Any) -> str:
    return str(client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"])


@pytest.fixture
def refused() -> Refused:
    """Expects an AWS error of this code."""
    return lambda code: pytest.raises(ClientError, match=rf"\({code}\)")
