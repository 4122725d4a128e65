"""Who calls."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import sts
from tidegate.testing.api import ACCOUNT, Api, api_context


def test_the_caller_is_the_installations_user() -> None:
    client = Api(api_context(), [sts.FRONT_END]).client("sts")
    identity = client.get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/tidegate"
    assert identity["UserId"].startswith("AIDA")
    assert len(identity["UserId"]) == 21


def test_other_identities_are_refused_by_name() -> None:
    client = Api(api_context(), [sts.FRONT_END]).client("sts")
    with pytest.raises(ClientError, match="AssumeRole"):
        client.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy", RoleSessionName="deploy")
