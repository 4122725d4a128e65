"""Account settings: for the account, or for one of its users and roles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tidegate.control.account_settings import own_setting, root_arn, setting_in_effect, user_arn
from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import page_of
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import ACCOUNT_SETTINGS
from tidegate.domain.arns import parse_arn
from tidegate.domain.ecs import SETTING_DEFAULTS, AccountSetting
from tidegate.wire import Call, Operation

_SWITCH = ("enabled", "disabled")
_LONG_ARNS = ("containerInstanceLongArnFormat", "serviceLongArnFormat", "taskLongArnFormat")
_VALUES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(SETTING_DEFAULTS, _SWITCH),
    "containerInsights": (*_SWITCH, "enhanced"),
    "defaultLogDriverMode": ("blocking", "non-blocking"),
    "fargateTaskRetirementWaitPeriod": ("0", "7", "14"),
    "tagResourceAuthorization": ("on", "off"),
}
# Amazon GuardDuty's, on AWS: nobody else writes it.
_MANAGED = "guardDutyActivate"
# IAM's: a path of at most 512 characters with its slashes, and a name of at most 64.
_PRINCIPAL = re.compile(r"root|(user|role)/([\x21-\x7e]{0,510}/)?[\w+=,.@-]{1,64}", re.ASCII)
_FOR_ROOT_ALONE = "fargateTaskRetirementWaitPeriod"


@honours("name", "value", "principalArn")
async def put_account_setting(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Set it for a principal: the caller, unless one is named; the root stands for the account."""
    name, principal = _name(call), _principal(context, call)
    if name == _FOR_ROOT_ALONE and principal != root_arn(context.settings.account):
        raise invalid(f"You must use the root user when you set {name}.")
    return await _put(context, call, principal)


@honours("name", "value")
async def put_account_setting_default(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Set it for everybody who has no value of their own."""
    return await _put(context, call, root_arn(context.settings.account))


@honours("name", "principalArn")
async def delete_account_setting(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Take a principal's value back; the answer is what holds for it from now on."""
    name, principal = _writable(call), _principal(context, call)

    def delete(tx: Transaction) -> AccountSetting:
        own = own_setting(tx, principal, name)
        if own is not None:
            tx.delete(ACCOUNT_SETTINGS, own.key)
        return setting_in_effect(tx, context.settings.account, name, principal)

    left = await context.store.transact(delete)
    return {"setting": {**_view(left), "principalArn": principal}}


@honours("name", "value", "principalArn", "effectiveSettings", "nextToken", "maxResults")
async def list_account_settings(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """A principal's own values; with `effectiveSettings` what holds for it, and whose value that is."""
    parameters, state = call.parameters, context.store.snapshot
    name, value = parameters.get("name"), parameters.get("value")
    if name is not None:
        _name(call)
    elif value is not None:
        raise invalid("value needs name.")
    principal = _principal(context, call)
    rows = (
        setting_in_effect(state, context.settings.account, known, principal)
        if parameters.get("effectiveSettings")
        else own_setting(state, principal, known)
        for known in SETTING_DEFAULTS
        if name in (None, known)
    )
    found = [_view(row) for row in rows if row is not None and value in (None, row.value)]
    page = page_of(found, parameters, key=lambda setting: setting["name"], size=10, size_max=10)
    return {"settings": list(page.rows), "nextToken": page.next_token}


async def _put(context: ApiContext, call: Call, principal_arn: str) -> Mapping[str, Any]:
    name, value = _writable(call), call.parameters["value"]
    if name in _LONG_ARNS and value == "disabled":
        raise invalid("You can no longer disable Long Arn settings")
    if value not in _VALUES[name]:
        raise invalid("Invalid setting 'value'")
    row = AccountSetting(name=name, value=value, principal_arn=principal_arn)
    await context.store.transact(lambda tx: tx.put(ACCOUNT_SETTINGS, row))
    return {"setting": _view(row)}


def _name(call: Call) -> str:
    name: str = call.parameters["name"]
    if name not in SETTING_DEFAULTS:
        raise invalid(f"unknown should be one of [{','.join(SETTING_DEFAULTS)}]")
    return name


def _writable(call: Call) -> str:
    name = _name(call)
    if name == _MANAGED:
        raise invalid(f"{name} is read-only: Amazon GuardDuty controls it.")
    return name


def _principal(context: ApiContext, call: Call) -> str:
    """The root, a user or a role of this account."""
    named = call.parameters.get("principalArn")
    if not named:
        return user_arn(context.settings.account)
    arn = parse_arn(named)
    is_ours = arn is not None and (arn.service, arn.account) == ("iam", context.settings.account)
    if arn is None or not is_ours or not _PRINCIPAL.fullmatch(arn.resource):
        raise invalid("Invalid principalArn: it must be the root user, a user or a role of this account.")
    return str(named)


def _view(row: AccountSetting) -> dict[str, str]:
    return {
        "name": row.name,
        "value": row.value,
        "principalArn": row.principal_arn,
        "type": "aws_managed" if row.name == _MANAGED else "user",
    }


OPERATIONS: Mapping[str, Operation] = {
    "PutAccountSetting": Operation(put_account_setting, "see differences.md for those without effect"),
    "PutAccountSettingDefault": Operation(
        put_account_setting_default, "see differences.md for those without effect"
    ),
    "DeleteAccountSetting": Operation(delete_account_setting),
    "ListAccountSettings": Operation(list_account_settings),
}
