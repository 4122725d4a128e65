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
from tidegate.domain.elbv2.listener import Listener, listener_of_rule
from tidegate.domain.elbv2.load_balancer import LoadBalancer, ZoneMapping
from tidegate.domain.elbv2.rule import QueryStringPair, Rule, RuleCondition, RuleTransform
from tidegate.domain.elbv2.target import Target, TargetHealth
from tidegate.domain.elbv2.target_group import HealthCheck, TargetGroup

__all__ = [
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
    "LoginSession",
    "QueryStringPair",
    "RedirectConfig",
    "Rule",
    "RuleCondition",
    "RuleTransform",
    "Target",
    "TargetGroup",
    "TargetHealth",
    "WeightedTargetGroup",
    "ZoneMapping",
    "listener_of_rule",
    "target_groups_of",
]
