"""Scalable targets: register, describe, deregister."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.application_autoscaling import faults, finding, views
from tidegate.control.api.application_autoscaling.tag_input import with_tags
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.scaling_alarms import delete_alarms
from tidegate.control.store import Transaction
from tidegate.control.store.tables import (
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
)
from tidegate.domain.scaling import ScalableTarget, SuspendedState
from tidegate.domain.scaling.activity import OVERRIDDEN
from tidegate.wire import Call, Operation

TARGETS_MAX = 3000
_PAGE = 50
_ROLE_PATH = "/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
_ROLE = "AWSServiceRoleForApplicationAutoScaling_ECSService"


@honours(
    "ServiceNamespace",
    "ResourceId",
    "ScalableDimension",
    "MinCapacity",
    "MaxCapacity",
    "RoleARN",
    "SuspendedState",
    "Tags",
)
async def register_scalable_target(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Make a service scalable, or change what is given of its bounds. A role that is named is not kept:
    ECS's targets always have the service-linked one."""
    parameters = call.parameters
    named = finding.resource_id(parameters)

    def register(tx: Transaction) -> ScalableTarget:
        finding.service(context, tx, named)
        known = tx.get(SCALABLE_TARGETS, named)
        row = known or _new_target(context, tx, named, parameters)
        row = replace(
            row,
            min_capacity=parameters.get("MinCapacity", row.min_capacity),
            max_capacity=parameters.get("MaxCapacity", row.max_capacity),
            suspended=_suspended(row.suspended, parameters.get("SuspendedState") or {}),
            tags=with_tags(row.arn, row.tags, parameters.get("Tags") or {}),
            is_bounds_new=True,
        )
        check_bounds(row.min_capacity, row.max_capacity)
        tx.put(SCALABLE_TARGETS, row)
        return row

    row = await context.store.transact(register)
    return {"ScalableTargetARN": row.arn}


def _new_target(
    context: ApiContext, tx: Transaction, named: str, parameters: Mapping[str, Any]
) -> ScalableTarget:
    if "MinCapacity" not in parameters or "MaxCapacity" not in parameters:
        raise faults.invalid("MinCapacity and MaxCapacity must be set when a scalable target is registered.")
    if tx.state.count(SCALABLE_TARGETS) >= TARGETS_MAX:
        raise faults.limit_exceeded(f"There can be at most {TARGETS_MAX} scalable targets for ecs.")
    return ScalableTarget(
        arn=context.arns.scalable_target(context.ids.hex(36)),
        resource_id=named,
        service_arn=finding.service_arn(context, named),
        min_capacity=parameters["MinCapacity"],
        max_capacity=parameters["MaxCapacity"],
        role_arn=context.arns.iam("role", _ROLE, _ROLE_PATH),
        created_at=context.clock.now(),
    )


def check_bounds(minimum: int | None, maximum: int | None) -> None:
    """Raises ValidationException. None: not given."""
    if minimum is not None and minimum < 0:
        raise faults.invalid("Minimum capacity cannot be less than 0")
    if maximum is not None and maximum < (minimum or 0):
        raise faults.invalid("Maximum capacity cannot be less than minimum capacity")


def _suspended(present: SuspendedState, given: Mapping[str, bool]) -> SuspendedState:
    return SuspendedState(
        dynamic_scaling_in=given.get("DynamicScalingInSuspended", present.dynamic_scaling_in),
        dynamic_scaling_out=given.get("DynamicScalingOutSuspended", present.dynamic_scaling_out),
        scheduled_scaling=given.get("ScheduledScalingSuspended", present.scheduled_scaling),
    )


@honours("ServiceNamespace", "ResourceIds", "ScalableDimension", "MaxResults", "NextToken")
async def describe_scalable_targets(context: ApiContext, call: Call) -> Mapping[str, Any]:
    is_selected = finding.selection(call.parameters)
    rows = (row for row in context.store.snapshot.all(SCALABLE_TARGETS) if is_selected(row.resource_id))
    page = finding.page_of(rows, call.parameters, key=lambda row: row.resource_id, size_max=_PAGE)
    return {"ScalableTargets": [views.target(row) for row in page.rows], "NextToken": page.next_token}


@honours("ServiceNamespace", "ResourceId", "ScalableDimension")
async def deregister_scalable_target(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Forget a target with its policies, the alarms they own, and its scheduled actions. The service stays
    as it is; what was done to it is still described."""
    named = finding.resource_id(call.parameters)

    def deregister(tx: Transaction) -> None:
        if tx.get(SCALABLE_TARGETS, named) is None:
            raise faults.no_target(named)
        for policy in list(tx.by(SCALING_POLICIES, "target", named)):
            delete_alarms(tx, policy.alarms)
            tx.delete(SCALING_POLICIES, policy.arn)
        for action in list(tx.by(SCHEDULED_ACTIONS, "target", named)):
            tx.delete(SCHEDULED_ACTIONS, action.arn)
        for activity in list(tx.by(SCALING_ACTIVITIES, "open", named)):
            # Nobody looks any more whether it is fulfilled.
            ended = replace(activity, status_code=OVERRIDDEN, ended_at=context.clock.now())
            tx.put(SCALING_ACTIVITIES, ended)
        tx.delete(SCALABLE_TARGETS, named)

    await context.store.transact(deregister)
    return {}


@honours(
    "ServiceNamespace",
    "ResourceId",
    "ScalableDimension",
    "MaxResults",
    "NextToken",
    "IncludeNotScaledActivities",
)
async def describe_scaling_activities(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """What was done in the last six weeks, newest first."""
    is_selected = finding.selection(call.parameters)
    is_whole = call.parameters.get("IncludeNotScaledActivities", False)
    rows = (
        row
        for row in context.store.snapshot.all(SCALING_ACTIVITIES)
        if is_selected(row.resource_id) and (is_whole or not row.reasons)
    )
    page = finding.page_of(rows, call.parameters, key=views.activity_order, size_max=_PAGE, descending=True)
    return {"ScalingActivities": [views.activity(row) for row in page.rows], "NextToken": page.next_token}


OPERATIONS: Mapping[str, Operation] = {
    "RegisterScalableTarget": Operation(register_scalable_target, "the desired counts of ECS services only"),
    "DescribeScalableTargets": Operation(describe_scalable_targets),
    "DeregisterScalableTarget": Operation(deregister_scalable_target),
    "DescribeScalingActivities": Operation(describe_scaling_activities),
}
