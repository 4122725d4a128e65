"""The nouns of Elastic Load Balancing v2."""

from tidegate.domain.elbv2.actions import (
    Action,
    AuthenticateCognitoConfig,
    AuthenticateOidcConfig,
    FixedResponseConfig,
    ForwardConfig,
    JwtClaim,
    JwtValidationConfig,
    LoginSession,
    RedirectConfig,
    WeightedTargetGroup,
    target_groups_of,
)
from tidegate.domain.elbv2.listener import Listener, MutualAuthentication, listener_of_rule
from tidegate.domain.elbv2.load_balancer import ALL_ZONES, LoadBalancer, ZoneMapping
from tidegate.domain.elbv2.login_keys import LoginKeys
from tidegate.domain.elbv2.rule import QueryStringPair, Rule, RuleCondition, RuleTransform
from tidegate.domain.elbv2.target import Target, TargetHealth
from tidegate.domain.elbv2.target_group import HealthCheck, TargetGroup
from tidegate.domain.elbv2.trust_store import Revocation, TrustStore

__all__ = [
    "ALL_ZONES",
    "Action",
    "AuthenticateCognitoConfig",
    "AuthenticateOidcConfig",
    "FixedResponseConfig",
    "ForwardConfig",
    "HealthCheck",
    "JwtClaim",
    "JwtValidationConfig",
    "Listener",
    "LoadBalancer",
    "LoginKeys",
    "LoginSession",
    "MutualAuthentication",
    "QueryStringPair",
    "RedirectConfig",
    "Revocation",
    "Rule",
    "RuleCondition",
    "RuleTransform",
    "Target",
    "TargetGroup",
    "TargetHealth",
    "TrustStore",
    "WeightedTargetGroup",
    "ZoneMapping",
    "listener_of_rule",
    "target_groups_of",
]
