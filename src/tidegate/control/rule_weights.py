"""The weights of rules in the store, default rules among them: what users modify and shifts write."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.decisions.shifts import ShiftPlan, forwarded, with_weights
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, RULES, SHIFTS
from tidegate.domain.elbv2 import Rule, WeightedTargetGroup, listener_of_rule


def rule_named(state: Snapshot | Transaction, arn: str) -> Rule | None:
    """A rule by its ARN; a listener's default rule by its own or the listener's."""
    row = state.get(RULES, arn)
    if row is not None:
        return row
    owner = state.get(LISTENERS, arn) or state.get(LISTENERS, listener_of_rule(arn))
    if owner is None or arn not in (owner.arn, owner.default_rule.arn):
        return None
    return owner.default_rule


def weights_of(state: Snapshot | Transaction, rule_arn: str) -> tuple[WeightedTargetGroup, ...] | None:
    """None: the rule is gone."""
    rule = rule_named(state, rule_arn)
    return None if rule is None else forwarded(rule.actions)


def write_weights(tx: Transaction, rule_arn: str, weights: tuple[WeightedTargetGroup, ...]) -> None:
    """As ModifyRule and ModifyListener write them."""
    rule = rule_named(tx, rule_arn)
    assert rule is not None
    actions = with_weights(rule.actions, weights)
    if not rule.is_default:
        tx.put(RULES, replace(rule, actions=actions))
        return
    listener = tx.get(LISTENERS, rule.listener_arn)
    assert listener is not None
    tx.put(LISTENERS, replace(listener, default_actions=actions))


def write_shift(tx: Transaction, decided: ShiftPlan) -> None:
    """The shift with its rule's weights: both or neither."""
    tx.put(SHIFTS, decided.shift)
    if decided.weights is not None:
        write_weights(tx, decided.shift.rule_arn, decided.weights)
