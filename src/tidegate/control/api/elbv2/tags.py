"""Tags of load balancers, target groups, listeners, trust stores and rules, default rules too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.elbv2.trust_store_content import trust_store
from tidegate.control.api.honoured import honours
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Table, Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS, TRUST_STORES
from tidegate.domain.arns import parse_arn
from tidegate.wire import Call, Operation

_ARNS_MAX = 20


def _find(state: finding.State, arn: str) -> tuple[Table[Any], Any, str]:
    """The row that carries an ARN's tags, and the name of the field."""
    parsed = parse_arn(arn)
    kind = parsed.resource.split("/")[0] if parsed else ""
    if kind == "loadbalancer":
        return LOAD_BALANCERS, finding.load_balancer(state, arn), "tags"
    if kind == "targetgroup":
        return TARGET_GROUPS, finding.target_group(state, arn), "tags"
    if kind == "listener":
        return LISTENERS, finding.listener(state, arn), "tags"
    if kind == "truststore":
        return TRUST_STORES, trust_store(state, arn), "tags"
    if kind == "listener-rule":
        rule = finding.rule(state, arn)
        if rule.is_default:
            return LISTENERS, finding.listener(state, rule.listener_arn), "default_rule_tags"
        return RULES, rule, "tags"
    raise faults.invalid(
        f"'{arn}' is not a valid load balancer, target group, listener, rule or trust store ARN"
    )


@honours("ResourceArns", "Tags")
async def add_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = finding.tag_map(call.parameters["Tags"])

    def add(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row, name = _find(tx, arn)
            tags = finding.checked_count({**getattr(row, name), **given})
            tx.put(table, replace(row, **{name: tags}))

    await context.store.transact(add)
    return {}


@honours("ResourceArns", "TagKeys")
async def remove_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = set(call.parameters["TagKeys"])

    def remove(tx: Transaction) -> None:
        for arn in call.parameters["ResourceArns"]:
            table, row, name = _find(tx, arn)
            tags = {key: value for key, value in getattr(row, name).items() if key not in keys}
            tx.put(table, replace(row, **{name: tags}))

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
        _, row, name = _find(context.store.snapshot, arn)
        described.append({"ResourceArn": arn, "Tags": tag_list(getattr(row, name))})
    return {"TagDescriptions": described}


OPERATIONS: Mapping[str, Operation] = {
    "AddTags": Operation(add_tags),
    "RemoveTags": Operation(remove_tags),
    "DescribeTags": Operation(describe_tags),
}
