"""Actions that ask who the user is: authenticate-oidc and authenticate-cognito."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.elbv2.urls import https_url
from tidegate.domain.elbv2 import AuthenticateCognitoConfig, AuthenticateOidcConfig, LoginSession

_FIELD_LENGTH_MAX = 1024
_EXTRA_PARAMS_MAX = 10
_SESSION_SECONDS_MAX = 604800
_DEFAULTS = LoginSession()
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

Given = Mapping[str, Any]


def parse_oidc(config: Given, before: AuthenticateOidcConfig | None) -> AuthenticateOidcConfig:
    """`before`: the configuration that a change replaces, whose secret may stay."""
    return AuthenticateOidcConfig(
        issuer=https_url(config["Issuer"]),
        authorization_endpoint=https_url(config["AuthorizationEndpoint"]),
        token_endpoint=https_url(config["TokenEndpoint"]),
        user_info_endpoint=https_url(config["UserInfoEndpoint"]),
        client_id=_field("client id", config["ClientId"]),
        client_secret=_secret(config, before),
        session=_session(config),
    )


def _secret(config: Given, before: AuthenticateOidcConfig | None) -> str:
    given = config.get("ClientSecret")
    if not given and config.get("UseExistingClientSecret"):
        if before is None:
            # AWS's words are not known.
            raise faults.invalid_action("There is no existing client secret to use")
        return before.client_secret
    return _field("client secret", given or "")


def _field(name: str, value: str) -> str:
    if not 1 <= len(value) <= _FIELD_LENGTH_MAX:
        text = f"The '{name}' field must be between 1 and {_FIELD_LENGTH_MAX} characters in length"
        raise faults.invalid_action(text)
    return value


def parse_cognito(config: Given, region: str) -> AuthenticateCognitoConfig:
    arn, domain = config["UserPoolArn"], config["UserPoolDomain"]
    # Whether there is such a pool is AWS's to know.
    if not re.fullmatch(rf"arn:[\w-]+:cognito-idp:{region}:\d{{12}}:userpool/{region}_\w+", arn, re.ASCII):
        raise faults.invalid_action(f"'{arn}' is not a valid user pool ARN")
    if not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", domain):
        # By analogy: AWS's words are not known.
        raise faults.invalid_action(f"'{domain}' is not a valid user pool domain")
    return AuthenticateCognitoConfig(
        user_pool_arn=arn,
        user_pool_client_id=_field("user pool client id", config["UserPoolClientId"]),
        user_pool_domain=domain,
        session=_session(config),
    )


def _session(config: Given) -> LoginSession:
    """What both kinds share, with AWS's defaults."""
    params = dict(config.get("AuthenticationRequestExtraParams") or {})
    if len(params) > _EXTRA_PARAMS_MAX:
        text = f"You can specify up to {_EXTRA_PARAMS_MAX} extra authentication request parameters"
        raise faults.invalid_action(text)
    seconds = config.get("SessionTimeout", _DEFAULTS.timeout_seconds)
    if not 1 <= seconds <= _SESSION_SECONDS_MAX:
        raise faults.invalid_action(
            f"'Session timeout' value '{seconds}' must be between 1 and {_SESSION_SECONDS_MAX} inclusive"
        )
    cookie_name = config.get("SessionCookieName") or _DEFAULTS.cookie_name
    if not _COOKIE_NAME.fullmatch(cookie_name):
        # AWS's words are not known.
        raise faults.invalid_action(f"The session cookie name '{cookie_name}' is not valid")
    return LoginSession(
        cookie_name=cookie_name,
        scope=config.get("Scope") or _DEFAULTS.scope,
        timeout_seconds=seconds,
        extra_params=params,
        on_unauthenticated_request=config.get("OnUnauthenticatedRequest")
        or _DEFAULTS.on_unauthenticated_request,
    )


def oidc_view(oidc: AuthenticateOidcConfig) -> dict[str, Any]:
    """Everything but the secret."""
    return {
        "Issuer": oidc.issuer,
        "AuthorizationEndpoint": oidc.authorization_endpoint,
        "TokenEndpoint": oidc.token_endpoint,
        "UserInfoEndpoint": oidc.user_info_endpoint,
        "ClientId": oidc.client_id,
        **_session_view(oidc.session),
    }


def cognito_view(cognito: AuthenticateCognitoConfig) -> dict[str, Any]:
    return {
        "UserPoolArn": cognito.user_pool_arn,
        "UserPoolClientId": cognito.user_pool_client_id,
        "UserPoolDomain": cognito.user_pool_domain,
        **_session_view(cognito.session),
    }


def _session_view(session: LoginSession) -> dict[str, Any]:
    return {
        "SessionCookieName": session.cookie_name,
        "Scope": session.scope,
        "SessionTimeout": session.timeout_seconds,
        "AuthenticationRequestExtraParams": dict(session.extra_params) or None,
        "OnUnauthenticatedRequest": session.on_unauthenticated_request,
    }
