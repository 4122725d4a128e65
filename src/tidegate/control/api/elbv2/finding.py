"""Finding what a request names; pages; names and tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS
from tidegate.domain.arns import parse_arn
from tidegate.domain.elbv2 import (
    Listener,
    LoadBalancer,
    Rule,
    TargetGroup,
    listener_of_rule,
    target_groups_of,
)
from tidegate.wire import Fault

T = TypeVar("T")
State = Snapshot | Transaction

NAME_LENGTH_MAX = 32
TAGS_MAX = 50
_PAGE_SIZE = 400
_TARGET_GROUP_NAME = r"(?!^-)(?!.*-$)^[A-Za-z0-9-]+$"


def load_balancer(state: State, arn: str) -> LoadBalancer:
    row = state.get(LOAD_BALANCERS, checked_arn(arn, "loadbalancer", "load balancer"))
    if row is None:
        raise faults.load_balancer_not_found()
    return row


def target_group(state: State, arn: str) -> TargetGroup:
    row = state.get(TARGET_GROUPS, checked_arn(arn, "targetgroup", "target group"))
    if row is None:
        raise faults.target_group_not_found()
    return row


def listener(state: State, arn: str) -> Listener:
    row = state.get(LISTENERS, checked_arn(arn, "listener", "listener"))
    if row is None:
        raise faults.listener_not_found()
    return row


def checked_arn(arn: str, kind: str, what: str) -> str:
    """The ARN, if it is one of this kind; raises ValidationError."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "elasticloadbalancing" or parsed.resource.split("/")[0] != kind:
        raise faults.invalid(f"'{arn}' is not a valid {what} ARN")
    return arn


def rule(state: State, arn: str) -> Rule:
    """A rule, or the default rule that a listener's actions are."""
    row = state.get(RULES, checked_arn(arn, "listener-rule", "listener rule"))
    if row is not None:
        return row
    owner = state.get(LISTENERS, listener_of_rule(arn))
    if owner is None or owner.default_rule.arn != arn:
        raise faults.rule_not_found()
    return owner.default_rule


def users_of(state: State, target_group_arn: str) -> list[str]:
    """ARNs of the load balancers whose listeners or rules name the group."""
    listeners = list(state.by(LISTENERS, "target_group", target_group_arn))
    for one in state.by(RULES, "target_group", target_group_arn):
        owner = state.get(LISTENERS, one.listener_arn)
        if owner is not None:
            listeners.append(owner)
    return sorted({listener.load_balancer_arn for listener in listeners})


def groups_of_balancer(state: State, balancer_arn: str) -> frozenset[str]:
    """ARNs of the target groups that a load balancer's listeners and rules name."""
    found: set[str] = set()
    for one in state.by(LISTENERS, "load_balancer", balancer_arn):
        found.update(target_groups_of(one.default_actions))
        for below in state.by(RULES, "listener", one.arn):
            found.update(target_groups_of(below.actions))
    return frozenset(found)


def page(
    rows: Sequence[T], parameters: Mapping[str, Any], key: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """One page by `PageSize` and `Marker`."""
    size = parameters.get("PageSize") or _PAGE_SIZE
    try:
        found = paginate(rows, key=key, token=parameters.get("Marker"), size=size)
    except InvalidTokenError as error:
        raise faults.invalid("Invalid marker") from error
    return found.rows, found.next_token


def check_load_balancer_name(name: str) -> None:
    """Raise ValidationError for a name that AWS refuses; the length is looked at first."""
    start = f"The load balancer name '{name}' "
    if len(name) > NAME_LENGTH_MAX:
        raise faults.invalid(f"{start}cannot be longer than '{NAME_LENGTH_MAX}' characters")
    if name.startswith("internal-"):
        raise faults.invalid(f"{start}cannot begin with 'internal-'")
    if name.startswith("-"):
        raise faults.invalid(f"{start}cannot begin with a hyphen(-)")
    if name.endswith("-"):
        raise faults.invalid(f"{start}cannot end with a hyphen(-)")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        what = "characters that are alphanumeric characters and hyphens(-)"
        raise faults.invalid(f"{start}can only contain {what}")


def check_target_group_name(name: str) -> None:
    """Raise ValidationError for a name that AWS refuses; the length is looked at first."""
    if len(name) > NAME_LENGTH_MAX:
        text = f"Target group name '{name}' cannot be longer than '{NAME_LENGTH_MAX}' characters"
        raise faults.invalid(text)
    if not re.fullmatch(_TARGET_GROUP_NAME, name):
        raise faults.invalid(
            f"1 validation error detected: Value '{name}' at 'targetGroupName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_TARGET_GROUP_NAME}"
        )


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping; raises DuplicateTagKeys, TooManyTags, ValidationError."""
    result: dict[str, str] = {}
    for tag in tags or ():
        key = tag["Key"]
        if key in result:
            raise Fault("DuplicateTagKeys", f"Tag key was specified more than once: {key}")
        if key.lower().startswith("aws:"):
            raise faults.invalid("Tag keys that start with 'aws:' are reserved for system use")
        result[key] = tag.get("Value", "")
    return checked_count(result)


def checked_count(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > TAGS_MAX:
        text = "The quota for the number of tags that can be assigned to a resource has been reached"
        raise Fault("TooManyTags", text)
    return tags
