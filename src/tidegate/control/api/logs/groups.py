"""Log groups, and how long they keep events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.logs import faults
from tidegate.control.api.logs.finding import group_identified, group_named
from tidegate.control.api.logs.tags import checked_tags
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LOG_GROUPS
from tidegate.domain.logs import LogGroup
from tidegate.wire import Call

_PAGE_SIZE = 50
_CLASS = "STANDARD"
_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@honours("logGroupName", "tags", only={"logGroupClass": (_CLASS,), "deletionProtectionEnabled": (False,)})
async def create_log_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    name = call.parameters["logGroupName"]
    row = LogGroup(
        id=context.ids.hex(16),
        name=name,
        arn=context.arns.log_group(name),
        created_at=context.clock.now(),
        tags=checked_tags(call.parameters.get("tags", {})),
    )

    def create(tx: Transaction) -> None:
        if tx.get(LOG_GROUPS, name) is not None:
            raise faults.group_exists()
        tx.put(LOG_GROUPS, row)

    await context.store.transact(create)
    return {}


@honours("logGroupName")
async def delete_log_group(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Its events are out of reach at once; a controller sweeps them up."""

    def delete(tx: Transaction) -> None:
        tx.delete(LOG_GROUPS, group_named(tx.state, call.parameters["logGroupName"]).name)

    await context.store.transact(delete)
    return {}


@honours(
    "logGroupNamePrefix",
    "logGroupNamePattern",
    "logGroupIdentifiers",
    "nextToken",
    "limit",
    "logGroupClass",
    only={"includeLinkedAccounts": (False,)},
)
async def describe_log_groups(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """In the order of their names."""
    asked = call.parameters
    if "logGroupNamePrefix" in asked and "logGroupNamePattern" in asked:
        raise faults.invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
    scope = repr([asked.get(name) for name in ("logGroupNamePrefix", "logGroupNamePattern", "logGroupClass")])
    try:
        page = paginate(
            _found(context.store.snapshot, asked),
            key=lambda row: row.name,
            token=asked.get("nextToken"),
            size=asked.get("limit", _PAGE_SIZE),
            scope=scope,
        )
    except InvalidTokenError as error:
        raise faults.invalid_token() from error
    stored = await context.logs.stored_bytes([row.id for row in page.rows])
    views = [_view(row, stored.get(row.id, 0)) for row in page.rows]
    return {"logGroups": views, "nextToken": page.next_token}


@honours("logGroupName", "retentionInDays")
async def put_retention_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    days = call.parameters["retentionInDays"]
    if days not in _RETENTION_DAYS:
        choices = ", ".join(map(str, _RETENTION_DAYS))
        raise faults.invalid(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{choices}]"
        )
    await _retain(context, call, days)
    return {}


@honours("logGroupName")
async def delete_retention_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Events are kept for ever then."""
    await _retain(context, call, None)
    return {}


async def _retain(context: ApiContext, call: Call, days: int | None) -> None:
    def retain(tx: Transaction) -> None:
        row = group_named(tx.state, call.parameters["logGroupName"])
        tx.put(LOG_GROUPS, replace(row, retention_days=days))

    await context.store.transact(retain)


def _found(state: Snapshot, asked: Mapping[str, Any]) -> list[LogGroup]:
    if asked.get("logGroupClass", _CLASS) != _CLASS:
        return []
    if "logGroupIdentifiers" in asked:
        return [group_identified(state, identifier) for identifier in set(asked["logGroupIdentifiers"])]
    prefix, pattern = asked.get("logGroupNamePrefix", ""), asked.get("logGroupNamePattern", "").lower()
    return [
        row for row in state.all(LOG_GROUPS) if row.name.startswith(prefix) and pattern in row.name.lower()
    ]


def _view(row: LogGroup, stored_bytes: int) -> dict[str, Any]:
    return {
        "logGroupName": row.name,
        "creationTime": int(row.created_at.timestamp() * 1000),
        "retentionInDays": row.retention_days,
        "metricFilterCount": 0,
        "arn": f"{row.arn}:*",
        "storedBytes": stored_bytes,
        "logGroupClass": _CLASS,
        "logGroupArn": row.arn,
        "deletionProtectionEnabled": False,
    }
