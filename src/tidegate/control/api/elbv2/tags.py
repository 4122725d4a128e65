"""Tags of load balancers, target groups, listeners and trust stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.elbv2.listeners import listener_of_rule
from tidegate.control.api.elbv2.trust_store_content import trust_store
from tidegate.control.api.honoured import honours
from tidegate.control.store import Table, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS, TRUST_STORES
from tidegate.domain.arns import parse_arn
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Operation

_ARNS_MAX = 20


def _find(state: finding.State, arn: str) -> tuple[Table[Any], Any]:
    """The row that carries an ARN's tags."""
    parsed = parse_arn(arn)
    kind = parsed.resource.split("/")[0] if parsed else ""
    if kind == "loadbalancer":
        return LOAD_BALANCERS, finding.load_balancer(state, arn)
    if kind == "targetgroup":
        return TARGET_GROUPS, finding.target_group(state, arn)
    if kind == "listener":
        return LISTENERS, finding.listener(state, arn)
    if kind == "truststore":
        return TRUST_STORES, trust_store(state, arn)
    if kind == "listener-rule":
        listener_of_rule(state, arn)
        raise faults.unsupported("A tag on a default rule")
    raise faults.invalid(
        f"'{arn}' is not a valid load balancer, target group, listener, rule or trust store ARN"
    )


@honours("ResourceArns", "Tags")
async def add_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = finding.tag_map(call.parameters["Tags"])

    def add(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row = _find(tx, arn)
            tx.put(table, replace(row, tags=finding.checked_count({**row.tags, **given})))

    await context.store.transact(add)
    return {}


@honours("ResourceArns", "TagKeys")
async def remove_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = set(call.parameters["TagKeys"])

    def remove(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row = _find(tx, arn)
            tx.put(table, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(remove)
    return {}


@honours("ResourceArns")
async def describe_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """One description for each ARN asked, tags or none: clients index the answer blindly."""
    arns = call.parameters["ResourceArns"]
    if len(arns) > _ARNS_MAX:
        raise faults.invalid(f"You cannot specify more than {_ARNS_MAX} resource ARNs")
    described = []
    for arn in arns:
        tags = _tags(context, arn)
        described.append({"ResourceArn": arn, "Tags": finding.tag_list(tags)})
    return {"TagDescriptions": described}


def _tags(context: ApiContext, arn: str) -> Tags:
    if ":listener-rule/" in arn:
        listener_of_rule(context.store.snapshot, arn)
        return {}
    _, row = _find(context.store.snapshot, arn)
    tags: Tags = row.tags
    return tags


OPERATIONS: Mapping[str, Operation] = {
    "AddTags": Operation(add_tags, "not on default rules"),
    "RemoveTags": Operation(remove_tags, "not on default rules"),
    "DescribeTags": Operation(describe_tags),
}
