"""Account settings: what a whole account, or one of its users or roles, chose once for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What holds where nobody chose: AWS's values for a new account, or that which holds here. No request is
# authorised by its tags.
SETTING_DEFAULTS: Mapping[str, str] = {
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "defaultLogDriverMode": "non-blocking",
    "fargateEventWindows": "disabled",
    "fargateFIPSMode": "disabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "serviceLongArnFormat": "enabled",
    "tagResourceAuthorization": "off",
    "taskLongArnFormat": "enabled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSetting:
    """A value that a principal was given. What the account's root was given holds for everybody without a
    value of their own."""

    name: str
    value: str
    principal_arn: str

    @property
    def key(self) -> str:
        return setting_key(self.principal_arn, self.name)


def setting_key(principal_arn: str, name: str) -> str:
    return f"{principal_arn} {name}"
