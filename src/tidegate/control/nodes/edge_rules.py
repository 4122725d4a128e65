"""Rules of listeners, as balancers are told them."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.domain.arns import parse_arn
from tidegate.domain.elbv2 import (
    Action,
    AuthenticateCognitoConfig,
    AuthenticateOidcConfig,
    ForwardConfig,
    LoginSession,
    Rule,
    RuleCondition,
    RuleTransform,
)
from tidegate.domain.elbv2.actions import ROUTING
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeAuthentication,
    EdgeCondition,
    EdgeRule,
    EdgeTokenValidation,
    EdgeTransform,
)

_FIXED_CONTENT_TYPE = "text/plain"


def edge_rule(rule: Rule) -> EdgeRule:
    return EdgeRule(
        arn=rule.arn,
        priority=rule.priority or 0,
        conditions=tuple(_condition(condition) for condition in rule.conditions),
        authentication=_authentication(rule.actions),
        token_validation=_token_validation(rule.actions),
        transforms=tuple(_transform(transform) for transform in rule.transforms),
        action=next(_routing(action) for action in rule.actions if action.type in ROUTING),
    )


def _condition(condition: RuleCondition) -> EdgeCondition:
    return EdgeCondition(
        field=condition.field,
        values=condition.values,
        regex_values=condition.regex_values,
        header_name=condition.http_header_name or "",
        queries=tuple((pair.key, pair.value) for pair in condition.pairs),
    )


def _transform(transform: RuleTransform) -> EdgeTransform:
    return EdgeTransform(type=transform.type, rewrites=((transform.regex, transform.replace),))


def _routing(action: Action) -> EdgeAction:
    if action.redirect is not None:
        to = action.redirect
        redirect = (to.status_code, to.protocol, to.host, to.port, to.path, to.query)
        return EdgeAction(type=action.type, redirect=redirect)
    if action.fixed_response is not None:
        answer = action.fixed_response
        fixed = (answer.status_code, answer.content_type or _FIXED_CONTENT_TYPE, answer.message_body or "")
        return EdgeAction(type=action.type, fixed=fixed)
    assert action.forward is not None, "a routing action has its configuration"
    return _forward(action.forward)


def _forward(forward: ForwardConfig) -> EdgeAction:
    return EdgeAction(
        type="forward",
        target_groups=tuple((group.target_group_arn, group.weight) for group in forward.target_groups),
        stickiness_seconds=forward.stickiness_duration_seconds if forward.stickiness_enabled else None,
    )


def _authentication(actions: Sequence[Action]) -> EdgeAuthentication | None:
    for action in actions:
        if action.authenticate_oidc is not None:
            return _oidc(action.authenticate_oidc)
        if action.authenticate_cognito is not None:
            return _oidc(_pool(action.authenticate_cognito))
    return None


def _oidc(oidc: AuthenticateOidcConfig) -> EdgeAuthentication:
    session: LoginSession = oidc.session
    return EdgeAuthentication(
        issuer=oidc.issuer,
        authorization_endpoint=oidc.authorization_endpoint,
        token_endpoint=oidc.token_endpoint,
        user_info_endpoint=oidc.user_info_endpoint,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        session_cookie_name=session.cookie_name,
        scope=session.scope,
        session_timeout_seconds=session.timeout_seconds,
        extra_parameters=tuple(session.extra_params.items()),
        on_unauthenticated=session.on_unauthenticated_request,
    )


def _pool(cognito: AuthenticateCognitoConfig) -> AuthenticateOidcConfig:
    """A user pool as the OIDC provider that it is. Its client's secret is AWS's to know: a load balancer
    there asks Cognito for it."""
    arn = parse_arn(cognito.user_pool_arn)
    assert arn is not None, "only a user pool's ARN is taken"
    domain = cognito.user_pool_domain
    if "." not in domain:
        domain = f"{domain}.auth.{arn.region}.amazoncognito.com"
    pool_id = arn.resource.removeprefix("userpool/")
    return AuthenticateOidcConfig(
        issuer=f"https://cognito-idp.{arn.region}.amazonaws.com/{pool_id}",
        authorization_endpoint=f"https://{domain}/oauth2/authorize",
        token_endpoint=f"https://{domain}/oauth2/token",
        user_info_endpoint=f"https://{domain}/oauth2/userInfo",
        client_id=cognito.user_pool_client_id,
        client_secret="",
        session=cognito.session,
    )


def _token_validation(actions: Sequence[Action]) -> EdgeTokenValidation | None:
    for action in actions:
        if action.jwt_validation is not None:
            jwt = action.jwt_validation
            claims = tuple((claim.name, claim.format, claim.values) for claim in jwt.additional_claims)
            return EdgeTokenValidation(jwks_endpoint=jwt.jwks_endpoint, issuer=jwt.issuer, claims=claims)
    return None
