"""An IAM client for an empty account."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import iam
from tidegate.testing.api import Api, api_context

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ],
    }
)


@pytest.fixture
def client() -> Any:
    return Api(api_context(), [iam.FRONT_END]).client("iam")


@pytest.fixture
def role(client: Any) -> str:
    client.create_role(RoleName="ecs", Path="/", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=3600)
    return "ecs"


@pytest.fixture
def refused() -> Callable[[str], AbstractContextManager[Any]]:
    """Expects an AWS error of this code."""
    return lambda code: pytest.raises(ClientError, match=rf"\({code}\)")
