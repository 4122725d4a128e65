"""What a load balancer may have at most, as AWS's accounts begin.

A change is checked after it is written: the transaction that raises changes nothing, and what is counted
is then what there would be.
"""

from __future__ import annotations

from tidegate.control.api.elbv2 import finding
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, RULES, TARGET_GROUPS, TARGETS
from tidegate.wire import Fault

LOAD_BALANCERS_MAX = 50
LISTENERS_MAX = 50
RULES_MAX = 100
CERTIFICATES_MAX = 25
TARGET_GROUPS_MAX = 3000
GROUPS_PER_BALANCER_MAX = 100
GROUPS_PER_ACTION_MAX = 5
TARGETS_PER_GROUP_MAX = 1000
TARGETS_PER_BALANCER_MAX = 1000
CONDITION_VALUES_MAX = 5
# AWS's documents and its DescribeAccountLimits say 5, its error message and its quota page 6.
CONDITION_WILDCARDS_MAX = 6


def check_listeners(tx: Transaction, balancer_arn: str) -> None:
    if sum(1 for _ in tx.by(LISTENERS, "load_balancer", balancer_arn)) > LISTENERS_MAX:
        text = f"The maximum number of listeners for the load balancer '{balancer_arn}' has been reached"
        raise Fault("TooManyListeners", text)


def check_rules(tx: Transaction, balancer_arn: str) -> None:
    """Default rules do not count."""
    listeners = tx.by(LISTENERS, "load_balancer", balancer_arn)
    if sum(1 for one in listeners for _ in tx.by(RULES, "listener", one.arn)) > RULES_MAX:
        text = f"The maximum number of rules for the load balancer '{balancer_arn}' has been reached"
        raise Fault("TooManyRules", text)


def check_certificates(tx: Transaction, balancer_arn: str) -> None:
    """Default certificates do not count."""
    listeners = tx.by(LISTENERS, "load_balancer", balancer_arn)
    if sum(len(one.certificate_arns[1:]) for one in listeners) > CERTIFICATES_MAX:
        text = "You've reached the limit on the number of certificates per load balancer"
        raise Fault("TooManyCertificates", text)


def check_groups(tx: Transaction, balancer_arn: str, before: frozenset[str]) -> None:
    """Of the groups that listeners and rules name; `before`: those that they named until now."""
    after = finding.groups_of_balancer(tx, balancer_arn)
    if not after - before:
        return
    if len(after) > GROUPS_PER_BALANCER_MAX:
        text = f"The maximum number of target groups for the load balancer '{balancer_arn}' has been reached"
        raise Fault("TooManyUniqueTargetGroupsPerLoadBalancer", text)
    check_targets_of_balancer(tx, balancer_arn)


def check_target_groups(tx: Transaction) -> None:
    if sum(1 for _ in tx.all(TARGET_GROUPS)) > TARGET_GROUPS_MAX:
        raise Fault("TooManyTargetGroups", "The maximum number of target groups has been reached")


def check_targets(tx: Transaction, group_arn: str) -> None:
    if sum(1 for _ in tx.by(TARGETS, "target_group", group_arn)) > TARGETS_PER_GROUP_MAX:
        text = f"The maximum number of targets for the target group '{group_arn}' has been reached"
        raise Fault("TooManyTargets", text)
    for balancer_arn in finding.users_of(tx, group_arn):
        check_targets_of_balancer(tx, balancer_arn)


def check_targets_of_balancer(tx: Transaction, balancer_arn: str) -> None:
    # One id cannot be registered too often (TooManyRegistrationsForTargetId) before there are too many
    # targets: both quotas are the same number.
    groups = finding.groups_of_balancer(tx, balancer_arn)
    if sum(1 for arn in groups for _ in tx.by(TARGETS, "target_group", arn)) > TARGETS_PER_BALANCER_MAX:
        text = f"The maximum number of targets for the load balancer '{balancer_arn}' has been reached"
        raise Fault("TooManyTargets", text)
