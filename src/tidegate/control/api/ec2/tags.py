"""Tags on anything of the EC2 slice, by its identifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.faults import invalid, missing
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import check_tags, serves
from tidegate.control.store import Snapshot, Table, Transaction
from tidegate.control.store.tables import (
    INSTANCES,
    INTERNET_GATEWAYS,
    KEY_PAIRS,
    ROUTE_TABLES,
    SECURITY_GROUPS,
    SUBNETS,
    VPCS,
)
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Fault

_KINDS: Mapping[str, tuple[Table[Any], str]] = {
    # identifiers' prefix -> (table, resource type)
    "vpc": (VPCS, "vpc"),
    "subnet": (SUBNETS, "subnet"),
    "igw": (INTERNET_GATEWAYS, "internet-gateway"),
    "rtb": (ROUTE_TABLES, "route-table"),
    "sg": (SECURITY_GROUPS, "security-group"),
    "key": (KEY_PAIRS, "key-pair"),
    "i": (INSTANCES, "instance"),
}
_RULE = "sgr"
_FAULT_KINDS = {"sgr": "security-group-rule", "eni": "network-interface", "vol": "volume"}


@serves("Resources", "Tags")
async def create_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    asked: dict[str, str] = {}
    for tag in call.parameters["Tags"]:
        if tag.get("Key") in asked:
            raise invalid(f"Duplicate tag key '{tag['Key']}' specified.")
        asked[tag.get("Key", "")] = tag.get("Value", "")
    check_tags(asked)

    def create(tx: Transaction) -> None:
        for resource in call.parameters["Resources"]:
            merged = {**_tags_of(tx.state, resource), **asked}
            check_tags(merged)
            _write(tx, resource, merged)

    await context.store.transact(create)
    return {}


@serves("Resources", "Tags")
async def delete_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """A tag with a value is deleted only when it has this value; without tags, all of them are."""
    listed = call.parameters.get("Tags")

    def delete(tx: Transaction) -> None:
        for resource in call.parameters["Resources"]:
            tags = _tags_of(tx.state, resource)
            left = {} if not listed else {k: v for k, v in tags.items() if not _is_listed(k, v, listed)}
            _write(tx, resource, left)

    await context.store.transact(delete)
    return {}


def _is_listed(key: str, value: str, listed: Iterable[Mapping[str, str]]) -> bool:
    return any(tag.get("Key") == key and tag.get("Value", value) == value for tag in listed)


@dataclass(frozen=True, slots=True)
class _Tag:
    resource_id: str
    resource_type: str
    key: str
    value: str


TAG = Noun[_Tag](
    kind="resource",
    id_of=lambda row: f"{row.resource_id}\n{row.key}",
    filters={
        "resource-id": lambda row: (row.resource_id,),
        "resource-type": lambda row: (row.resource_type,),
        "key": lambda row: (row.key,),
        "value": lambda row: (row.value,),
    },
)


@serves("Filters", "NextToken", "MaxResults")
async def describe_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    page = described(TAG, _all(context.store.snapshot), call.parameters, None)
    return answer(
        "Tags",
        page,
        lambda row: {
            "ResourceId": row.resource_id,
            "ResourceType": row.resource_type,
            "Key": row.key,
            "Value": row.value,
        },
    )


def _all(state: Snapshot) -> Iterator[_Tag]:
    for table, resource_type in _KINDS.values():
        for row in state.all(table):
            yield from (_Tag(row.id, resource_type, key, value) for key, value in row.tags.items())
    for group in state.all(SECURITY_GROUPS):
        for rule in group.rules:
            yield from (_Tag(rule.id, "security-group-rule", key, value) for key, value in rule.tags.items())


def _tags_of(state: Snapshot, resource: str) -> Tags:
    found: Tags = _row(state, resource).tags
    return found


def _row(state: Snapshot, resource: str) -> Any:
    """The row, or rule, with this identifier."""
    prefix = resource.partition("-")[0]
    if not re.fullmatch(r"[a-z]+-[0-9a-f]+", resource):
        raise Fault("InvalidID", f"The ID '{resource}' is not valid")
    if prefix == _RULE:
        for group in state.all(SECURITY_GROUPS):
            for rule in group.rules:
                if rule.id == resource:
                    return rule
        raise missing("security-group-rule", resource)
    if prefix not in _KINDS:
        raise missing(_FAULT_KINDS.get(prefix, "resource"), resource)
    table, resource_type = _KINDS[prefix]
    if table is KEY_PAIRS:
        row = next((row for row in state.all(KEY_PAIRS) if row.id == resource), None)
    else:
        row = state.get(table, resource)
    if row is None:
        raise missing(resource_type, resource)
    return row


def _write(tx: Transaction, resource: str, tags: Tags) -> None:
    row = _row(tx.state, resource)
    prefix = resource.partition("-")[0]
    if prefix != _RULE:
        tx.put(_KINDS[prefix][0], replace(row, tags=tags))
        return
    group = next(group for group in tx.all(SECURITY_GROUPS) if row in group.rules)
    rules = tuple(replace(rule, tags=tags) if rule.id == row.id else rule for rule in group.rules)
    tx.put(SECURITY_GROUPS, replace(group, rules=rules))
