"""The alarms that a target tracking policy owns, as AWS makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tidegate.control.decisions.scaling.tracking import LOW_PART
from tidegate.domain.cloudwatch import (
    AlarmActions,
    Metric,
    MetricAlarm,
    MetricQuery,
    MetricStat,
    initial_state,
)
from tidegate.domain.scaling import ScalingPolicy, TrackingConfiguration
from tidegate.domain.scaling.policy import CPU, MEMORY

PERIOD_SECONDS = 60
HIGH_PERIODS, LOW_PERIODS = 3, 15
_UTILISATIONS = {CPU: "CPUUtilization", MEMORY: "MemoryUtilization"}


def owned_alarms(policy: ScalingPolicy, now: datetime) -> tuple[MetricAlarm, ...]:
    """The alarms of a target tracking policy, under the names that it has for them, not evaluated yet; none
    of another policy. The high one comes first."""
    tracking = policy.tracking
    if tracking is None:
        return ()
    kinds = (
        ("GreaterThanThreshold", tracking.target_value, HIGH_PERIODS),
        ("LessThanThreshold", tracking.target_value * LOW_PART, LOW_PERIODS),
    )
    stat, queries = _metric(policy, tracking)
    return tuple(
        MetricAlarm(
            name=reference.name,
            arn=reference.arn,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {creator_of(policy)}.",
            configured_at=now,
            actions=AlarmActions(on_alarm=(creator_of(policy),)),
            state=initial_state(now),
            stat=stat,
            queries=queries,
            comparison=comparison,
            threshold=threshold,
            evaluation_periods=periods,
        )
        for reference, (comparison, threshold, periods) in zip(policy.alarms, kinds, strict=False)
    )


def creator_of(policy: ScalingPolicy) -> str:
    """The ARN by which a policy's own alarms call it."""
    return f"{policy.arn}:createdBy/{policy.creator}"


def is_as_made(alarm: MetricAlarm, made: MetricAlarm) -> bool:
    """Whether an alarm still is what the policy made it: its state and its tags are its own."""
    return restored(alarm, made) == alarm


def restored(alarm: MetricAlarm | None, made: MetricAlarm) -> MetricAlarm:
    """The alarm as the policy made it, with the state that it has."""
    return made if alarm is None else replace(made, **_own(alarm))


def _own(alarm: MetricAlarm) -> dict[str, Any]:
    return {
        name: getattr(alarm, name)
        for name in ("configured_at", "state", "newest", "evaluation_state", "tags")
    }


def _metric(
    policy: ScalingPolicy, tracking: TrackingConfiguration
) -> tuple[MetricStat | None, tuple[MetricQuery, ...]]:
    if tracking.customized is None:
        return _predefined(policy, tracking), ()
    if "Metrics" in tracking.customized:
        return None, tuple(map(query_of, tracking.customized["Metrics"]))
    given = tracking.customized
    return _stat(given, given["Statistic"], given.get("Unit")), ()


def _predefined(policy: ScalingPolicy, tracking: TrackingConfiguration) -> MetricStat:
    name = _UTILISATIONS.get(tracking.predefined_type or "")
    if name is None:
        balancer, _, group = (tracking.resource_label or "").partition("/targetgroup/")
        dimensions = (("LoadBalancer", balancer), ("TargetGroup", f"targetgroup/{group}"))
        requests = Metric(namespace="AWS/ApplicationELB", name="RequestCountPerTarget", dimensions=dimensions)
        return MetricStat(metric=requests, period=PERIOD_SECONDS, statistic="Sum")
    _, cluster, service = policy.resource_id.split("/")
    dimensions = (("ClusterName", cluster), ("ServiceName", service))
    metric = Metric(namespace="AWS/ECS", name=name, dimensions=dimensions)
    return MetricStat(metric=metric, period=PERIOD_SECONDS, statistic="Average", unit="Percent")


def query_of(given: Mapping[str, Any]) -> MetricQuery:
    """A query of a customised metric, at the alarms' period."""
    stat = given.get("MetricStat")
    return MetricQuery(
        id=given["Id"],
        stat=_stat(stat["Metric"], stat["Stat"], stat.get("Unit")) if stat else None,
        expression=given.get("Expression", ""),
        label=given.get("Label"),
        returns_data=given.get("ReturnData", True),
    )


def _stat(metric: Mapping[str, Any], statistic: str, unit: str | None) -> MetricStat:
    dimensions: Sequence[Mapping[str, str]] = metric.get("Dimensions", ())
    named = Metric(
        namespace=metric["Namespace"],
        name=metric["MetricName"],
        dimensions=tuple(sorted((one["Name"], one["Value"]) for one in dimensions)),
    )
    return MetricStat(metric=named, period=PERIOD_SECONDS, statistic=statistic, unit=unit)
