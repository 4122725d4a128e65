"""Scaling policies: put, describe, delete; forecasts are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.application_autoscaling import faults, finding, views
from tidegate.control.api.application_autoscaling.alarms import with_alarms
from tidegate.control.api.application_autoscaling.predictive_input import (
    NO_FORECASTS,
    predictive_configuration,
)
from tidegate.control.api.application_autoscaling.step_input import step_configuration
from tidegate.control.api.application_autoscaling.tracking_input import tracking_configuration
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.scaling_alarms import delete_alarms
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SCALING_POLICIES
from tidegate.domain.scaling import ScalableTarget, ScalingPolicy
from tidegate.domain.scaling.policy import PREDICTIVE, STEP, TARGET_TRACKING
from tidegate.wire import Call, Operation

POLICIES_MAX = 50
_PAGE = 10
_BLOCKS = {
    STEP: "StepScalingPolicyConfiguration",
    TARGET_TRACKING: "TargetTrackingScalingPolicyConfiguration",
    PREDICTIVE: "PredictiveScalingPolicyConfiguration",
}


@honours("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyType", *_BLOCKS.values())
async def put_scaling_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Make a policy, or put another in its place; its ARN stays. Target tracking makes its own alarms."""
    named = finding.resource_id(call.parameters)

    def put(tx: Transaction) -> ScalingPolicy:
        target = finding.registered(tx, named)
        row = _policy(context, tx, target, call.parameters)
        tx.put(SCALING_POLICIES, row)
        return row

    row = await context.store.transact(put)
    return {"PolicyARN": row.arn, "Alarms": views.alarms(row)}


def _policy(
    context: ApiContext, tx: Transaction, target: ScalableTarget, parameters: Mapping[str, Any]
) -> ScalingPolicy:
    configuration = _configuration(context, tx, target, parameters)
    name = parameters["PolicyName"]
    others = [row for row in tx.by(SCALING_POLICIES, "target", target.resource_id) if row.name != name]
    known = finding.policy(tx, target.resource_id, name)
    if known is None and len(others) >= POLICIES_MAX:
        raise faults.limit_exceeded(f"A scalable target can have at most {POLICIES_MAX} scaling policies.")
    policy_id = context.ids.uuid()
    row = ScalingPolicy(
        arn=known.arn if known else context.arns.scaling_policy(policy_id, target.resource_id, name),
        name=name,
        resource_id=target.resource_id,
        type=parameters.get("PolicyType", STEP),
        created_at=known.created_at if known else context.clock.now(),
        creator=known.creator if known else context.ids.uuid(),
        **configuration,
    )
    _check_metric(row, others)
    return with_alarms(context, tx, row, known)


def _configuration(
    context: ApiContext, tx: Transaction, target: ScalableTarget, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The one configuration that the policy's type asks for, as a member of ScalingPolicy."""
    kind = parameters.get("PolicyType", STEP)
    given = parameters.get(_BLOCKS[kind])
    if any(block in parameters for other, block in _BLOCKS.items() if other != kind):
        raise faults.invalid(
            "You must only provide a single scaling policy configuration, which must match the scaling "
            "policy type specified."
        )
    if given is None:
        raise faults.invalid(f"{kind} policy configuration must be specified")
    if kind == STEP:
        return {"step": step_configuration(given)}
    service = finding.service(context, tx, target.resource_id)
    if kind == TARGET_TRACKING:
        return {"tracking": tracking_configuration(tx, context.arns, service, given)}
    return {"predictive": predictive_configuration(tx, context.arns, service, given)}


def _check_metric(row: ScalingPolicy, others: list[ScalingPolicy]) -> None:
    taken = [other.tracking.metric for other in others if other.tracking]
    if row.tracking is not None and row.tracking.metric in taken:
        text = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
        raise faults.invalid(text)


@honours("PolicyNames", "ServiceNamespace", "ResourceId", "ScalableDimension", "MaxResults", "NextToken")
async def describe_scaling_policies(context: ApiContext, call: Call) -> Mapping[str, Any]:
    is_selected, names = finding.selection(call.parameters), call.parameters.get("PolicyNames")
    rows = (
        row
        for row in context.store.snapshot.all(SCALING_POLICIES)
        if is_selected(row.resource_id) and (not names or row.name in names)
    )
    page = finding.page_of(
        rows, call.parameters, key=lambda row: f"{row.resource_id} {row.name}", size_max=_PAGE
    )
    return {"ScalingPolicies": [views.policy(row) for row in page.rows], "NextToken": page.next_token}


@honours("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension")
async def delete_scaling_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a policy and the alarms that it owns; alarms of a user's stay."""
    named, name = finding.resource_id(call.parameters), call.parameters["PolicyName"]

    def delete(tx: Transaction) -> None:
        row = finding.policy(tx, named, name)
        if row is None:
            raise faults.no_policy(named, name)
        delete_alarms(tx, row.alarms)
        tx.delete(SCALING_POLICIES, row.arn)

    await context.store.transact(delete)
    return {}


@honours("ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName", "StartTime", "EndTime")
async def get_predictive_scaling_forecast(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Refused for a policy that is there: there is no forecast of it."""
    named, name = finding.resource_id(call.parameters), call.parameters["PolicyName"]
    row = finding.policy(context.store.snapshot, named, name)
    if row is None or row.type != PREDICTIVE:
        raise faults.invalid(f"No predictive scaling policy named {name} was found for {named}.")
    if call.parameters["StartTime"] >= call.parameters["EndTime"]:
        raise faults.invalid("StartTime must be before EndTime")
    raise faults.invalid(f"{NO_FORECASTS}: there is no forecast for the policy {name}.")


OPERATIONS: Mapping[str, Operation] = {
    "PutScalingPolicy": Operation(
        put_scaling_policy,
        "no predictive policies that scale (ForecastAndScale), and none on high-resolution utilizations",
    ),
    "DescribeScalingPolicies": Operation(describe_scaling_policies),
    "DeleteScalingPolicy": Operation(delete_scaling_policy),
    "GetPredictiveScalingForecast": Operation(
        get_predictive_scaling_forecast, "refused for every policy: nothing is forecast"
    ),
}
