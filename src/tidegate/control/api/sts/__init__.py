"""The STS front end: who the caller is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.wire import Call, FrontEnd, Operation

USER_NAME = "tidegate"


async def get_caller_identity(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The installation's one user, whose id follows from the access key."""
    suffix = "".join(character for character in call.access_key_id if character.isalnum()).upper()
    return {
        "UserId": f"AIDA{suffix[-17:]:0>17}",
        "Account": context.settings.account,
        "Arn": context.arns.iam("user", USER_NAME),
    }


FRONT_END = FrontEnd(
    service="sts",
    operations={"GetCallerIdentity": Operation(get_caller_identity)},
    refusals={"AssumeRole": "Tidegate knows one user, with the access key of `tidegate env`."},
)

__all__ = ["FRONT_END"]
