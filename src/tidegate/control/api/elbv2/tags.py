"""Tags of load balancers, target groups and listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.store import Snapshot, Table, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS
from tidegate.domain.arns import parse_arn
from tidegate.wire import Call, Fault, Operation

_TABLES: Mapping[str, tuple[Table[Any], Fault]] = {
    "loadbalancer": (LOAD_BALANCERS, faults.load_balancer_not_found()),
    "targetgroup": (TARGET_GROUPS, faults.target_group_not_found()),
    "listener": (LISTENERS, faults.listener_not_found()),
}


def _find(state: Snapshot | Transaction, arn: str) -> tuple[Table[Any], Any]:
    parsed = parse_arn(arn)
    found = _TABLES.get(parsed.resource.split("/")[0]) if parsed else None
    if found is None:
        raise faults.invalid(f"'{arn}' is not a valid load balancer, target group or listener ARN")
    table, missing = found
    row = state.get(table, arn)
    if row is None:
        raise Fault(missing.code, missing.message)
    return table, row


async def add_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = finding.tag_map(call.parameters["Tags"])

    def add(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row = _find(tx, arn)
            tags = {**row.tags, **given}
            if len(tags) > 50:
                raise Fault("TooManyTags", "The maximum number of tags on a resource is 50")
            tx.put(table, replace(row, tags=tags))

    await context.store.transact(add)
    return {}


async def remove_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = set(call.parameters["TagKeys"])

    def remove(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row = _find(tx, arn)
            tx.put(table, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(remove)
    return {}


async def describe_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """One description per ARN asked, tags or none."""
    descriptions = []
    for arn in call.parameters["ResourceArns"]:
        _, row = _find(context.store.snapshot, arn)
        descriptions.append({"ResourceArn": arn, "Tags": finding.tag_list(row.tags)})
    return {"TagDescriptions": descriptions}


OPERATIONS: Mapping[str, Operation] = {
    "AddTags": Operation(add_tags),
    "RemoveTags": Operation(remove_tags),
    "DescribeTags": Operation(describe_tags),
}
