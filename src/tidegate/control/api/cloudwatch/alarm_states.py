"""SetAlarmState, and what became of alarms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from tidegate.control.alarm_records import find_alarm, write_transition
from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, Page, paginate
from tidegate.control.decisions.alarms import transition
from tidegate.control.store import Transaction
from tidegate.control.store.tables import ALARM_HISTORY
from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.wire import Call, Fault

_HISTORY_PAGE_SIZE = 100


@honours("AlarmName", "StateValue", "StateReason", "StateReasonData")
async def set_alarm_state(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Until the alarm is evaluated the next time; with all that a transition brings with it."""
    asked, now = call.parameters, context.clock.now()
    data = asked.get("StateReasonData")
    if data is not None:
        _check_json(data)

    def put(tx: Transaction) -> None:
        row = find_alarm(tx, asked["AlarmName"])
        if row is None:
            raise faults.no_such_alarm(asked["AlarmName"])
        found = transition(
            row,
            value=asked["StateValue"],
            reason=asked["StateReason"],
            data=data,
            now=now,
            account=context.settings.account,
            region=context.settings.region,
        )
        write_transition(tx, found, context.ids, now)

    await context.store.transact(put)
    return {}


@honours(
    "AlarmName", "AlarmTypes", "HistoryItemType", "StartDate", "EndDate", "MaxRecords", "NextToken", "ScanBy"
)
async def describe_alarm_history(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Of alarms that are gone too. Metric alarms' alone, unless types are named; the newest first."""
    asked = call.parameters
    types = asked.get("AlarmTypes") or ["MetricAlarm"]

    def wanted(item: AlarmHistoryItem) -> bool:
        return (
            item.alarm_type in types
            and asked.get("HistoryItemType") in (None, item.type)
            and ("StartDate" not in asked or item.at >= asked["StartDate"])
            and ("EndDate" not in asked or item.at <= asked["EndDate"])
        )

    state, name = context.store.snapshot, asked.get("AlarmName")
    items = state.all(ALARM_HISTORY) if name is None else state.by(ALARM_HISTORY, "alarm", name)
    scope = repr((name, types, asked.get("HistoryItemType"), asked.get("StartDate"), asked.get("EndDate")))

    def page_of() -> Page[AlarmHistoryItem]:
        return paginate(
            (item for item in items if wanted(item)),
            key=_in_order,
            token=asked.get("NextToken"),
            size=asked.get("MaxRecords", _HISTORY_PAGE_SIZE),
            descending=asked.get("ScanBy") != "TimestampAscending",
            scope=scope,
        )

    try:
        # Of all alarms it may be a month of thousands: a snapshot does not change under another thread.
        page = await asyncio.to_thread(page_of) if name is None else page_of()
    except InvalidTokenError as error:
        raise faults.invalid_token() from error
    return {"AlarmHistoryItems": [_view(item) for item in page.rows], "NextToken": page.next_token}


def _in_order(item: AlarmHistoryItem) -> str:
    return f"{item.at.timestamp():020.6f} {item.number:020d} {item.id}"


def _view(item: AlarmHistoryItem) -> dict[str, Any]:
    return {
        "AlarmName": item.alarm_name,
        "AlarmType": item.alarm_type,
        "Timestamp": item.at,
        "HistoryItemType": item.type,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    }


def _check_json(data: str) -> None:
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Fault("InvalidFormat", "StateReasonData is not valid JSON") from error
