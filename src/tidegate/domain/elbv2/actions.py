"""Actions of listeners and rules: what becomes of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ROUTING = ("forward", "redirect", "fixed-response")
"""The actions that end a list: each says where the request goes. The others come before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedTargetGroup:
    target_group_arn: str
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardConfig:
    target_groups: tuple[WeightedTargetGroup, ...]
    stickiness_enabled: bool = False
    stickiness_duration_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectConfig:
    status_code: str
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedResponseConfig:
    status_code: str
    content_type: str | None = None
    message_body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """What both ways to authenticate a user share. `on_unauthenticated_request`: authenticate, allow or
    deny."""

    cookie_name: str = "AWSELBAuthSessionCookie"
    scope: str = "openid"
    timeout_seconds: int = 604800
    extra_params: Mapping[str, str] = field(default_factory=dict)
    on_unauthenticated_request: str = "authenticate"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateOidcConfig:
    """`client_secret` is never described, and kept out of every printed row."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    client_secret: str = field(repr=False)
    session: LoginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateCognitoConfig:
    user_pool_arn: str
    user_pool_client_id: str
    user_pool_domain: str
    session: LoginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtClaim:
    """`format`: single-string, string-array or space-separated-values."""

    format: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtValidationConfig:
    jwks_endpoint: str
    issuer: str
    additional_claims: tuple[JwtClaim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Exactly one of the configurations is set, the one that `type` names."""

    type: str
    order: int | None = None
    forward: ForwardConfig | None = None
    redirect: RedirectConfig | None = None
    fixed_response: FixedResponseConfig | None = None
    authenticate_oidc: AuthenticateOidcConfig | None = None
    authenticate_cognito: AuthenticateCognitoConfig | None = None
    jwt_validation: JwtValidationConfig | None = None


def target_groups_of(actions: Iterable[Action]) -> tuple[str, ...]:
    """ARNs of the target groups that actions name, weight 0 included, each once."""
    found = (
        group.target_group_arn
        for action in actions
        if action.forward is not None
        for group in action.forward.target_groups
    )
    return tuple(dict.fromkeys(found))
