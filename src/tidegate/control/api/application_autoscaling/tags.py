"""Tags of scalable targets, the only things of this service that have some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.application_autoscaling import finding
from tidegate.control.api.application_autoscaling.tag_input import check_keys, with_tags
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SCALABLE_TARGETS
from tidegate.wire import Call, Operation


@honours("ResourceARN", "Tags")
async def tag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def tag(tx: Transaction) -> None:
        row = finding.tagged(tx, call.parameters["ResourceARN"])
        tags = with_tags(row.arn, row.tags, call.parameters["Tags"])
        tx.put(SCALABLE_TARGETS, replace(row, tags=tags))

    await context.store.transact(tag)
    return {}


@honours("ResourceARN", "TagKeys")
async def untag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = call.parameters["TagKeys"]

    def untag(tx: Transaction) -> None:
        row = finding.tagged(tx, call.parameters["ResourceARN"])
        check_keys(keys)
        kept = {key: value for key, value in row.tags.items() if key not in keys}
        tx.put(SCALABLE_TARGETS, replace(row, tags=kept))

    await context.store.transact(untag)
    return {}


@honours("ResourceARN")
async def list_tags_for_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"Tags": dict(finding.tagged(context.store.snapshot, call.parameters["ResourceARN"]).tags)}


OPERATIONS: Mapping[str, Operation] = {
    "TagResource": Operation(tag_resource),
    "UntagResource": Operation(untag_resource),
    "ListTagsForResource": Operation(list_tags_for_resource),
}
