"""The STS front end: who the caller is, and credentials that end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.sessions import LIFETIME_DEFAULT
from tidegate.control.settings import USER_NAME
from tidegate.wire import Call, Fault, FrontEnd, Operation


async def get_caller_identity(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The installation's one user, whose id follows from the access key."""
    suffix = "".join(character for character in call.access_key_id if character.isalnum()).upper()
    return {
        "UserId": f"AIDA{suffix[-17:]:0>17}",
        "Account": context.settings.account,
        "Arn": context.arns.iam("user", USER_NAME),
    }


async def get_session_token(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Temporary credentials of the caller's key, with the caller's rights."""
    if call.is_session:
        raise Fault("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    if "SerialNumber" in call.parameters or "TokenCode" in call.parameters:
        raise Fault("AccessDenied", "MultiFactorAuthentication failed: the user has no MFA device.", 403)
    assert context.sessions is not None
    seconds = call.parameters.get("DurationSeconds", LIFETIME_DEFAULT.total_seconds())
    issued = context.sessions.issue(context.clock.now(), timedelta(seconds=seconds))
    return {
        "Credentials": {
            "AccessKeyId": issued.access_key_id,
            "SecretAccessKey": issued.secret_key,
            "SessionToken": issued.token,
            "Expiration": issued.expires_at,
        }
    }


FRONT_END = FrontEnd(
    service="sts",
    operations={
        "GetCallerIdentity": Operation(get_caller_identity),
        "GetSessionToken": Operation(get_session_token, "no MFA devices"),
    },
    refusals={"AssumeRole": "Tidegate knows one user, with the access key of `tidegate env`."},
)

__all__ = ["FRONT_END"]
