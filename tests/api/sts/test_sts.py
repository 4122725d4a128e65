"""Who calls, and credentials that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import ecs, sts
from tidegate.testing.api import ACCESS_KEY, ACCOUNT, SECRET_KEY, Api, api_context
from tidegate.wire.session_tokens import issue


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


def test_a_session_has_the_rights_and_the_identity_of_the_key_that_asked_for_it() -> None:
    api = Api(api_context(), [sts.FRONT_END])
    client = api.client("sts")
    issued = client.get_session_token(DurationSeconds=900)["Credentials"]
    left = issued["Expiration"] - api.context.clock.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    session = api.client("sts", signer=issued)
    assert session.get_caller_identity()["UserId"] == client.get_caller_identity()["UserId"]


def test_a_session_cannot_ask_for_another() -> None:
    api = Api(api_context(), [sts.FRONT_END])
    session = api.client("sts", signer=api.client("sts").get_session_token()["Credentials"])
    with pytest.raises(ClientError, match="Cannot call GetSessionToken with session credentials"):
        session.get_session_token()


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [("sts", "get_caller_identity", "ExpiredToken"), ("ecs", "list_clusters", "ExpiredTokenException")],
)
def test_a_session_that_has_ended_is_refused_in_the_protocols_own_words(
    service: str, operation: str, code: str
) -> None:
    api = Api(api_context(), [sts.FRONT_END, ecs.FRONT_END])
    long_ago = issue(
        ACCESS_KEY,
        SECRET_KEY,
        chance="0" * 16,
        lifetime=timedelta(hours=1),
        now=datetime(2020, 1, 1, tzinfo=UTC),
    )
    ended = {
        "AccessKeyId": long_ago.access_key_id,
        "SecretAccessKey": long_ago.secret_key,
        "SessionToken": long_ago.token,
    }
    with pytest.raises(ClientError) as caught:
        getattr(api.client(service, signer=ended), operation)()
    assert caught.value.response["Error"]["Code"] == code


def test_no_device_answers_for_a_second_factor() -> None:
    client = Api(api_context(), [sts.FRONT_END]).client("sts")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_session_token(SerialNumber="arn:aws:iam::000000000000:mfa/me", TokenCode="123456")
