"""IAM's rows by name, its faults, and its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import INSTANCE_PROFILES, POLICIES, ROLES
from tidegate.domain.iam import InstanceProfile, Policy, Role
from tidegate.domain.ids import Ids
from tidegate.domain.tags import Tags
from tidegate.wire import Fault

T = TypeVar("T")

TAGS_MAX = 50
_PAGE_SIZE = 100
_AWS_POLICIES = "arn:aws:iam::aws:policy/"


def role(state: Snapshot, name: str) -> Role:
    row = state.get(ROLES, name)
    if row is None:
        raise no_such_entity(f"The role with name {name} cannot be found.")
    return row


def instance_profile(state: Snapshot, name: str) -> InstanceProfile:
    row = state.get(INSTANCE_PROFILES, name)
    if row is None:
        raise no_such_entity(f"Instance Profile {name} cannot be found.")
    return row


def policy(state: Snapshot, arn: str) -> Policy:
    row = state.get(POLICIES, arn)
    if row is None:
        raise no_such_entity(f"Policy {arn} was not found.")
    return row


def is_managed_by_aws(arn: str) -> bool:
    """Whether the ARN is one of the policies that AWS keeps in every account."""
    return arn.startswith(_AWS_POLICIES) and arn != _AWS_POLICIES


def no_such_entity(message: str) -> Fault:
    return Fault("NoSuchEntity", message)


def exists(kind: str, name: str) -> Fault:
    return Fault("EntityAlreadyExists", f"{kind} with name {name} already exists.")


def delete_conflict(message: str) -> Fault:
    return Fault("DeleteConflict", f"Cannot delete entity, {message}")


def entity_id(ids: Ids, prefix: str) -> str:
    """`AROA...`, `AIPA...`, `ANPA...`: IAM's ids are 21 capitals and digits."""
    return prefix + ids.hex(17).upper()


def checked_document(text: str) -> str:
    """A policy document as it was sent; raises MalformedPolicyDocument when it is none."""
    try:
        document = json.loads(text)
    # Nested too deep is a RecursionError.
    except (ValueError, RecursionError) as error:
        raise Fault("MalformedPolicyDocument", "This policy contains invalid Json") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise Fault("MalformedPolicyDocument", "Syntax errors in policy.")
    return text


def encoded_document(text: str) -> str:
    """A policy document as IAM gives it out: URL-encoded."""
    return quote(text, safe="")


def tags_of(listed: Sequence[Mapping[str, str]] | None) -> Tags:
    """The tags of a request; raises when a key comes twice."""
    tags: dict[str, str] = {}
    for tag in listed or ():
        if tag["Key"] in tags:
            text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            raise Fault("InvalidInput", text)
        tags[tag["Key"]] = tag.get("Value", "")
    return checked_tags(tags)


def checked_tags(tags: Tags) -> Tags:
    if len(tags) > TAGS_MAX:
        raise Fault("LimitExceeded", "The number of tags has reached the maximum limit.")
    return tags


def page(
    name: str,
    rows: Iterable[T],
    parameters: Mapping[str, Any],
    *,
    key: Callable[[T], str],
    view: Callable[[T], Any],
) -> dict[str, Any]:
    """A page of a listing under `name`, with IAM's `IsTruncated` and `Marker`."""
    size = parameters.get("MaxItems", _PAGE_SIZE)
    try:
        found = paginate(rows, key=key, token=parameters.get("Marker"), size=size)
    except InvalidTokenError as error:
        raise Fault("ValidationError", "Invalid Marker") from error
    listing = {name: [view(row) for row in found.rows], "IsTruncated": found.next_token is not None}
    return listing if found.next_token is None else {**listing, "Marker": found.next_token}


def has_path(row: Any, prefix: str | None) -> bool:
    """Whether a row is under the path that a List call asks for."""
    return bool(row.path.startswith(prefix or "/"))
