"""Tags of log groups, by their ARN and in the older form by their name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_named, group_of_arn
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LOG_GROUPS
from tidegate.domain.logs import LogGroup
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Fault

_TAGS_MAX = 50


@honours("resourceArn")
async def list_tags_for_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"tags": dict(group_of_arn(context.store.snapshot, call.parameters["resourceArn"]).tags)}


@honours("resourceArn", "tags")
async def tag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    await _tag(context, lambda state: group_of_arn(state, call.parameters["resourceArn"]), call)
    return {}


@honours("resourceArn", "tagKeys")
async def untag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = call.parameters["tagKeys"]
    await _untag(context, lambda state: group_of_arn(state, call.parameters["resourceArn"]), keys)
    return {}


@honours("logGroupName")
async def list_tags_log_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"tags": dict(group_named(context.store.snapshot, call.parameters["logGroupName"]).tags)}


@honours("logGroupName", "tags")
async def tag_log_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    await _tag(context, lambda state: group_named(state, call.parameters["logGroupName"]), call)
    return {}


@honours("logGroupName", "tags")
async def untag_log_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """`tags` has keys alone."""
    keys = call.parameters["tags"]
    await _untag(context, lambda state: group_named(state, call.parameters["logGroupName"]), keys)
    return {}


def checked_tags(tags: Tags) -> Tags:
    """Raises Fault."""
    if len(tags) > _TAGS_MAX:
        raise Fault("TooManyTagsException", f"The resource can have no more than {_TAGS_MAX} tags.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise faults.invalid("aws: prefixed tag key names are not allowed for external use.")
    return tags


async def _tag(context: ApiContext, find: Callable[[Snapshot], LogGroup], call: Call) -> None:
    def tag(tx: Transaction) -> None:
        row = find(tx.state)
        tx.put(LOG_GROUPS, replace(row, tags=checked_tags({**row.tags, **call.parameters["tags"]})))

    await context.store.transact(tag)


async def _untag(context: ApiContext, find: Callable[[Snapshot], LogGroup], keys: list[str]) -> None:
    def untag(tx: Transaction) -> None:
        row = find(tx.state)
        tx.put(LOG_GROUPS, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(untag)
