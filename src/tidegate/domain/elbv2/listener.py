"""Listeners, rules and their actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags


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
class Action:
    """Exactly one of the three configurations is set, the one that `type` names."""

    type: str
    order: int | None = None
    forward: ForwardConfig | None = None
    redirect: RedirectConfig | None = None
    fixed_response: FixedResponseConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCondition:
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    arn: str
    listener_arn: str
    priority: str
    conditions: tuple[RuleCondition, ...] = ()
    actions: tuple[Action, ...]
    is_default: bool = False
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualAuthentication:
    """`mode` is off, passthrough or verify; `trust_store_arn` is set in verify."""

    mode: str = "off"
    trust_store_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """`bound_address`, `bound_port` and `bind_error` are observed: what the balancer really answers on.

    `certificate_arns`: the default certificate first.
    """

    arn: str
    load_balancer_arn: str
    port: int
    protocol: str
    default_actions: tuple[Action, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime
    certificate_arns: tuple[str, ...] = ()
    mutual_authentication: MutualAuthentication | None = None
    bound_address: str | None = None
    bound_port: int | None = None
    bind_error: str | None = None
    tags: Tags = field(default_factory=dict)
