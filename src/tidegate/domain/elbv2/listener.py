"""Listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2.actions import Action
from tidegate.domain.elbv2.rule import Rule
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """`bound_address`, `bound_port` and `bind_error` are observed: what the balancer really answers on."""

    arn: str
    load_balancer_arn: str
    port: int
    protocol: str
    default_actions: tuple[Action, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime
    bound_address: str | None = None
    bound_port: int | None = None
    bind_error: str | None = None
    tags: Tags = field(default_factory=dict)
    default_rule_tags: Tags = field(default_factory=dict)

    @property
    def default_rule(self) -> Rule:
        """The default actions as a rule. A listener has one, so its id may be the listener's own."""
        arn = self.arn.replace(":listener/", ":listener-rule/")
        return Rule(
            arn=f"{arn}/{arn_name(self.arn)}",
            listener_arn=self.arn,
            priority=None,
            actions=self.default_actions,
            tags=self.default_rule_tags,
        )


def listener_of_rule(rule_arn: str) -> str:
    """The ARN of the listener that a rule's ARN tells of."""
    return rule_arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
