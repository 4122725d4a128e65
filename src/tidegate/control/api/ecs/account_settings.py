"""Account settings: every one has the value that AWS gives to a new account, or that which holds here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import page_of
from tidegate.control.api.honoured import honours
from tidegate.wire import Call, Operation

_SETTINGS = {
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "defaultLogDriverMode": "non-blocking",
    "fargateFIPSMode": "disabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "serviceLongArnFormat": "enabled",
    "tagResourceAuthorization": "off",
    "taskLongArnFormat": "enabled",
}


@honours("name", "value", "principalArn", "effectiveSettings", "nextToken", "maxResults")
async def list_account_settings(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The settings in effect. Nothing can be set, so that without `effectiveSettings` there is none."""
    parameters = call.parameters
    name, value = parameters.get("name"), parameters.get("value")
    if name is not None and name not in _SETTINGS:
        raise invalid(f"unknown should be one of [{','.join(_SETTINGS)}]")
    if value is not None and name is None:
        raise invalid("value needs name.")
    principal = parameters.get("principalArn") or f"arn:aws:iam::{context.settings.account}:root"
    found = [
        {"name": known, "value": set_to, "principalArn": principal, "type": _type(known)}
        for known, set_to in _SETTINGS.items()
        if parameters.get("effectiveSettings") and name in (None, known) and value in (None, set_to)
    ]
    page = page_of(found, parameters, key=lambda setting: str(setting["name"]), size=10, size_max=10)
    return {"settings": list(page.rows), "nextToken": page.next_token}


def _type(name: str) -> str:
    return "aws_managed" if name == "guardDutyActivate" else "user"


OPERATIONS: Mapping[str, Operation] = {
    "ListAccountSettings": Operation(list_account_settings, "the defaults: no setting can be changed"),
}
