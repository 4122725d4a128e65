"""Tags of every ECS resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.lookup import tag_list, tag_map
from tidegate.control.store import Snapshot, Table, Transaction
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, SERVICES, TASK_DEFINITIONS, TASKS
from tidegate.domain.arns import parse_arn
from tidegate.wire import Call, Fault, Operation

_TABLES: Mapping[str, Table[Any]] = {
    "cluster": CLUSTERS,
    "container-instance": CONTAINER_INSTANCES,
    "service": SERVICES,
    "task": TASKS,
    "task-definition": TASK_DEFINITIONS,
}


def _find(state: Snapshot | Transaction, arn: str) -> tuple[Table[Any], Any]:
    parsed = parse_arn(arn)
    table = _TABLES.get(parsed.resource.split("/")[0]) if parsed and parsed.service == "ecs" else None
    if table is None:
        raise Fault("InvalidParameterException", "Invalid arn syntax")
    row = state.get(table, arn)
    if row is None:
        raise Fault("InvalidParameterException", "The specified resource cannot be found.")
    return table, row


async def tag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    tags = tag_map(call.parameters["tags"])

    def tag(tx: Transaction) -> None:
        table, row = _find(tx, call.parameters["resourceArn"])
        tx.put(table, replace(row, tags={**row.tags, **tags}))

    await context.store.transact(tag)
    return {}


async def untag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = set(call.parameters["tagKeys"])

    def untag(tx: Transaction) -> None:
        table, row = _find(tx, call.parameters["resourceArn"])
        tx.put(table, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(untag)
    return {}


async def list_tags_for_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    _, row = _find(context.store.snapshot, call.parameters["resourceArn"])
    return {"tags": tag_list(row.tags)}


OPERATIONS: Mapping[str, Operation] = {
    "TagResource": Operation(tag_resource),
    "UntagResource": Operation(untag_resource),
    "ListTagsForResource": Operation(list_tags_for_resource),
}
