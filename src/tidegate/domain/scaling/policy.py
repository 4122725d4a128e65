"""Scaling policies: how a metric moves a desired count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STEP = "StepScaling"
TARGET_TRACKING = "TargetTrackingScaling"
PREDICTIVE = "PredictiveScaling"

CPU = "ECSServiceAverageCPUUtilization"
MEMORY = "ECSServiceAverageMemoryUtilization"
REQUESTS = "ALBRequestCountPerTarget"

CHANGE = "ChangeInCapacity"
PERCENT = "PercentChangeInCapacity"
EXACT = "ExactCapacity"

# ECS's cooldown where a policy names none.
DEFAULT_COOLDOWN_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReference:
    name: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAdjustment:
    """Bounds are distances from the alarm's threshold; None is infinity."""

    lower: float | None
    upper: float | None
    adjustment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepConfiguration:
    """`cooldown_seconds` None: not given."""

    adjustment_type: str
    steps: tuple[StepAdjustment, ...]
    min_adjustment_magnitude: int | None = None
    cooldown_seconds: int | None = None
    metric_aggregation_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingConfiguration:
    """`predefined_type` with its `resource_label`, or `customized`, the specification as it was given.
    Cooldowns and `disable_scale_in` are None where not given."""

    target_value: float
    predefined_type: str | None = None
    resource_label: str | None = None
    customized: Mapping[str, Any] | None = None
    scale_out_cooldown_seconds: int | None = None
    scale_in_cooldown_seconds: int | None = None
    disable_scale_in: bool | None = None

    @property
    def metric(self) -> object:
        """What two policies of one target must not share."""
        return (self.predefined_type, self.resource_label, self.customized)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicy:
    """A policy of a scalable target; one of the three configurations is there, as `type` says.

    `predictive`: the configuration as it was given. `alarms`: those that the policy owns. `creator`: the
    id by which the policy's alarms name it. `datapoint_at`: of the newest datapoint that it acted upon.
    `told`: why it last did not scale, so that a lasting reason is recorded once.
    """

    arn: str
    name: str
    resource_id: str
    type: str
    created_at: datetime
    step: StepConfiguration | None = None
    tracking: TrackingConfiguration | None = None
    predictive: Mapping[str, Any] | None = None
    alarms: tuple[AlarmReference, ...] = ()
    creator: str = ""
    datapoint_at: datetime | None = None
    told: str | None = None
