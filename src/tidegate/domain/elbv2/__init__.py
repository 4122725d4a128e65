"""The nouns of Elastic Load Balancing v2."""

from tidegate.domain.elbv2.listener import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    Listener,
    MutualAuthentication,
    RedirectConfig,
    Rule,
    RuleCondition,
    WeightedTargetGroup,
)
from tidegate.domain.elbv2.load_balancer import LoadBalancer, ZoneMapping
from tidegate.domain.elbv2.target import Target, TargetHealth
from tidegate.domain.elbv2.target_group import HealthCheck, TargetGroup
from tidegate.domain.elbv2.trust_store import Revocation, TrustStore

__all__ = [
    "Action",
    "FixedResponseConfig",
    "ForwardConfig",
    "HealthCheck",
    "Listener",
    "LoadBalancer",
    "MutualAuthentication",
    "RedirectConfig",
    "Revocation",
    "Rule",
    "RuleCondition",
    "Target",
    "TargetGroup",
    "TargetHealth",
    "TrustStore",
    "WeightedTargetGroup",
    "ZoneMapping",
]
