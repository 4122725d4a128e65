"""Scheduled actions: put, describe, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tidegate.control.api.application_autoscaling import faults, finding, views
from tidegate.control.api.application_autoscaling.targets import check_bounds
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.scaling.schedules import (
    ScheduleError,
    Span,
    TooFrequentError,
    next_run,
    parse,
)
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SCHEDULED_ACTIONS
from tidegate.domain.scaling import ScheduledAction
from tidegate.domain.time import time_zone
from tidegate.wire import Call, Operation

ACTIONS_MAX = 200
_PAGE = 50


@honours(
    "ServiceNamespace",
    "Schedule",
    "Timezone",
    "ScheduledActionName",
    "ResourceId",
    "ScalableDimension",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)
async def put_scheduled_action(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Make an action, or change one. Of what is not given the schedule and the bounds stay; the times and
    the zone go."""
    parameters = call.parameters
    named = finding.resource_id(parameters)
    _check_span(parameters.get("StartTime"), parameters.get("EndTime"))

    def put(tx: Transaction) -> None:
        finding.registered(tx, named)
        row = _changed(_known(context, tx, named, parameters), parameters)
        tx.put(SCHEDULED_ACTIONS, _scheduled(row, context.clock.now()))

    await context.store.transact(put)
    return {}


def _known(
    context: ApiContext, tx: Transaction, named: str, parameters: Mapping[str, Any]
) -> ScheduledAction:
    """The action that the request changes, or one to begin with."""
    name = parameters["ScheduledActionName"]
    known = finding.scheduled_action(tx, named, name)
    if known is not None:
        return known
    if "Schedule" not in parameters:
        raise faults.invalid("Schedule must be set")
    if "ScalableTargetAction" not in parameters:
        raise faults.invalid("ScalableTargetAction must be set")
    if sum(1 for _ in tx.by(SCHEDULED_ACTIONS, "target", named)) >= ACTIONS_MAX:
        text = f"A scalable target can have at most {ACTIONS_MAX} scheduled actions."
        raise faults.limit_exceeded(text)
    return ScheduledAction(
        arn=context.arns.scheduled_action(context.ids.uuid(), named, name),
        name=name,
        resource_id=named,
        schedule=parameters["Schedule"],
        created_at=context.clock.now(),
    )


def _changed(row: ScheduledAction, parameters: Mapping[str, Any]) -> ScheduledAction:
    bounds = parameters.get("ScalableTargetAction")
    if bounds is not None:
        row = replace(row, min_capacity=bounds.get("MinCapacity"), max_capacity=bounds.get("MaxCapacity"))
    if row.min_capacity is None and row.max_capacity is None:
        raise faults.invalid("At least one of minimum capacity and maximum capacity should be provided")
    check_bounds(row.min_capacity, row.max_capacity)
    return replace(
        row,
        schedule=parameters.get("Schedule", row.schedule),
        timezone=parameters.get("Timezone"),
        begins_at=parameters.get("StartTime"),
        ends_at=parameters.get("EndTime"),
    )


def _check_span(begins_at: datetime | None, ends_at: datetime | None) -> None:
    if begins_at is not None and ends_at is not None and begins_at >= ends_at:
        raise faults.invalid("StartTime must be before EndTime")


def _scheduled(row: ScheduledAction, now: datetime) -> ScheduledAction:
    """The action with its next run; raises ValidationException."""
    zone = time_zone(row.timezone or "UTC")
    if zone is None:
        raise faults.invalid(f"Invalid timezone: {row.timezone}")
    span = Span(created_at=now, begins_at=row.begins_at, ends_at=row.ends_at)
    try:
        schedule = parse(row.schedule)
    except ScheduleError as error:
        raise faults.invalid(f"Invalid schedule expression. Details: {error}") from error
    except TooFrequentError as error:
        runs = f"'{_shown(error.first or now)}' and '{_shown(error.second or now)}'"
        text = f"Invalid schedule frequency. Run for {runs} are less than 60 seconds apart"
        raise faults.invalid(text) from error
    return replace(row, next_at=next_run(schedule, zone, span, after=now))


def _shown(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@honours(
    "ScheduledActionNames", "ServiceNamespace", "ResourceId", "ScalableDimension", "MaxResults", "NextToken"
)
async def describe_scheduled_actions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    is_selected, names = finding.selection(call.parameters), call.parameters.get("ScheduledActionNames")
    rows = (
        row
        for row in context.store.snapshot.all(SCHEDULED_ACTIONS)
        if is_selected(row.resource_id) and (not names or row.name in names)
    )
    page = finding.page_of(
        rows, call.parameters, key=lambda row: f"{row.resource_id} {row.name}", size_max=_PAGE
    )
    return {
        "ScheduledActions": [views.scheduled_action(row) for row in page.rows],
        "NextToken": page.next_token,
    }


@honours("ServiceNamespace", "ScheduledActionName", "ResourceId", "ScalableDimension")
async def delete_scheduled_action(context: ApiContext, call: Call) -> Mapping[str, Any]:
    named, name = finding.resource_id(call.parameters), call.parameters["ScheduledActionName"]

    def delete(tx: Transaction) -> None:
        row = finding.scheduled_action(tx, named, name)
        if row is None:
            raise faults.no_scheduled_action(named, name)
        tx.delete(SCHEDULED_ACTIONS, row.arn)

    await context.store.transact(delete)
    return {}


OPERATIONS: Mapping[str, Operation] = {
    "PutScheduledAction": Operation(put_scheduled_action),
    "DescribeScheduledActions": Operation(describe_scheduled_actions),
    "DeleteScheduledAction": Operation(delete_scheduled_action),
}
