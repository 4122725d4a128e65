"""Alarms as they are described."""

from __future__ import annotations

from typing import Any

from tidegate.control.api.cloudwatch.metric_input import dimension_list, query_view
from tidegate.domain.cloudwatch import SIMPLE, Alarm, CompositeAlarm, MetricAlarm


def alarm_view(alarm: Alarm) -> dict[str, Any]:
    view: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_at,
        "ActionsEnabled": alarm.actions.is_enabled,
        "OKActions": list(alarm.actions.on_ok),
        "AlarmActions": list(alarm.actions.on_alarm),
        "InsufficientDataActions": list(alarm.actions.on_insufficient),
        "StateValue": alarm.state.value,
        "StateReason": alarm.state.reason,
        "StateReasonData": alarm.state.data,
        "StateUpdatedTimestamp": alarm.state.updated_at,
        "StateTransitionedTimestamp": alarm.state.changed_at,
    }
    if isinstance(alarm, CompositeAlarm):
        return {**view, "AlarmRule": alarm.rule}
    return {**view, **_what(alarm), **_how(alarm)}


def _what(alarm: MetricAlarm) -> dict[str, Any]:
    if alarm.stat is None:
        return {"Metrics": [query_view(query) for query in alarm.queries]}
    statistic = alarm.stat.statistic
    return {
        "MetricName": alarm.stat.metric.name,
        "Namespace": alarm.stat.metric.namespace,
        "Dimensions": dimension_list(alarm.stat.metric),
        "Period": alarm.stat.period,
        "Unit": alarm.stat.unit,
        ("Statistic" if statistic in SIMPLE else "ExtendedStatistic"): statistic,
    }


def _how(alarm: MetricAlarm) -> dict[str, Any]:
    return {
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": alarm.treat_missing,
        "EvaluateLowSampleCountPercentile": alarm.low_samples,
        "EvaluationState": alarm.evaluation_state,
    }
