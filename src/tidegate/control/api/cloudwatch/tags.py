"""Tags of alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.alarm_records import find_alarm, put_alarm
from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.alarm_input import checked_tags, tags_of
from tidegate.control.api.cloudwatch.alarm_rules import alarm_name
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Transaction
from tidegate.domain.cloudwatch import Alarm
from tidegate.wire import Call


@honours("ResourceARN")
async def list_tags_for_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"Tags": tag_list(_found(context.store.snapshot, call.parameters["ResourceARN"]).tags)}


@honours("ResourceARN", "Tags")
async def tag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = tags_of(call.parameters)

    def tag(tx: Transaction) -> None:
        row = _found(tx, call.parameters["ResourceARN"])
        put_alarm(tx, replace(row, tags=checked_tags({**row.tags, **given})))

    await context.store.transact(tag)
    return {}


@honours("ResourceARN", "TagKeys")
async def untag_resource(context: ApiContext, call: Call) -> Mapping[str, Any]:
    keys = set(call.parameters["TagKeys"])

    def untag(tx: Transaction) -> None:
        row = _found(tx, call.parameters["ResourceARN"])
        put_alarm(tx, replace(row, tags={k: v for k, v in row.tags.items() if k not in keys}))

    await context.store.transact(untag)
    return {}


def _found(state: Snapshot | Transaction, arn: str) -> Alarm:
    row = find_alarm(state, alarm_name(arn))
    if row is None or row.arn != arn:
        raise faults.no_such_resource(arn)
    return row
