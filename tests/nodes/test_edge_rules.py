"""What balancers are told of rules."""

from __future__ import annotations

import pytest

from tidegate.control.nodes.edge_rules import edge_rule
from tidegate.domain.elbv2 import (
    Action,
    AuthenticateCognitoConfig,
    AuthenticateOidcConfig,
    FixedResponseConfig,
    ForwardConfig,
    JwtClaim,
    JwtValidationConfig,
    LoginSession,
    QueryStringPair,
    RedirectConfig,
    RuleCondition,
    RuleTransform,
    WeightedTargetGroup,
)
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeAuthentication,
    EdgeCondition,
    EdgeTokenValidation,
    EdgeTransform,
)
from tidegate.testing.load_balancers import a_rule

SESSION = LoginSession(
    cookie_name="login",
    scope="openid email",
    timeout_seconds=60,
    extra_params={"prompt": "login"},
    on_unauthenticated_request="deny",
)
FIXED = Action(type="fixed-response", order=2, fixed_response=FixedResponseConfig(status_code="503"))


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (
            RuleCondition(field="host-header", values=("*.example.com", "a.b")),
            EdgeCondition(field="host-header", values=("*.example.com", "a.b")),
        ),
        (
            RuleCondition(field="path-pattern", regex_values=("^/v[12]",)),
            EdgeCondition(field="path-pattern", regex_values=("^/v[12]",)),
        ),
        (
            RuleCondition(field="http-header", http_header_name="X-Version", values=("2",)),
            EdgeCondition(field="http-header", header_name="X-Version", values=("2",)),
        ),
        (
            RuleCondition(
                field="query-string",
                pairs=(QueryStringPair(key="v", value="2"), QueryStringPair(value="x*")),
            ),
            EdgeCondition(field="query-string", queries=(("v", "2"), (None, "x*"))),
        ),
    ],
    ids=lambda given: given.field,
)
def test_conditions_are_told_in_awss_notation(condition: RuleCondition, told: EdgeCondition) -> None:
    assert edge_rule(a_rule(conditions=(condition,))).conditions == (told,)


def test_a_forward_is_told_with_its_weights_and_how_long_clients_stay() -> None:
    groups = (
        WeightedTargetGroup(target_group_arn="blue", weight=9),
        WeightedTargetGroup(target_group_arn="green", weight=0),
    )
    kept = ForwardConfig(target_groups=groups, stickiness_enabled=True, stickiness_duration_seconds=3600)
    free = ForwardConfig(target_groups=groups, stickiness_enabled=False, stickiness_duration_seconds=3600)
    weights = (("blue", 9), ("green", 0))
    assert edge_rule(a_rule(1, Action(type="forward", forward=kept))).action == EdgeAction(
        type="forward", target_groups=weights, stickiness_seconds=3600
    )
    assert edge_rule(a_rule(1, Action(type="forward", forward=free))).action == EdgeAction(
        type="forward", target_groups=weights
    )


def test_what_the_load_balancer_answers_itself_is_told_whole() -> None:
    redirect = RedirectConfig(status_code="HTTP_301", protocol="HTTPS", port="443")
    assert edge_rule(a_rule(1, Action(type="redirect", redirect=redirect))).action == EdgeAction(
        type="redirect",
        redirect=("HTTP_301", "HTTPS", "#{host}", "443", "/#{path}", "#{query}"),
    )
    assert edge_rule(a_rule(1, FIXED)).action == EdgeAction(
        type="fixed-response", fixed=("503", "text/plain", "")
    )


def test_transforms_are_told() -> None:
    transform = RuleTransform(type="url-rewrite", regex="^/old", replace="/new")
    assert edge_rule(a_rule(transforms=(transform,))).transforms == (
        EdgeTransform(type="url-rewrite", rewrites=(("^/old", "/new"),)),
    )


def test_a_provider_is_told_with_the_secret() -> None:
    oidc = AuthenticateOidcConfig(
        issuer="https://id",
        authorization_endpoint="https://id/authorize",
        token_endpoint="https://id/token",
        user_info_endpoint="https://id/userinfo",
        client_id="shop",
        client_secret="s3cret",
        session=SESSION,
    )
    rule = edge_rule(a_rule(1, Action(type="authenticate-oidc", order=1, authenticate_oidc=oidc), FIXED))
    assert rule.action.type == "fixed-response"
    assert rule.authentication == EdgeAuthentication(
        issuer="https://id",
        authorization_endpoint="https://id/authorize",
        token_endpoint="https://id/token",
        user_info_endpoint="https://id/userinfo",
        client_id="shop",
        client_secret="s3cret",
        session_cookie_name="login",
        scope="openid email",
        session_timeout_seconds=60,
        extra_parameters=(("prompt", "login"),),
        on_unauthenticated="deny",
    )


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("shop-login", "shop-login.auth.eu-west-1.amazoncognito.com"),
        ("login.example.com", "login.example.com"),
    ],
)
@pytest.mark.proves("action:authenticate-cognito")
def test_a_pool_is_told_as_the_provider_that_it_is(domain: str, host: str) -> None:
    cognito = AuthenticateCognitoConfig(
        user_pool_arn="arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbC",
        user_pool_client_id="shop",
        user_pool_domain=domain,
        session=SESSION,
    )
    action = Action(type="authenticate-cognito", order=1, authenticate_cognito=cognito)
    told = edge_rule(a_rule(1, action, FIXED)).authentication
    assert told is not None
    assert told.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC"
    assert told.authorization_endpoint == f"https://{host}/oauth2/authorize"
    assert told.token_endpoint == f"https://{host}/oauth2/token"
    assert told.user_info_endpoint == f"https://{host}/oauth2/userInfo"
    assert (told.client_id, told.client_secret, told.scope) == ("shop", "", "openid email")


def test_a_validation_is_told_with_its_claims() -> None:
    jwt = JwtValidationConfig(
        jwks_endpoint="https://id/jwks",
        issuer="id",
        additional_claims=(JwtClaim(format="single-string", name="aud", values=("shop",)),),
    )
    rule = edge_rule(a_rule(1, Action(type="jwt-validation", order=1, jwt_validation=jwt), FIXED))
    assert rule.token_validation == EdgeTokenValidation(
        jwks_endpoint="https://id/jwks", issuer="id", claims=(("aud", "single-string", ("shop",)),)
    )
    assert rule.authentication is None
