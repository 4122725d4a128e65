"""What a listener does with a request: rules, each of conditions, checks of who asks, one action."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCondition:
    """All of a rule's conditions must hold, by any of their values. `field` is AWS's; `header_name` of an
    http-header; `queries` (key or None, value) of a query-string; patterns and CIDRs in AWS's notation."""

    field: str
    values: tuple[str, ...] = ()
    regex_values: tuple[str, ...] = ()
    header_name: str = ""
    queries: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAction:
    """`type`: forward, redirect or fixed-response. `target_groups`: (ARN, weight) pairs of a forward, with
    `stickiness_seconds` when clients stay with their group; `redirect`: status code, protocol, host, port,
    path, query; `fixed`: status, content type, body."""

    type: str
    target_groups: tuple[tuple[str, int], ...] = ()
    stickiness_seconds: int | None = None
    redirect: tuple[str, str, str, str, str, str] | None = None
    fixed: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAuthentication:
    """An authenticate-oidc action, or an authenticate-cognito with its pool's endpoints filled in.
    `on_unauthenticated`: authenticate, allow or deny."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    client_secret: str = field(repr=False)
    session_cookie_name: str = "AWSELBAuthSessionCookie"
    scope: str = "openid"
    session_timeout_seconds: int = 604800
    extra_parameters: tuple[tuple[str, str], ...] = ()
    on_unauthenticated: str = "authenticate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTokenValidation:
    """A jwt-validation action. `claims`: (name, format, values)."""

    jwks_endpoint: str
    issuer: str
    claims: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTransform:
    """`type`: host-header-rewrite or url-rewrite. `rewrites`: (regular expression, replacement)."""

    type: str
    rewrites: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRule:
    """`priority` 0 is the default rule's, which has no conditions."""

    arn: str
    priority: int = 0
    conditions: tuple[EdgeCondition, ...] = ()
    authentication: EdgeAuthentication | None = None
    token_validation: EdgeTokenValidation | None = None
    transforms: tuple[EdgeTransform, ...] = ()
    action: EdgeAction
