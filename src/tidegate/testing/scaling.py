"""Scalable services of a test's own: through the API, and as what the scaling decision looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tidegate.control.decisions.scaling import AlarmView, Datapoint, PolicyView, ScalingSnapshot
from tidegate.control.decisions.scaling.snapshot import ServiceView
from tidegate.domain.scaling import (
    AlarmReference,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    StepAdjustment,
    StepConfiguration,
    TrackingConfiguration,
)
from tidegate.domain.scaling.policy import CHANGE, CPU, STEP, TARGET_TRACKING
from tidegate.domain.time import time_zone
from tidegate.testing.builders import ARNS, BEFORE, CLUSTER
from tidegate.testing.clock import EPOCH

RESOURCE = f"service/{CLUSTER}/web"
# What every request about the service's desired count names.
SCALED = {"ServiceNamespace": "ecs", "ResourceId": RESOURCE, "ScalableDimension": "ecs:service:DesiredCount"}


def a_scalable_target(minimum: int = 1, maximum: int = 10, **more: Any) -> ScalableTarget:
    """Of the service `web`; its bounds have taken effect."""
    row = ScalableTarget(
        arn=ARNS.scalable_target("1" * 36),
        resource_id=RESOURCE,
        service_arn=ARNS.service(CLUSTER, "web"),
        min_capacity=minimum,
        max_capacity=maximum,
        role_arn="",
        created_at=BEFORE,
        is_bounds_new=False,
    )
    return replace(row, **more)


def a_tracking_policy(
    name: str = "cpu", *, target: float = 60, out: int | None = None, back: int | None = None, **more: Any
) -> ScalingPolicy:
    """`out`, `back`: its cooldowns in seconds. Its alarms are NAME-high and NAME-low."""
    configuration = TrackingConfiguration(
        target_value=target,
        predefined_type=CPU,
        scale_out_cooldown_seconds=out,
        scale_in_cooldown_seconds=back,
        disable_scale_in=more.pop("disable_scale_in", None),
    )
    sides = ("high",) if configuration.disable_scale_in else ("high", "low")
    row = ScalingPolicy(
        arn=ARNS.scaling_policy(name, RESOURCE, name),
        name=name,
        resource_id=RESOURCE,
        type=TARGET_TRACKING,
        created_at=BEFORE,
        tracking=configuration,
        alarms=tuple(
            AlarmReference(name=f"{name}-{side}", arn=ARNS.alarm(f"{name}-{side}")) for side in sides
        ),
    )
    return replace(row, **more)


def a_step_policy(
    name: str = "steps",
    *steps: tuple[float | None, float | None, int],
    kind: str = CHANGE,
    cooldown: int | None = None,
    magnitude: int | None = None,
    **more: Any,
) -> ScalingPolicy:
    """`steps`: lower bound, upper bound, adjustment."""
    row = ScalingPolicy(
        arn=ARNS.scaling_policy(name, RESOURCE, name),
        name=name,
        resource_id=RESOURCE,
        type=STEP,
        created_at=BEFORE,
        step=StepConfiguration(
            adjustment_type=kind,
            steps=tuple(StepAdjustment(lower=low, upper=high, adjustment=by) for low, high, by in steps),
            cooldown_seconds=cooldown,
            min_adjustment_magnitude=magnitude,
        ),
    )
    return replace(row, **more)


def an_action(name: str = "night", schedule: str = "rate(1 day)", **more: Any) -> ScheduledAction:
    """Due at the epoch unless `next_at` says otherwise."""
    row = ScheduledAction(
        arn=ARNS.scheduled_action(name, RESOURCE, name),
        name=name,
        resource_id=RESOURCE,
        schedule=schedule,
        created_at=BEFORE,
        next_at=EPOCH,
    )
    return replace(row, **more)


def an_activity(number: int = 1, **more: Any) -> ScalingActivity:
    """In progress."""
    row = ScalingActivity(
        id=str(number),
        resource_id=RESOURCE,
        number=number,
        description="",
        cause="",
        started_at=EPOCH,
        desired_count=number,
    )
    return replace(row, **more)


def alarmed(
    policy: ScalingPolicy, value: float, *, side: str = "high", threshold: float = 0, at: datetime = EPOCH
) -> PolicyView:
    """A policy with one alarm in ALARM, and the newest value of its metric."""
    newest = Datapoint(at=at, value=value)
    alarm = AlarmView(name=f"{policy.name}-{side}", threshold=threshold, newest=newest)
    return PolicyView(policy=policy, alarms=(alarm,))


def quiet(policy: ScalingPolicy) -> PolicyView:
    """A policy without an alarm in ALARM."""
    return PolicyView(policy=policy)


def a_snapshot(
    *policies: PolicyView,
    desired: int = 1,
    running: int | None = None,
    is_deploying: bool = False,
    **more: Any,
) -> ScalingSnapshot:
    """A steady service unless told otherwise."""
    running = desired if running is None else running
    row = ScalingSnapshot(
        target=a_scalable_target(),
        service=ServiceView(desired=desired, running=running, is_deploying=is_deploying),
        zone_of=lambda name: time_zone(name) or UTC,
        policies=policies,
    )
    return replace(row, **more)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
