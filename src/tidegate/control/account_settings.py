"""Account settings in the store, as the API shows them and as what they govern reads them."""

from __future__ import annotations

from tidegate.control.settings import USER_NAME
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import ACCOUNT_SETTINGS
from tidegate.domain.arns import ArnMaker
from tidegate.domain.ecs import SETTING_DEFAULTS, AccountSetting, setting_key


def root_arn(account: str) -> str:
    """The principal whose settings are the account's defaults."""
    return ArnMaker(region="", account=account).iam("root", "", path="")


def user_arn(account: str) -> str:
    """The principal that signs every request."""
    return ArnMaker(region="", account=account).iam("user", USER_NAME)


def own_setting(state: Snapshot | Transaction, principal_arn: str, name: str) -> AccountSetting | None:
    return state.get(ACCOUNT_SETTINGS, setting_key(principal_arn, name))


def setting_in_effect(
    state: Snapshot | Transaction, account: str, name: str, principal_arn: str | None = None
) -> AccountSetting:
    """The principal's own value, else the account's, else the default, which is shown as the account's.
    `principal_arn` None: whoever signs requests."""
    root = root_arn(account)
    own = own_setting(state, principal_arn or user_arn(account), name)
    default = AccountSetting(name=name, value=SETTING_DEFAULTS[name], principal_arn=root)
    return own or own_setting(state, root, name) or default
