"""Rules of listeners: conditions on a request, actions, and transforms of what goes to the target."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.domain.elbv2.actions import Action
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStringPair:
    """A pair of the query string; without a key, the value of any."""

    key: str | None = None
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCondition:
    """Holds when one of its values does. `field` is one of AWS's six; `values` are literal or have
    wildcards, `regex_values` stand in their place. A header's condition names it in
    `http_header_name`, a query string's has `pairs` only."""

    field: str
    values: tuple[str, ...] = ()
    regex_values: tuple[str, ...] = ()
    http_header_name: str | None = None
    pairs: tuple[QueryStringPair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTransform:
    """Rewrites the host (`host-header-rewrite`) or the path with its query (`url-rewrite`) of the request
    that goes to a target. `$1` in `replace` is the first group of `regex`."""

    type: str
    regex: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`priority` None: the default rule, which every listener has and which comes last."""

    arn: str
    listener_arn: str
    priority: int | None
    conditions: tuple[RuleCondition, ...] = ()
    actions: tuple[Action, ...]
    transforms: tuple[RuleTransform, ...] = ()
    tags: Tags = field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        return self.priority is None
