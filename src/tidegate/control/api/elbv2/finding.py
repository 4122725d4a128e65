"""Finding what a request names, pages, tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS
from tidegate.domain.elbv2 import Action, Listener, LoadBalancer, TargetGroup
from tidegate.wire import Fault

T = TypeVar("T")
State = Snapshot | Transaction
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


def load_balancer(state: State, arn: str) -> LoadBalancer:
    row = state.get(LOAD_BALANCERS, arn)
    if row is None:
        raise faults.load_balancer_not_found()
    return row


def target_group(state: State, arn: str) -> TargetGroup:
    row = state.get(TARGET_GROUPS, arn)
    if row is None:
        raise faults.target_group_not_found()
    return row


def listener(state: State, arn: str) -> Listener:
    row = state.get(LISTENERS, arn)
    if row is None:
        raise faults.listener_not_found()
    return row


def users_of(state: State, target_group_arn: str) -> list[str]:
    """ARNs of the load balancers whose listeners or rules name the group."""
    found: set[str] = set()
    for row in state.all(LISTENERS):
        if names_group(row.default_actions, target_group_arn):
            found.add(row.load_balancer_arn)
    for rule in state.all(RULES):
        owner = state.get(LISTENERS, rule.listener_arn)
        if owner is not None and names_group(rule.actions, target_group_arn):
            found.add(owner.load_balancer_arn)
    return sorted(found)


def names_group(actions: Sequence[Action], target_group_arn: str) -> bool:
    return any(
        group.target_group_arn == target_group_arn
        for action in actions
        if action.forward is not None
        for group in action.forward.target_groups
    )


def page(
    rows: Sequence[T], parameters: Mapping[str, Any], key: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """One page by `PageSize` and `Marker`."""
    try:
        found = paginate(
            rows, key=key, token=parameters.get("Marker"), size=parameters.get("PageSize") or 400
        )
    except InvalidTokenError as error:
        raise faults.invalid("Invalid marker") from error
    return found.rows, found.next_token


def check_name(name: str, what: str) -> None:
    """Raise ValidationError for a name that AWS refuses."""
    if len(name) > 32:
        raise faults.invalid(f"{what} name '{name}' cannot be longer than '32' characters")
    if name.startswith("internal-"):
        raise faults.invalid(f"{what} name '{name}' cannot begin with 'internal-'")
    if name.startswith("-") or name.endswith("-"):
        raise faults.invalid(f"{what} name '{name}' cannot begin or end with '-'")
    if not _NAME.fullmatch(name):
        raise faults.invalid(
            f"{what} name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        )


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping; raises DuplicateTagKeys, TooManyTags."""
    result: dict[str, str] = {}
    for tag in tags or ():
        if tag["Key"] in result:
            raise Fault("DuplicateTagKeys", "Duplicate tag keys found")
        result[tag["Key"]] = tag.get("Value", "")
    if len(result) > 50:
        raise Fault("TooManyTags", "The maximum number of tags on a resource is 50")
    return result


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
