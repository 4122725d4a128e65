"""Listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2.actions import Action
from tidegate.domain.elbv2.attributes import HTTPS_LISTENER_DEFAULTS, LISTENER_DEFAULTS
from tidegate.domain.elbv2.rule import Rule
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualAuthentication:
    """`mode` is off, passthrough or verify; the rest is of verify, which has a trust store."""

    mode: str = "off"
    trust_store_arn: str | None = None
    ignore_client_certificate_expiry: bool = False
    advertise_trust_store_ca_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """`bound_address`, `bound_port` and `bind_error` are observed: what the balancer really answers on.
    `name_port` and `name_error`: the same for the load balancer's name, which leads to 127.0.0.1.

    `certificate_arns`: the default certificate first, then those that are chosen by server name, where it
    may stand again. Certificates, `ssl_policy` and `mutual_authentication` are an HTTPS listener's.
    """

    arn: str
    load_balancer_arn: str
    port: int
    protocol: str
    default_actions: tuple[Action, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime
    certificate_arns: tuple[str, ...] = ()
    ssl_policy: str | None = None
    mutual_authentication: MutualAuthentication | None = None
    bound_address: str | None = None
    bound_port: int | None = None
    bind_error: str | None = None
    name_port: int | None = None
    name_error: str | None = None
    tags: Tags = field(default_factory=dict)
    default_rule_tags: Tags = field(default_factory=dict)

    @property
    def attribute_defaults(self) -> Mapping[str, str]:
        """Every attribute that a listener of this protocol has, with its default."""
        return HTTPS_LISTENER_DEFAULTS if self.protocol == "HTTPS" else LISTENER_DEFAULTS

    def attribute(self, key: str) -> str:
        """An attribute as it is set, else its default; raises KeyError for a key that there is not."""
        return self.attributes.get(key, self.attribute_defaults[key])

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
