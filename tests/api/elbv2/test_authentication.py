"""Actions that ask who the user is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.store.tables import LISTENERS, LOGIN_KEYS, RULES
from tidegate.testing.api import Api

ANSWER = {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "200"}}
PROVIDER = {
    "Issuer": "https://id.example.com",
    "AuthorizationEndpoint": "https://id.example.com/authorize",
    "TokenEndpoint": "https://id.example.com/token",
    "UserInfoEndpoint": "https://id.example.com:8443/userinfo",
    "ClientId": "shop",
}
POOL = {
    "UserPoolArn": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AbCdEf123",
    "UserPoolClientId": "shop",
    "UserPoolDomain": "shop-login",
}
SESSION = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
CHOSEN = {
    "SessionCookieName": "login",
    "Scope": "openid email",
    "SessionTimeout": 60,
    "AuthenticationRequestExtraParams": {"prompt": "login", "display": "page"},
    "OnUnauthenticatedRequest": "deny",
}

Add = Callable[..., dict[str, Any]]


def _oidc(**more: Any) -> dict[str, Any]:
    config = {**PROVIDER, "ClientSecret": "s3cret", **more}
    return {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": config}


def _cognito(**more: Any) -> dict[str, Any]:
    return {"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": {**POOL, **more}}


@pytest.fixture
def add(client: Any, secure_listener: str) -> Add:
    """Creates a rule that asks first, and describes it."""

    def add(*actions: dict[str, Any]) -> dict[str, Any]:
        created = client.create_rule(
            ListenerArn=secure_listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/private/*"]}],
            Actions=[*actions, ANSWER],
        )
        described: dict[str, Any] = created["Rules"][0]
        return described

    return add


def test_a_provider_is_described_with_its_defaults_and_without_its_secret(client: Any, add: Add) -> None:
    rule = add(_oidc())
    assert rule["Actions"][0] == {
        "Type": "authenticate-oidc",
        "Order": 1,
        "AuthenticateOidcConfig": {**PROVIDER, **SESSION},
    }
    assert client.describe_rules(RuleArns=[rule["RuleArn"]])["Rules"] == [rule]


def test_a_pool_is_described_with_its_defaults(add: Add) -> None:
    assert add(_cognito())["Actions"][0]["AuthenticateCognitoConfig"] == {**POOL, **SESSION}


@pytest.mark.parametrize("action", [_oidc(**CHOSEN), _cognito(**CHOSEN)], ids=["oidc", "cognito"])
def test_every_setting_of_a_session_is_kept(add: Add, action: dict[str, Any]) -> None:
    described = add(action)["Actions"][0]
    config = described.get("AuthenticateOidcConfig") or described["AuthenticateCognitoConfig"]
    assert CHOSEN.items() <= config.items()


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (_oidc(Issuer="http://id.example.com"), "The 'http://id.example.com' URL is not valid"),
        (_oidc(AuthorizationEndpoint="/authorize"), "The '/authorize' URL is not valid"),
        (_oidc(TokenEndpoint="https://"), "The 'https://' URL is not valid"),
        (_oidc(UserInfoEndpoint="https://a b"), "The 'https://a b' URL is not valid"),
        (_oidc(UserInfoEndpoint="https://a:99999/"), "The 'https://a:99999/' URL is not valid"),
        (_oidc(ClientId=""), "The 'client id' field must be between 1 and 1024 characters in length"),
        (_oidc(ClientId="x" * 1025), "The 'client id' field must be between 1 and 1024 characters in length"),
        (_oidc(ClientSecret=""), "The 'client secret' field must be between 1 and 1024"),
        (_oidc(ClientSecret="", UseExistingClientSecret=True), "There is no existing client secret to use"),
        (_oidc(SessionTimeout=0), "'Session timeout' value '0' must be between 1 and 604800 inclusive"),
        (
            _cognito(SessionTimeout=604801),
            "'Session timeout' value '604801' must be between 1 and 604800 inclusive",
        ),
        (
            _oidc(AuthenticationRequestExtraParams={f"p{number}": "x" for number in range(11)}),
            "You can specify up to 10 extra authentication request parameters",
        ),
        (_oidc(SessionCookieName="a;b"), "The session cookie name 'a;b' is not valid"),
        (_cognito(UserPoolArn="pool"), "'pool' is not a valid user pool ARN"),
        (
            _cognito(UserPoolArn=POOL["UserPoolArn"].replace("us-east-1", "eu-west-1")),
            "userpool/eu-west-1_AbCdEf123' is not a valid user pool ARN",
        ),
        (_cognito(UserPoolDomain="https://shop"), "'https://shop' is not a valid user pool domain"),
        (_cognito(UserPoolClientId=""), "The 'user pool client id' field must be between 1 and 1024"),
    ],
)
def test_what_cannot_authenticate_is_refused(
    add: Add, refused: Any, action: dict[str, Any], text: str
) -> None:
    with refused("InvalidLoadBalancerAction", text):
        add(action)


def test_what_the_model_bounds_is_refused_in_its_words(add: Add, refused: Any) -> None:
    with refused("ValidationError", "onUnauthenticatedRequest' failed to satisfy constraint"):
        add(_oidc(OnUnauthenticatedRequest="ask"))
    with refused("ValidationError", "you must specify the following fields: 'AuthenticateOidcConfig'"):
        add({"Type": "authenticate-oidc", "Order": 1})


def _secrets(api: Api) -> set[str]:
    rules = list(api.context.store.snapshot.all(RULES))
    rules += [listener.default_rule for listener in api.context.store.snapshot.all(LISTENERS)]
    actions = [action for rule in rules for action in rule.actions]
    return {action.authenticate_oidc.client_secret for action in actions if action.authenticate_oidc}


def test_a_change_may_keep_the_secret(api: Api, client: Any, refused: Any, add: Add) -> None:
    rule = add(_oidc())["RuleArn"]
    kept = _oidc(UseExistingClientSecret=True, Scope="openid email")
    del kept["AuthenticateOidcConfig"]["ClientSecret"]
    (changed,) = client.modify_rule(RuleArn=rule, Actions=[kept, ANSWER])["Rules"]
    assert changed["Actions"][0]["AuthenticateOidcConfig"]["Scope"] == "openid email"
    assert _secrets(api) == {"s3cret"}
    del kept["AuthenticateOidcConfig"]["UseExistingClientSecret"]
    with refused("InvalidLoadBalancerAction", "The 'client secret' field"):
        client.modify_rule(RuleArn=rule, Actions=[kept, ANSWER])
    client.modify_rule(RuleArn=rule, Actions=[_oidc(ClientSecret="other"), ANSWER])
    assert _secrets(api) == {"other"}


def test_a_default_action_may_keep_the_secret_too(api: Api, client: Any, secure_listener: str) -> None:
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[_oidc(), ANSWER])
    kept = _oidc(UseExistingClientSecret=True)
    del kept["AuthenticateOidcConfig"]["ClientSecret"]
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[kept, ANSWER])
    assert _secrets(api) == {"s3cret"}


def test_a_secret_is_in_no_printed_row(api: Api, add: Add) -> None:
    add(_oidc())
    (rule,) = api.context.store.snapshot.all(RULES)
    assert "id.example.com" in repr(rule)
    assert "s3cret" not in repr(rule)


def test_who_asks_is_found_out_once_and_before_the_rest(add: Add, refused: Any) -> None:
    text = "Action types 'authenticate-oidc,authenticate-cognito' cannot be specified together"
    with refused("ValidationError", text):
        add(_oidc(), _cognito())
    with refused("ValidationError", "An action of type 'fixed-response' must have a higher order than all"):
        add({**_oidc(), "Order": 2})


def test_an_answer_follows_who_asks(client: Any, refused: Any, secure_listener: str) -> None:
    with refused("ValidationError", "must be specified"):
        client.modify_listener(ListenerArn=secure_listener, DefaultActions=[_oidc()])


def test_actions_are_shown_in_their_order(client: Any, secure_listener: str) -> None:
    changed = client.modify_listener(ListenerArn=secure_listener, DefaultActions=[ANSWER, _oidc()])
    assert [one["Order"] for one in changed["Listeners"][0]["DefaultActions"]] == [1, 2]


@pytest.mark.parametrize("action", [_oidc(), _cognito()], ids=["oidc", "cognito"])
def test_who_asks_is_found_out_over_tls_only(
    client: Any, refused: Any, listener: str, secure_listener: str, action: dict[str, Any]
) -> None:
    text = f"Actions of type '{action['Type']}' are supported only on HTTPS listeners"
    with refused("InvalidLoadBalancerAction", text):
        client.modify_listener(ListenerArn=listener, DefaultActions=[action, ANSWER])
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[action, ANSWER])
    with refused("InvalidLoadBalancerAction", text):
        client.modify_listener(ListenerArn=secure_listener, Protocol="HTTP")


@pytest.mark.parametrize("action", [_oidc(), _cognito()], ids=["oidc", "cognito"])
def test_the_regions_keys_for_sessions_are_made_with_the_first_who_asks(
    api: Api, client: Any, add: Add, secure_listener: str, action: dict[str, Any]
) -> None:
    assert list(api.context.store.snapshot.all(LOGIN_KEYS)) == []
    add(action)
    [made] = api.context.store.snapshot.all(LOGIN_KEYS)
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[action, ANSWER])
    [kept] = api.context.store.snapshot.all(LOGIN_KEYS)
    assert kept == made
    assert made.secret not in repr(made)
