"""Targets, policies, scheduled actions and activities as clients read them."""

from __future__ import annotations

from typing import Any

from tidegate.domain.scaling import (
    NotScaledReason,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    StepAdjustment,
    StepConfiguration,
    SuspendedState,
    TrackingConfiguration,
)
from tidegate.domain.scaling.target import DIMENSION, NAMESPACE


def _of(resource_id: str) -> dict[str, Any]:
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource_id, "ScalableDimension": DIMENSION}


def target(row: ScalableTarget) -> dict[str, Any]:
    return {
        **_of(row.resource_id),
        "MinCapacity": row.min_capacity,
        "MaxCapacity": row.max_capacity,
        "RoleARN": row.role_arn,
        "CreationTime": row.created_at,
        "SuspendedState": _suspended(row.suspended),
        "ScalableTargetARN": row.arn,
    }


def _suspended(state: SuspendedState) -> dict[str, bool]:
    return {
        "DynamicScalingInSuspended": state.dynamic_scaling_in,
        "DynamicScalingOutSuspended": state.dynamic_scaling_out,
        "ScheduledScalingSuspended": state.scheduled_scaling,
    }


def alarms(row: ScalingPolicy) -> list[dict[str, str]]:
    return [{"AlarmName": alarm.name, "AlarmARN": alarm.arn} for alarm in row.alarms]


def policy(row: ScalingPolicy) -> dict[str, Any]:
    return {
        **_of(row.resource_id),
        "PolicyARN": row.arn,
        "PolicyName": row.name,
        "PolicyType": row.type,
        "StepScalingPolicyConfiguration": _step_configuration(row.step) if row.step else None,
        "TargetTrackingScalingPolicyConfiguration": _tracking(row.tracking) if row.tracking else None,
        "PredictiveScalingPolicyConfiguration": row.predictive,
        "Alarms": alarms(row),
        "CreationTime": row.created_at,
    }


def _step_configuration(step: StepConfiguration) -> dict[str, Any]:
    return {
        "AdjustmentType": step.adjustment_type,
        "StepAdjustments": [_step(one) for one in step.steps],
        "MinAdjustmentMagnitude": step.min_adjustment_magnitude,
        "Cooldown": step.cooldown_seconds,
        "MetricAggregationType": step.metric_aggregation_type,
    }


def _step(step: StepAdjustment) -> dict[str, Any]:
    return {
        "MetricIntervalLowerBound": step.lower,
        "MetricIntervalUpperBound": step.upper,
        "ScalingAdjustment": step.adjustment,
    }


def _tracking(tracking: TrackingConfiguration) -> dict[str, Any]:
    predefined = None
    if tracking.predefined_type is not None:
        predefined = {
            "PredefinedMetricType": tracking.predefined_type,
            "ResourceLabel": tracking.resource_label,
        }
    return {
        "TargetValue": tracking.target_value,
        "PredefinedMetricSpecification": predefined,
        "CustomizedMetricSpecification": tracking.customized,
        "ScaleOutCooldown": tracking.scale_out_cooldown_seconds,
        "ScaleInCooldown": tracking.scale_in_cooldown_seconds,
        "DisableScaleIn": tracking.disable_scale_in,
    }


def scheduled_action(row: ScheduledAction) -> dict[str, Any]:
    return {
        **_of(row.resource_id),
        "ScheduledActionName": row.name,
        "ScheduledActionARN": row.arn,
        "Schedule": row.schedule,
        "Timezone": row.timezone,
        "StartTime": row.begins_at,
        "EndTime": row.ends_at,
        "ScalableTargetAction": {"MinCapacity": row.min_capacity, "MaxCapacity": row.max_capacity},
        "CreationTime": row.created_at,
    }


def activity(row: ScalingActivity) -> dict[str, Any]:
    return {
        **_of(row.resource_id),
        "ActivityId": row.id,
        "Description": row.description,
        "Cause": row.cause,
        "StartTime": row.started_at,
        "EndTime": row.ended_at,
        "StatusCode": row.status_code,
        "StatusMessage": row.status_message or None,
        "NotScaledReasons": [_reason(reason) for reason in row.reasons] or None,
    }


def activity_order(row: ScalingActivity) -> str:
    """A text that sorts activities by their time, and those of an instant as they came."""
    return f"{row.started_at.timestamp():020.6f} {row.number:012d} {row.id}"


def _reason(reason: NotScaledReason) -> dict[str, Any]:
    return {
        "Code": reason.code,
        "MaxCapacity": reason.max_capacity,
        "MinCapacity": reason.min_capacity,
        "CurrentCapacity": reason.current_capacity,
    }
