"""What requests name: rules that split their requests, their groups, and shifts."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.control.api.tidegate import faults
from tidegate.control.decisions.shifts import forwarded
from tidegate.control.rule_weights import rule_named
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, SHIFTS
from tidegate.domain.arns import parse_arn
from tidegate.domain.elbv2 import WeightedTargetGroup
from tidegate.domain.shift import Shift

State = Snapshot | Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """A rule that forwards to several target groups, or a listener's default rule."""

    rule_arn: str
    listener_arn: str
    load_balancer_arn: str
    groups: tuple[WeightedTargetGroup, ...]

    def has(self, arn: str) -> bool:
        return any(group.target_group_arn == arn for group in self.groups)

    def named(self, arn: str) -> str:
        """The ARN of one of its groups; raises ValidationException."""
        if not self.has(arn):
            raise faults.invalid(f"The rule does not forward to the target group {arn}.")
        return arn

    def baseline(self, named: str | None, besides: str | None = None) -> str:
        """The group that the others are held against: the one that is named, else the heaviest. Raises
        ValidationException."""
        if named is not None:
            if named == besides:
                raise faults.invalid("A target group cannot be its own baseline.")
            return self.named(named)
        others = [group for group in self.groups if group.target_group_arn != besides]
        return max(others, key=lambda group: group.weight).target_group_arn


def split_rule(state: State, arn: str) -> SplitRule:
    """By the ARN of a rule or of a listener, whose default rule is meant. Raises ValidationException,
    ResourceNotFoundException."""
    parsed = parse_arn(arn)
    kind = parsed.resource.partition("/")[0] if parsed else ""
    if (
        parsed is None
        or parsed.service != "elasticloadbalancing"
        or kind not in ("listener", "listener-rule")
    ):
        raise faults.invalid(f"'{arn}' is not a valid listener rule or listener ARN")
    rule = rule_named(state, arn)
    listener = state.get(LISTENERS, rule.listener_arn) if rule else None
    if rule is None or listener is None:
        raise faults.not_found("The rule", arn)
    groups = forwarded(rule.actions)
    if len(groups) < 2:
        raise faults.invalid(
            "The rule does not forward to several target groups: there is nothing to compare."
        )
    return SplitRule(
        rule_arn=rule.arn,
        listener_arn=listener.arn,
        load_balancer_arn=listener.load_balancer_arn,
        groups=groups,
    )


def shift(state: State, shift_id: str) -> Shift:
    """Raises ResourceNotFoundException."""
    row = state.get(SHIFTS, shift_id)
    if row is None:
        raise faults.not_found("The shift", shift_id)
    return row


def rule_arn(state: State, arn: str) -> str:
    """The rule's own ARN, where a listener's stands for its default rule's. The rule may be gone."""
    rule = rule_named(state, arn)
    return arn if rule is None else rule.arn
