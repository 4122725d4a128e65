"""Tags of every ECS resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.lookup import State
from tidegate.control.api.ecs.tag_input import TAGS_MAX, tag_list, tag_map
from tidegate.control.api.honoured import honours
from tidegate.control.store import Table, Transaction
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


@honours("resourceArn", "tags")
async def tag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Set tags; those of other keys stay."""
    tags = tag_map(call.parameters["tags"])

    def tag(tx: Transaction) -> None:
        table, row = _find(tx, call.parameters["resourceArn"])
        merged = {**row.tags, **tags}
        if len(merged) > TAGS_MAX:
            raise Fault("LimitExceededException", f"A resource can have at most {TAGS_MAX} tags.")
        tx.put(table, replace(row, tags=merged))

    await context.store.transact(tag)
    return {}


@honours("resourceArn", "tagKeys")
async def untag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove tags by key; a key that is not there is no fault."""
    keys = set(call.parameters["tagKeys"])

    def untag(tx: Transaction) -> None:
        table, row = _find(tx, call.parameters["resourceArn"])
        tx.put(table, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(untag)
    return {}


@honours("resourceArn")
async def list_tags_for_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    _, row = _find(context.store.snapshot, call.parameters["resourceArn"])
    return {"tags": tag_list(row.tags)}


def _find(state: State, arn: str) -> tuple[Table[Any], Any]:
    parsed = parse_arn(arn)
    kind = parsed.resource.split("/")[0] if parsed and parsed.service == "ecs" else ""
    if kind not in _TABLES:
        raise invalid("The ARN provided is invalid.")
    row = state.get(_TABLES[kind], arn)
    if row is None and kind == "cluster":
        raise Fault("ClusterNotFoundException", "Cluster not found.")
    if row is None:
        raise Fault("ResourceNotFoundException", "The specified resource could not be found.")
    return _TABLES[kind], row


OPERATIONS: Mapping[str, Operation] = {
    "TagResource": Operation(tag_resource),
    "UntagResource": Operation(untag_resource),
    "ListTagsForResource": Operation(list_tags_for_resource),
}
