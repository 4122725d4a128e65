"""Finding what a request names; pages; names and tags."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS
from tidegate.domain.arns import parse_arn
from tidegate.domain.elbv2 import Action, Listener, LoadBalancer, TargetGroup
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


def users_of(state: State, target_group_arn: str) -> list[str]:
    """ARNs of the load balancers whose listeners or rules name the group."""
    return users(state).get(target_group_arn, [])


def users(state: State) -> dict[str, list[str]]:
    """The same for every group that is used."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in state.all(LISTENERS):
        for arn in groups_of(row.default_actions):
            found[arn].add(row.load_balancer_arn)
    for rule in state.all(RULES):
        owner = state.get(LISTENERS, rule.listener_arn)
        for arn in groups_of(rule.actions) if owner is not None else ():
            assert owner is not None
            found[arn].add(owner.load_balancer_arn)
    return {arn: sorted(balancers) for arn, balancers in found.items()}


def groups_of(actions: Sequence[Action]) -> Iterator[str]:
    """The target groups that actions name, weight 0 included."""
    for action in actions:
        if action.forward is not None:
            yield from (group.target_group_arn for group in action.forward.target_groups)


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


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
